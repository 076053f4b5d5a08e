"""Every example of every shipped rule runs through the whole engine."""

from __future__ import annotations

import pytest

from planparse import rules
from planparse.examples import Example, examples_in, failures


def _named(example: Example) -> str:
    return f"{example.rule}-{example.text[:24]}"


@pytest.mark.parametrize("example", list(examples_in(rules.folder())), ids=_named)
def test_example_of_a_rule(example: Example) -> None:
    found = failures(example, rules.load())
    assert not found, f"{example.place}: rule {example.rule}: {example.text}: {'; '.join(found)}"
