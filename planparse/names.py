"""Names that a clause leaves incomplete: subjects of the clause before, and members of a list.

A name is completed only from its own sentence (contract, name).
"""

from __future__ import annotations

import re

from planparse.lexicon import Lexicon
from planparse.quantities import Quantity
from planparse.sentence import Sentence, Span

_BRACKETS = re.compile("[(（][^()（）]*[)）]")


def complete(sentence: Sentence, name: str, q: Quantity, subject: Span, last: tuple[str, str | None] | None) -> str:
    """A name whose subject the clause left out, completed; unchanged where nothing is missing.

    `last`: name and unit of the target (or achieved value) read before it in the sentence.
    """
    x = sentence.x
    if not name:
        return last[0] if last else _measured_before(sentence, subject)
    if last is None:
        if len(name) <= 3 and x.measured(name):
            clause = sentence.previous_clause(subject[0])
            if clause is not None:
                whole = sentence.name(sentence.subject(clause))
                for word in x.within:
                    whole = whole.replace(word, "")
                return whole + name
        return _topic(sentence, subject[0], name) + name if q.unit == ":1" else name
    before, unit = last
    per_head = x.per_head.match(before)
    if per_head and "、" in sentence.text[subject[0] - 1 : subject[0] + 1]:
        return name if x.per_head.match(name) or x.measured(name) else before[: per_head.end()] + name
    qualifier = x.qualifiers.match(name)
    tail = name[qualifier.end() :] if qualifier else ""
    if tail and before.endswith(tail) and len(before) > len(tail):
        return before[: -len(tail)] + name
    if q.unit == unit and len(name) >= 2 and before.endswith(name):
        return before
    if q.unit == unit and x.place.fullmatch(_BRACKETS.sub("", name)):
        return name + before
    if x.of_last.match(name):
        return before + name
    if q.unit == unit and not x.measured(name):
        borrows = x.topic_end.search(name) and x.measured(before)
        if borrows or unit == ":1":
            return name + _measure_of(before, x)
    return _topic(sentence, subject[0], name) + name if q.unit == ":1" else name


def _measured_before(sentence: Sentence, subject: Span) -> str:
    """The measure that the clause before names (提高农村卫生厕所普及率, 2025年达到85%)."""
    clause = sentence.previous_clause(subject[0])
    if clause is None:
        return ""
    spans = sentence.subject(clause)
    return sentence.name(spans) if sentence.x.measured(sentence.words(spans)) else ""


def _topic(sentence: Sentence, at: int, name: str) -> str:
    """X在新建和改建时, …: the place that the clause before names for the ones after it."""
    clause = sentence.previous_clause(at)
    m = sentence.x.topic.match(sentence.text, *clause) if clause else None
    if not m or not clause:
        return ""
    topic = sentence.raw[clause[0] : m.end(1)]
    return "" if topic in name else topic


def _measure_of(name: str, x: Lexicon) -> str:
    """What is measured in a name, without whom it is measured of (小学生每天睡眠时间 -> 每天睡眠时间)."""
    ends = [m.end() for m in x.holders.finditer(name)]
    ends = [e for e in ends if e < len(name) - 2 and not x.measured_holders.suffix(name, 0, e)]
    return name[ends[-1] :] if ends else name


def thing_before(sentence: Sentence, at: int, q: Quantity, last: tuple[str, str | None] | None) -> str:
    """What a clause without a thing of its own counts: the last target's, or the thing of the clause before."""
    if last is not None and last[1] == q.unit and q.unit_class != "times":
        return last[0]
    clause = sentence.previous_clause(at)
    if clause is None:
        return last[0] if last else ""
    inside = [n.after_end for n in sentence.found if clause[0] <= n.start < clause[1]]
    behind = sentence.x.provides(sentence.text, inside[-1], clause[1]) if inside else None
    if behind and behind[1] < clause[1] - 1:
        return sentence.name([sentence.without_tail((behind[1], clause[1]))])
    spans = sentence.subject(clause, provide=True)
    name = sentence.name(spans)
    words = sentence.words(spans)
    verb = sentence.x.provides(words, 0, len(words))
    return name[verb[1] :] if verb and verb[1] < len(name) - 1 else name


def members(words: str, count: int, x: Lexicon) -> list[str]:
    """The names of a list's members, each with the prefix or measure that it shares with the others.

    A list that does not split into `count` members gives its whole name to each.
    """
    parts = [p for p in words.split("、") if p]
    if 0 < len(parts) < count:
        tail = x.conjunctions.split(parts[-1])
        if len(parts) - 1 + len(tail) == count:
            parts = [*parts[:-1], *tail]
        else:
            parts = [p for part in parts for p in x.conjunctions.split(part) if p]
    if len(parts) != count:
        return [words] * count
    first, last = parts[0], parts[-1]
    holder = x.holders.search(first)
    prefix = first[: holder.end()] if holder and holder.end() < len(first) else ""
    if x.measured(last) and not x.measured(first):
        shared = _shared_tail(first, last, x)
        heads = [p.removesuffix(shared) for p in parts]
        rest = [prefix + h if len(h) <= 4 and not x.holders.search(h) else h for h in heads[1:]]
        return [head + shared for head in (heads[0], *rest)]
    return [first, *(p if x.holders.search(p) else prefix + p for p in parts[1:])]


def _shared_tail(first: str, last: str, x: Lexicon) -> str:
    """What the members of a list share behind their heads (新生儿、婴儿和5岁以下儿童死亡率: 死亡率)."""
    if among := x.among.search(last, 1, len(last) - 1):
        return last[among.start() :]
    at = last.rfind(first[-1])
    if 0 < at < len(last) - 2 and not x.holder_endings.suffix(first, 0, len(first)):
        return last[at + 1 :]
    ends = [m.end() for m in x.holders.finditer(last) if m.end() < len(last) - 1]
    if ends:
        return last[ends[-1] :]
    measure = x.measures.suffix(last, 0, len(last))
    if not measure:
        return ""
    # 率 and 减排量 alone are not yet measures: 死亡率 and 重点减排量 are.
    return last[max(0, len(last) - len(measure) - (2 if len(measure) < 4 else 0)) :]
