"""The way of a document through the engine: blocks -> structure -> targets -> contract.

Data flows one way; this module is the only one that knows all the stages.
"""

from __future__ import annotations

from planparse import rules as packs
from planparse.assemble import assemble
from planparse.blocks import blocks_of
from planparse.document import Document
from planparse.errors import NoPlanError
from planparse.rules import Rules
from planparse.structure import plans_of

TYPE_CHECKING = False  # importing typing costs 3 ms of every start
if TYPE_CHECKING:
    from typing import Any


def extract(document: Document, rules: Rules | None = None) -> list[dict[str, Any]]:
    """The plans of a document, in the terms of the output contract and ready for JSON.

    The same document and rules give the same result, run after run. Raises NoPlanError for a text without a plan,
    RulesError for rules from outside that take too long or break the engine.
    """
    rules = rules or packs.load()
    with rules.watch(len(document.text)):
        blocks = blocks_of(document, rules)
        notice, drafts = plans_of(blocks, document.text, rules)
        if not drafts:
            raise NoPlanError(document.name or "<text>", "holds no plan: no title and no numbered chapters were found")
        return [assemble(document, notice, draft, rules) for draft in drafts]
