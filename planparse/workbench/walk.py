"""The way of a document through the engine once more, piece by piece, with notes on every number.

The reading is the engine's own: `NotingReader` only writes down what each step of it said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from planparse.blocks import blocks_of
from planparse.document import Document
from planparse.quantities import Quantity, quantities
from planparse.responsible import responsible_in
from planparse.rules import Rule, Rules
from planparse.sentence import Left, Sentence, Span
from planparse.structure import Piece, PlanDraft, Section, plans_of
from planparse.targets import Found, Reader, Reading, Target, read_piece


@dataclass(slots=True)
class Note:
    """What the reader made of one number.

    `left`: what stood before it, None where the number was never read because a guard's pattern covers it;
    `steps`: the steps taken, in order; `target`: what came of it.
    """

    quantity: Quantity
    left: Left | None = None
    steps: list[str] = field(default_factory=list)
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class WalkedPiece:
    """One piece of a plan: where it stands, what was read from it, and a note on each of its numbers."""

    plan: PlanDraft
    section: Section
    piece: Piece
    blocked: list[Span]
    reading: Reading
    notes: list[Note]


class NotingReader(Reader):
    """A reader of targets that notes, for each number, the steps it took."""

    def __init__(self, sentence: Sentence, out: Reading, notes: dict[int, Note]) -> None:
        super().__init__(sentence, out)
        self._notes = notes

    def _note(self, q: Quantity, step: str, left: Left | None = None) -> None:
        note = self._notes.setdefault(q.start, Note(q))
        note.left = note.left or left
        if step not in note.steps:
            note.steps.append(step)

    def _guarded(self, q: Quantity, left: Left | None) -> bool:
        guarded = super()._guarded(q, left)
        if left is not None:
            self._note(q, "held back by a guard" if guarded else "no guard holds it back", left)
        return guarded

    def _chinese_counts(self, q: Quantity, left: Left) -> bool:
        counts = super()._chinese_counts(q, left)
        self._note(q, f"a Chinese numeral that {'counts' if counts else 'is no number here'}", left)
        return counts

    def _starts_from(self, i: int, q: Quantity) -> bool:
        starts = super()._starts_from(i, q)
        if starts:
            self._note(q, "where a change starts from, no target itself")
        return starts

    def _read_list(self, i: int, group: list[Quantity], left: Left) -> bool:
        read = super()._read_list(i, group, left)
        step = f"a list of {len(group)}" + ("" if read else " without names for its members")
        for q in group:
            self._note(q, step)
        return read

    def _frame(self, i: int, q: Quantity, left: Left) -> Found:
        found = super()._frame(i, q, left)
        frame = f"frame {left.frame() or 'bare'}"
        if found is None:
            self._note(q, f"{frame}: nothing commits to the number")
        else:
            self._note(q, f"{frame}: rule {found[0].id}" + ("" if found[1] else ", but no name is left"))
        return found

    def _emit(
        self, rule: Rule, q: Quantity, left: Left, name: str, start: int, end: int, deadline: int | None = None
    ) -> None:
        super()._emit(rule, q, left, name, start, end, deadline)
        self._note(q, f"target by rule {rule.id}", left)
        self._notes[q.start].target = self.out.targets[-1]


def walk(document: Document, rules: Rules) -> Iterator[WalkedPiece]:
    """Every piece of running text of every plan of a document, in order. Raises RulesError as `pipeline.extract`."""
    with rules.watch(len(document.text)):
        _, drafts = plans_of(blocks_of(document, rules), document.text, rules)
        for plan in drafts:
            for section in plan.walk():
                for piece in section.pieces:
                    yield _walked(plan, section, piece, rules)


def _walked(plan: PlanDraft, section: Section, piece: Piece, rules: Rules) -> WalkedPiece:
    view = piece.view
    blocked = [(b.start, b.end) for b in responsible_in(view.text, view.raw, rules)]
    notes: dict[int, Note] = {}
    reading = read_piece(view, blocked, rules, lambda sentence, out: NotingReader(sentence, out, notes))
    found = quantities(view.text, rules)
    return WalkedPiece(plan, section, piece, blocked, reading, [notes.get(q.start, Note(q)) for q in found])
