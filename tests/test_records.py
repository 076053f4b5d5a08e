"""The engine's records behave as the standard dataclasses that type checkers take them for."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from planparse import records
from planparse.document import Document, Note

NOTE = Note("code", "info", "message", 1, 2)
DOCUMENT = Document("text", None, "text/plain", "0", notes=(NOTE,))


def standard(cls: type) -> type:
    """The same class made by the standard library."""

    class Twin:
        __annotations__ = cls.__annotations__

    Twin.__qualname__ = cls.__qualname__
    return dataclasses.dataclass(frozen=True)(Twin)


def test_fields_order_and_words_are_those_of_the_standard_library() -> None:
    values = [getattr(NOTE, name) for name in Note.__annotations__]
    assert repr(NOTE) == repr(standard(Note)(*values))
    assert Note(*values) == NOTE
    assert hash(Note(*values)) == hash(NOTE)


def test_another_value_or_kind_is_not_the_same() -> None:
    assert records.replace(NOTE, start=0) != NOTE
    assert NOTE != "code"


def test_a_missing_or_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="message"):
        Note("code", "info", start=1, end=2)  # type: ignore[call-arg]  # the point of the test
    with pytest.raises(TypeError, match="colour"):
        records.replace(NOTE, colour="red")


def test_replace_copies_and_slots_hold_nothing_else() -> None:
    other = records.replace(DOCUMENT, name="a.txt")
    assert (other.name, other.text, other.notes, DOCUMENT.name) == ("a.txt", "text", (NOTE,), None)
    assert not hasattr(other, "__dict__")


def test_made_defaults_are_not_shared() -> None:
    @records.dataclass(slots=True, eq=False)
    class Bag:
        things: list[int] = records.field(default_factory=list)

    first, second = Bag(), Bag()
    first.things.append(1)
    assert (first.things, second.things, Bag([2]).things) == ([1], [], [2])


def test_records_cross_processes() -> None:
    assert pickle.loads(pickle.dumps(DOCUMENT)) == DOCUMENT
