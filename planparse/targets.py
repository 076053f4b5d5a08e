"""Targets in running text: every number that survives the guards is read to its left and right.

For each quantity: the bound and verb before it choose the frame (level, change, provide); the words before and after
give the name; the sentence gives period, deadline and baseline. Which words do what is data (rules/frames.yaml,
rules/names.yaml, rules/non-targets.yaml); this module is the reading order.

Guarantees of this stage: a number becomes at most one target per name; value_text lies in the evidence; every name is
made of source characters only.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from planparse.quantities import Quantity, quantities
from planparse.rules import Rule, Rules, alternation
from planparse.text import View

Span = tuple[int, int]


@dataclass(slots=True)
class Target:
    """One target as read, in view offsets of its piece.

    `name`: view spans whose characters make up the name; `value`: span of the words that carry the value;
    `evidence`: span of the clause; `baseline`: (value, unit, year), any may be None.
    """

    rule: str
    name: str
    evidence: Span
    value_span: Span
    kind: str = "quantitative"
    comparator: str | None = None
    value: float | None = None
    value_max: float | None = None
    unit: str | None = None
    per: str | None = None
    direction: str | None = None
    change: bool = False
    baseline: tuple[float | None, str | None, int | None] | None = None
    deadline: int | None = None
    achieved: bool = False
    year: int | None = None


@dataclass(slots=True)
class Reading:
    """What one piece of text gave: targets (achieved values marked), and numbers that no rule claimed."""

    targets: list[Target] = field(default_factory=list)
    unclaimed: list[Span] = field(default_factory=list)


# ---------------------------------------------------------------------------------------------------------------------
# The lexicon, built once from the packs


@dataclass(slots=True)
class _Guard:
    id: str
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    units: set[str]


@dataclass(slots=True)
class _Lexicon:
    left: dict[str, tuple[str, Rule]]
    left_longest: int
    lead: list[str]
    provide: list[str]
    inner_verb: re.Pattern[str]
    tail: re.Pattern[str]
    per: re.Pattern[str]
    per_of: dict[str, str]
    deadline: re.Pattern[str]
    base_year: re.Pattern[str]
    drop: re.Pattern[str]
    place: re.Pattern[str]
    past: re.Pattern[str]
    future: re.Pattern[str]
    no_bare: re.Pattern[str]
    bare: Rule
    share: Rule
    measure: re.Pattern[str]
    rate_noun: re.Pattern[str]
    rate_fall: re.Pattern[str]
    holders: re.Pattern[str]
    qualifiers: re.Pattern[str]
    zones: re.Pattern[str]
    loose_zones: re.Pattern[str]
    guards: list[_Guard]
    level_noun: re.Pattern[str]
    topic_end: re.Pattern[str]
    not_per: re.Pattern[str]
    shared_tail: re.Pattern[str]
    level_mark: re.Pattern[str]
    standard: re.Pattern[str]
    early_bound: re.Pattern[str]
    bound_of: dict[str, str]
    share_base: re.Pattern[str]
    nominal: re.Pattern[str]
    promise: re.Pattern[str]
    change_verbs: dict[str, Rule]


def _lexicon(rules: Rules) -> _Lexicon:
    left: dict[str, tuple[str, Rule]] = {}
    for rule in rules.of("filler"):
        if rule.emit["place"] == "inner":
            left.update(dict.fromkeys(rule.words, ("filler", rule)))
    for rule in rules.of("per"):
        left.update(dict.fromkeys(rule.words, ("per", rule)))
    for rule in rules.of("frame"):
        if not rule.where and not rule.pattern:
            left.update(dict.fromkeys(rule.words, ("verb", rule)))
    for rule in rules.of("bound"):
        if rule.emit["place"] == "before":
            left.update(dict.fromkeys(rule.words, ("bound", rule)))
    frames = {r.id: r for r in rules.of("frame")}

    def context(part: str) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{p})" for p in rules.patterns("context", part=part)) or "$^")

    provide = [w for r in rules.of("frame") if r.emit["frame"] == "provide" and not r.where for w in r.words]
    kept = {w for r in rules.of("frame") if r.emit.get("keep") for w in r.words}
    guards, zones, loose = [], [], []
    for rule in rules.of("guard"):
        if rule.pattern:
            (loose if rule.where.get("unless") == "bound" else zones).append(f"(?:{rule.pattern})")
        else:
            guards.append(
                _Guard(
                    rule.id,
                    re.compile(f"(?:{rule.before})$") if rule.before else None,
                    re.compile(rule.after) if rule.after else None,
                    set(rule.units),
                )
            )
    bounds = {w: r.emit["comparator"] for r in rules.of("bound") if r.emit["place"] == "before" for w in r.words}
    measures = alternation(rules.words("measure"))
    shared = alternation([w for r in rules.of("measure") for w in r.words if len(w) > 1])
    return _Lexicon(
        left,
        max(map(len, left)),
        rules.words("filler", place="lead"),
        sorted({w for w in provide if len(w) >= 2} - kept, key=lambda w: (-len(w), w)),
        re.compile("|".join(rules.patterns("context", part="inner-verb")) or "$^"),
        re.compile(f"(?:{alternation(rules.words('filler', place='tail'))})+$"),
        re.compile(alternation([w for r in rules.of("per") for w in r.words])),
        {w: r.emit["per"] for r in rules.of("per") for w in r.words},
        context("deadline"),
        context("baseline-year"),
        context("drop"),
        context("place"),
        context("past"),
        context("future"),
        re.compile(f"{frames['level.bare'].pattern}$"),
        frames["level.bare"],
        frames["share.of"],
        re.compile(rf"(?:{measures})(?:\([^()]*\))?$"),
        context("rate-noun"),
        context("rate-fall"),
        re.compile(alternation([w for r in rules.of("holder") if not r.where for w in r.words])),
        re.compile(alternation([w for r in rules.of("holder") if r.where for w in r.words])),
        re.compile("|".join(zones)),
        re.compile("|".join(loose) or "$^"),
        guards,
        context("level-noun"),
        context("topic-end"),
        context("not-per"),
        re.compile(rf"[\u3400-\u9fff]{{2}}(?:率|数|{shared})$"),
        context("level-mark"),
        context("standard"),
        re.compile(rf"({alternation([w for w in bounds if len(w) > 1])})[\u3400-\u9fff]{{1,6}}$"),
        bounds,
        context("share-base"),
        context("nominal"),
        context("promise"),
        {w: r for r in rules.of("frame") if r.emit["frame"] == "change" for w in r.words if len(w) > 1},
    )


# ---------------------------------------------------------------------------------------------------------------------
# Reading one piece


def read_piece(view: View, blocked: Sequence[Span], rules: Rules) -> Reading:
    """All quantitative targets of a paragraph view. `blocked`: spans (brackets of responsible units) to leave out."""
    out = Reading()
    found = [
        q for q in quantities(view.text, rules) if not any(s <= q.start and q.end <= e for s, e in blocked)
    ]
    if not found:
        return out
    lexicon = rules.compiled("targets", _lexicon)
    cuts = sorted({0, len(view.text), *(e for _, e in blocked), *(s for s, _ in blocked), *_sentence_ends(view.text)})
    starts = [q.start for q in found]
    for begin, end in zip(cuts, cuts[1:], strict=False):
        inside = found[bisect_left(starts, begin) : bisect_left(starts, end)]
        if inside:
            _Sentence(view, begin, end, inside, lexicon, out).read()
    return out


# 和, 及, 与 as conjunctions, not as parts of words (普及, 涉及, 参与, 和谐).
_AND = re.compile("以及|(?<![总共])和(?![谐平解])|(?<![普涉以])及(?![其格以时])|(?<!参)与(?!会)")


def _sentence_ends(text: str) -> list[int]:
    return [m.end() for m in re.finditer("[。!?]", text)]


@dataclass(slots=True)
class _Left:
    """What stands before a number: `at`: where the name's words end; `value_start`: where the value's words begin."""

    at: int
    value_start: int
    verb: Rule | None = None
    verb_span: Span | None = None
    bound: str | None = None
    per: str | None = None
    each: bool = False
    respectively: bool = False
    baseline: Quantity | None = None


class _Sentence:
    """Reads the quantities of one sentence [begin, end) in order; what one reads, the next may build on."""

    def __init__(
        self, view: View, begin: int, end: int, found: list[Quantity], lexicon: _Lexicon, out: Reading
    ) -> None:
        self.view, self.text, self.raw = view, view.text, view.raw
        self.begin, self.end, self.x, self.out = begin, end, lexicon, out
        strict = [m.span() for m in lexicon.zones.finditer(self.text, begin, end)]
        loose = [m.span() for m in lexicon.loose_zones.finditer(self.text, begin, end)]
        self.loose = loose
        self.found = [q for q in found if not any(s <= q.start and q.end <= e for s, e in strict)]
        self.seps = [m.start() for m in re.finditer("[,;:]", self.text[begin:end])]
        self.seps = [begin + s for s in self.seps if self._depth(begin + s) == 0 and not self._in_number(begin + s)]
        self.last: Target | None = None
        self.last_left: _Left | None = None
        self.last_end = begin
        self.achieved_before: Target | None = None
        self.done: set[int] = set()
        self.timed = False

    def read(self) -> None:
        for i, q in enumerate(self.found):
            if i in self.done:
                continue
            if not self._read_one(i, q) and i not in self.done and not self._is_guarded(q) and not q.chinese:
                self.out.unclaimed.append((q.start, q.end))

    # --- places in the sentence ---------------------------------------------------------------------------------------

    def _depth(self, at: int) -> int:
        """How many brackets or title marks are open at an offset, counted from the sentence's start."""
        part = self.text[self.begin : at]
        return max(0, part.count("(") - part.count(")")) + max(0, part.count("《") - part.count("》"))

    def _in_number(self, at: int) -> bool:
        return any(q.start < at < q.end for q in self.found)

    def _clause_start(self, at: int) -> int:
        i = bisect_left(self.seps, at)
        return self.seps[i - 1] + 1 if i else self.begin

    def _clause_end(self, at: int) -> int:
        i = bisect_left(self.seps, at)
        end = self.seps[i] if i < len(self.seps) else self.end
        while end > at and self.text[end - 1] in "。!?":
            end -= 1
        return end

    # --- left of a number ---------------------------------------------------------------------------------------------

    def _read_left(self, q: Quantity) -> _Left:
        low = max(self._clause_start(q.start), self.last_end if self.last_end <= q.start else self.begin)
        out = _Left(q.start, q.start)
        joined = False
        if q.unit_class == "rate" and self.text.endswith("的", low, q.start):
            self._read_share_base(out, low)
        while out.at > low:
            word = ""
            for length in range(min(self.x.left_longest, out.at - low), 0, -1):
                candidate = self.text[out.at - length : out.at]
                if candidate in self.x.left:
                    word = candidate
                    break
            if not word:
                break
            kind, rule = self.x.left[word]
            if kind == "verb":
                if out.verb is not None and not joined:
                    break
                if self._is_noun_part(word, out, low):
                    break
                if out.verb is None:
                    out.verb = rule
                    out.verb_span = (out.at - len(word), out.at)
                joined = False
            elif kind == "bound":
                if out.bound is None:
                    out.bound = rule.emit["comparator"]
                    out.value_start = out.at - len(word)
            elif kind == "per":
                out.per = rule.emit["per"]
            else:
                out.respectively = out.respectively or word.startswith("分别")
                out.each = out.each or word == "各"
                joined = word in ("并", "且")
            out.at -= len(word)
            if out.verb is not None and out.verb.emit["frame"] == "level" and out.baseline is None:
                self._read_from(out, low)
        if out.bound is None and out.verb is not None and out.verb.emit["frame"] == "provide":
            # 每月至少上门探访2次: words of the activity stand between the bound and the verb.
            early = self.x.early_bound.search(self.text, low, out.at)
            if early:
                out.bound, out.value_start = self.x.bound_of[early[1]], early.start()
                out.verb_span = (early.end(1), out.verb_span[1] if out.verb_span else out.at)
                out.at = early.start()
        return out

    def _read_share_base(self, left: _Left, low: int) -> None:
        """占总数的50%: the verb stands before the base; 占 and its base stay in the name."""
        m = self.x.share_base.search(self.text, low, left.at)
        if not m:
            return
        kind, rule = self.x.left.get(m["verb"], ("", self.x.bare))
        if kind == "bound":
            left.bound = rule.emit["comparator"]
            left.value_start = left.at = m.start()
        elif kind == "verb":
            left.verb, left.verb_span = rule, m.span("verb")
            left.at = m.end("base") if m["verb"].startswith("占") else m.start()

    def _is_noun_part(self, word: str, left: _Left, low: int) -> bool:
        """Whether a one-character verb is the end of a noun (比重 as 重, 面积 …) or of 中的, 以为."""
        if len(word) > 1:
            return False
        before = self.text[max(low, left.at - 3) : left.at - 1]
        if word == "为":
            return before.endswith(("作", "成", "因", "以", "认", "行"))
        if word in "到至":
            return before.endswith(("甚", "直", "以", "乃", "受", "达")) or not before
        if word == "有":
            return before.endswith(("所", "没", "国", "公", "私", "享", "含", "具", "特", "共", "现", "已"))
        if word in ("增", "减", "降", "建", "设", "办", "减"):
            return False
        return False

    def _read_from(self, left: _Left, low: int) -> None:
        """从 A 提高到 B: A is the baseline, the name ends before 从."""
        before = [q for q in self.found if q.after_end == left.at or q.end == left.at]
        if not before:
            return
        q0 = before[-1]
        start = max(low, q0.start - 24)
        m = None
        for m in re.finditer("从|由|自", self.text[start : q0.start]):
            pass
        if m is not None:
            left.baseline = q0
            left.at = start + m.start()

    # --- one quantity -------------------------------------------------------------------------------------------------

    def _is_guarded(self, q: Quantity) -> bool:
        if any(s <= q.start and q.end <= e for s, e in self.loose):
            return True
        for guard in self.x.guards:
            if guard.units and q.unit_class not in guard.units:
                continue
            if guard.before and not guard.before.search(self.text[max(self.begin, q.start - 16) : q.start]):
                continue
            if guard.after and not guard.after.match(self.text, q.end):
                continue
            return True
        return False

    def _read_one(self, i: int, q: Quantity) -> bool:
        left = self._read_left(q)
        if left.bound is None and any(s <= q.start and q.end <= e for s, e in self.loose):
            return False
        for guard in self.x.guards:
            if guard.units and q.unit_class not in guard.units:
                continue
            before = self.text[max(self.begin, q.start - 16) : q.start]
            if guard.before and not guard.before.search(before):
                continue
            if guard.after and not guard.after.match(self.text, q.end):
                continue
            return False
        if q.chinese and q.unit_class != "rate" and not self._chinese_counts(q, left):
            return False
        if left.baseline is None and self._starts_a_range(i, q):
            return True
        group = self._group(i, q)
        if left.respectively or (len(group) > 1 and self._years_of_list(len(group), q.start)):
            return self._read_list(i, group, left)
        if self._read_shared_tail(i, q, left):
            return True
        rule, name, start, end = self._frame(i, q, left)
        if rule is None or not name:
            return False
        self._emit(rule, q, left, name, start, end)
        return True

    def _chinese_counts(self, q: Quantity, left: _Left) -> bool:
        """Whether a Chinese numeral is meant as a number: with a bound, a frequency, or one for each place."""
        if left.bound or q.after:
            return True
        clause = self.text[self._clause_start(q.start) : q.start]
        if q.unit_class == "times":
            return bool(self.x.per.search(clause))
        if q.value >= 10 and left.verb is not None:
            return True
        surface = self.text[q.end - 1]
        alone = left.verb_span is not None and left.verb_span[1] - left.verb_span[0] == 1
        if left.verb is None or left.verb.emit["frame"] != "provide" or surface not in "所家座名处":
            return False
        return (surface in "所家座" and not alone) or bool(re.search("每|各", clause))

    def _starts_a_range(self, i: int, q: Quantity) -> bool:
        """Whether the number is the start of 从 A 提高到 B, or a base (在2020年90%的基础上): no target itself."""
        rest = self.text[q.after_end : q.after_end + 8]
        before = self.text[max(self.begin, q.start - 14) : q.start]
        if re.match("的?基础上", rest):
            return True
        return i + 1 < len(self.found) and bool(
            re.search("(?:从|由|自)[^,;。]*$", before)
            and re.match("(?:左右|阶段性|逐步|稳步|进一步)?(?:提高|提升|增加|增长|上升|下降|降|减|扩大|延长|缩|压|提|升|拓展)", rest)
        )

    def _group(self, i: int, q: Quantity) -> list[Quantity]:
        """The run of numbers from this one on that only 、, 和 or nothing separates."""
        group = [q]
        for following in self.found[i + 1 :]:
            between = self.text[group[-1].after_end : following.start]
            if not re.fullmatch("(?:、|和|及|与|以及|或)?(?:不低于|不少于|不超过|不高于)?", between):
                break
            group.append(following)
        return group

    # --- frames -------------------------------------------------------------------------------------------------------

    def _frame(self, i: int, q: Quantity, left: _Left) -> tuple[Rule | None, str, int, int]:
        """(rule, name, start and end of the evidence) of a single quantity; rule None where nothing commits to it."""
        x = self.x
        # 每天 is part of what is measured where the value is a length of time (每天睡眠时间).
        self.timed = q.unit_class == "time"
        low = max(self._clause_start(q.start), self.last_end if self.last_end <= q.start else self.begin)
        subject = (low, left.at)
        object_ = self._object(i, q)
        verb = left.verb
        stands_alone = object_[0] == object_[1]
        follows_of = self.text.startswith("的", q.after_end)
        if verb is not None and verb.emit["frame"] == "provide":
            if q.unit_class == "rate" and left.verb_span and self.text[slice(*left.verb_span)] == "有" and not (left.bound or q.after):
                return None, "", 0, 0
            if q.unit_class == "rate" and not stands_alone:
                name = self._name([*self._share_subject(subject, verb), *self._share_object(i, q, object_)])
                return x.share, name, subject[0], object_[1]
            if q.unit_class in ("rate", "points") and stands_alone:
                # 实现100%, 覆盖95%以上: the verb is part of what is measured.
                name = self._name(self._subject((subject[0], q.start if left.bound is None else left.value_start), verb))
                name = self._name(self._subject(subject, verb)) or name
                return verb, self._complete(name, q, subject), subject[0], q.after_end
            return self._provide(verb, q, left, subject, object_)
        if follows_of and (verb is not None or left.bound) and not x.level_noun.match(self.text, q.after_end):
            return None, "", 0, 0
        if follows_of and q.after and q.unit_class in ("amount", "age", "time") and verb is None:
            return None, "", 0, 0
        if verb is not None and verb.emit["frame"] == "change":
            if q.unit_class in ("age", "time") and q.after and verb.emit["direction"] != "increase":
                return None, "", 0, 0
            words = (subject[0], left.verb_span[1]) if verb.emit.get("keep") and left.verb_span else subject
            name = self._name(self._subject(words, verb))
            if not stands_alone and q.unit_class not in ("rate", "points", "ratio"):
                name = self._name([*self._subject(words, verb), self._after_of(object_)])
                return verb, name, subject[0], object_[1]
            return verb, self._complete(name, q, subject), subject[0], q.after_end
        if verb is not None:
            name = self._name(self._subject(subject, verb))
            if not stands_alone and not x.measure.search(name) and q.unit_class not in ("", "ratio"):
                if left.verb_span and self.text[slice(*left.verb_span)].endswith("为") and left.bound is None and not q.after:
                    return None, "", 0, 0
                tail = self.text[object_[0] : object_[1]]
                if len(tail) <= 16 and not re.match("[并且同而,]", tail):
                    name = self._name([*self._subject(subject, verb), self._after_of(object_)])
                    return verb, self._complete(name, q, subject), subject[0], object_[1]
            return verb, self._complete(name, q, subject), subject[0], q.after_end
        return self._bare(i, q, left, subject, object_)

    def _share_subject(self, subject: Span, verb: Rule | None) -> list[Span]:
        """The words before a share; 领导班子中,有一半以上…: the group may stand in the clause before."""
        spans = self._subject(subject, verb)
        if any(e > s for s, e in spans):
            return spans
        clause = self._previous_clause(subject[0])
        return [clause] if clause and self.text[clause[1] - 1] in "中里内" else []

    def _share_object(self, i: int, q: Quantity, object_: Span) -> list[Span]:
        """95%的城市社区和85%的农村社区建立…: what the last group does, the first one does too."""
        span = self._after_of(object_)
        following = self.found[i + 1] if i + 1 < len(self.found) else None
        if following is None or following.unit_class != "rate" or not self._same_clause(q, following):
            return [span]
        words = self.text[slice(*span)]
        if any(w in words for w in self.x.provide):
            return [span]
        rest = (following.after_end, self._clause_end(following.after_end))
        starts = [self.text.find(w, *rest) for w in self.x.provide]
        starts = [s for s in starts if s > rest[0]]
        return [span, (min(starts), rest[1])] if starts else [span]

    def _same_clause(self, q: Quantity, other: Quantity) -> bool:
        return self._clause_start(q.start) == self._clause_start(other.start)

    def _provide(
        self, verb: Rule, q: Quantity, left: _Left, subject: Span, object_: Span
    ) -> tuple[Rule | None, str, int, int]:
        if q.unit_class in ("age", "") and left.bound is None and q.after is None:
            return None, "", 0, 0
        if object_[0] == object_[1]:
            spans = self._subject(subject, verb)
            if left.verb_span and (verb.emit.get("keep") or self.x.nominal.search(self.text, *left.verb_span)):
                spans = [*spans, left.verb_span]
            name = self._name(spans)
            own = self._name(self._subject(subject, verb))
            if len(own) < 2 or re.match("每[一]?[所个家名支座处]", own):
                name = own + (self._thing_before(subject[0], q) or name.removeprefix(own))
            if q.unit_class == "time" and not self.x.per.search(self.text[subject[0] : q.start]) and left.bound is None:
                return None, "", 0, 0
            return (verb, name, subject[0], q.after_end) if len(name) >= 2 else (None, "", 0, 0)
        holder = self._subject(subject, verb)
        if "".join(self.text[s:e] for s, e in holder) in self.x.provide:
            holder = []
        if verb.emit.get("keep") and left.verb_span:
            holder = [*holder, left.verb_span]
        words = "".join(self.text[s:e] for s, e in holder)
        if words and (self.x.place.fullmatch(words) or re.fullmatch("全[市省县区国州]|我[市省县区国州]", words)):
            holder = []
        elif words and q.unit_class in ("count", "people", "times", "time"):
            holder = [(s, e) for s, e in holder]
            if holder and (m := re.match("全[市省县区国州]", self.text[holder[0][0] : holder[0][1]])):
                holder[0] = (holder[0][0] + m.end(), holder[0][1])
        if not words and self.last_left and self.last is not None and self._goes_on(q):
            holder = list(getattr(self, "last_holder", []))
        self.last_holder = holder
        name = self._name([*holder, self._after_of(object_)])
        return (verb, name, subject[0], object_[1]) if len(name) >= 2 else (None, "", 0, 0)

    def _thing_before(self, at: int, q: Quantity) -> str:
        """What a clause without a thing of its own counts: the last target's name, or the thing of the clause before."""
        if self.last is not None and self.last.unit == q.unit and q.unit_class != "times":
            return self.last.name
        clause = self._previous_clause(at)
        if clause is None:
            return self.last.name if self.last is not None else ""
        spans = self._subject(clause, None, amount=True)
        words = "".join(self.text[s:e] for s, e in spans)
        verb = next((m for w in self.x.provide if (m := re.search(re.escape(w), words)) and m.end() < len(words) - 1), None)
        name = self._name(spans)
        return name[verb.end() :] if verb else name

    def _goes_on(self, q: Quantity) -> bool:
        """Whether a number follows the last target within its clause (至少组织1次…和2次…)."""
        return self._clause_start(q.start) <= self.last_end

    def _bare(
        self, i: int, q: Quantity, left: _Left, subject: Span, object_: Span
    ) -> tuple[Rule | None, str, int, int]:
        """A number without a verb: a name and its value, a share of a group, or a list that goes on."""
        x = self.x
        spans = self._subject(subject, None, amount=q.unit_class not in ("rate", "ratio", "points", ""))
        words = "".join(self.text[s:e] for s, e in spans)
        stands_alone = object_[0] == object_[1]
        bounded = left.bound is not None or q.after is not None
        standard = x.standard.match(self.text, q.after_end)
        if standard and bounded and words:
            # 按照每百户不低于30平方米的标准配建养老服务用房: the thing stands behind the standard.
            name = self._name([*spans, self._after_of((standard.end(), max(standard.end(), object_[1])))])
            return x.bare, name, subject[0], max(q.after_end, object_[1])
        if stands_alone and words and q.unit_class in ("amount", "scale", "people", "count"):
            at = self._trim_start(*subject, self._holes(*subject), False, changes=False)
            rule = next((r for w, r in x.change_verbs.items() if self.text.startswith(w, at)), None)
            if rule is not None and not x.no_bare.search(words):
                return rule, self._name(spans), subject[0], q.after_end
        if q.unit_class == "rate" and not stands_alone and not x.measure.search(words):
            tail = self.text[object_[0] : object_[1]]
            if len(tail) >= 3 and not re.match("[并且而同按,]", tail):
                name = self._name([*(spans or self._share_subject(subject, None)), *self._share_object(i, q, object_)])
                return x.share, name, subject[0], object_[1]
        if self.last is not None and self._goes_on(q) and self.last_left is not None and not stands_alone:
            rule = self.last_left.verb
            if rule is not None and rule.emit["frame"] == "provide" and not words.strip("和及与、以"):
                left.verb, left.bound = rule, left.bound or self.last_left.bound
                left.per = left.per or self.last.per
                return self._provide(rule, q, left, (subject[1], subject[1]), object_)
        if q.unit_class == "age" or (q.unit_class == "time" and not bounded and not left.each and stands_alone):
            if not (x.measure.search(words) and stands_alone):
                return None, "", 0, 0
        if not stands_alone:
            # 保障学生每天…各1小时体育活动时间; 普及残障儿童少年15年免费教育: the thing stands on both sides.
            promised = self._lead_verb(subject)
            if (promised or left.each or (bounded and q.unit_class in ("count", "people", "time", "times"))) and words:
                if self.text.startswith("的", q.after_end) and not promised:
                    return None, "", 0, 0
                if bounded and not promised and not left.each and q.unit_class != "time" and not left.bound:
                    return None, "", 0, 0
                name = self._name([*spans, self._after_of(object_)])
                return x.bare, name, subject[0], object_[1]
            if q.after or not x.measure.search(words):
                return None, "", 0, 0
        if not words or x.no_bare.search(words):
            if bounded and not words:
                name = self._complete("", q, subject)
                return (x.bare, name, subject[0], q.after_end) if name else (None, "", 0, 0)
            return None, "", 0, 0
        if not bounded and not x.measure.search(words) and q.unit_class in ("", "age", "time"):
            return None, "", 0, 0
        if q.unit_class == "" and not bounded:
            return None, "", 0, 0
        if len(words) < 2:
            return None, "", 0, 0
        return x.bare, self._complete(self._name(spans), q, subject), subject[0], q.after_end

    def _lead_verb(self, subject: Span) -> bool:
        """Whether the clause begins with a verb of providing (保障…, 普及…, 高质量普及…)."""
        words = self.text[slice(*subject)]
        words = re.sub("^(?:" + self.x.per.pattern + "|正常天气)+", "", words)
        return self.x.promise.match(words) is not None

    # --- words ----------------------------------------------------------------------------------------------------

    def _object(self, i: int, q: Quantity) -> Span:
        """The thing named after a number: up to the end of the clause or the next number that is read as one."""
        start = q.after_end
        end = self._clause_end(start)
        if start >= end or self.text[start] in ",;。、)!?:和与及并":
            return start, start
        if self.x.level_mark.match(self.text, start, end):
            return start, start
        further = re.search("(?<!合)并(?!网|联|发症|购|轨|存|行|列|举|入)", self.text[start:end])
        if further and further.start() >= 2:
            end = start + further.start()
        for following in self.found[i + 1 :]:
            if following.start >= end:
                break
            between = self.text[start : following.start]
            cut = re.search("(?:和|及|与|、|以及|并)(?:[^、和及与]{0,6})$", between)
            if cut and len(between) > cut.start() >= 2:
                end = start + cut.start()
                break
        depth = 0
        for j in range(start, end):
            if self.text[j] == "(":
                depth += 1
            elif self.text[j] == ")":
                if depth == 0:
                    end = j
                    break
                depth -= 1
        return start, end

    def _after_of(self, object_: Span) -> Span:
        start, end = object_
        while start < end and self.text[start] == "的":
            start += 1
        tail = self.x.tail.search(self.text[start:end])
        if tail and tail.start() >= 2:
            end = start + tail.start()
        return start, end

    def _subject(self, span: Span, verb: Rule | None, amount: bool = False) -> list[Span]:
        """The spans of a name's words before a number: context, periods and auxiliary words taken off."""
        start, end = span
        holes = self._holes(start, end)
        start = self._trim_start(start, end, holes, amount or (verb is not None and verb.emit["frame"] == "provide"))
        while end > start and self.text[end - 1] in ",、;:和与及或—-":
            end -= 1
        spans: list[Span] = []
        at = start
        for s, e in sorted(holes):
            if s < at or e > end:
                at = max(at, min(e, end)) if s <= at < e else at
                continue
            if s > at:
                spans.append((at, s))
            at = e
        if end > at:
            spans.append((at, end))
        if amount or (verb is not None and verb.emit["frame"] == "provide"):
            spans = [piece for s in spans for piece in self._without_inner(s)]
        return spans

    def _holes(self, start: int, end: int) -> list[Span]:
        """Deadlines, base years and other context inside a span."""
        return [
            m.span()
            for pattern in (self.x.deadline, self.x.base_year, self.x.drop)
            for m in pattern.finditer(self.text, start, self.end)
            if start <= m.start() < m.end() <= end
        ]

    def _without_inner(self, span: Span) -> list[Span]:
        """为妇女提供家政技能培训 -> 妇女, 家政技能培训: the verb between holder and thing is left out."""
        m = self.x.inner_verb.search(self.text, span[0] + 2, span[1] - 2)
        if not m or self.x.measure.search(self.text[slice(*span)]):
            return [span]
        start = span[0] + 1 if self.text[span[0]] == "为" else span[0]
        return [(start, m.start()), (m.end(), span[1])]

    def _trim_start(self, start: int, end: int, holes: list[Span], provide: bool, changes: bool = True) -> int:
        """The offset behind deadlines, periods and auxiliary words; with `changes` also behind verbs of change."""
        changed = True
        words = self.x.lead + (self.x.provide if provide else []) + (list(self.x.change_verbs) if changes and provide else [])
        if not changes:
            words = [w for w in words if w not in self.x.change_verbs]
        while changed and start < end:
            changed = False
            for s, e in holes:
                if s <= start < e:
                    start, changed = e, True
            while start < end and self.text[start] in ",、;:和及—-。”)":
                start, changed = start + 1, True
            m = None if self.timed else self.x.per.match(self.text, start, end)
            if m and end - m.end() >= 2:
                start, changed = m.end(), True
            for word in words:
                if self.text.startswith(word, start, end) and end - start - len(word) >= 2:
                    if self.text[start + len(word)] in "性率度化量力员者型":
                        continue
                    start, changed = start + len(word), True
                    break
        return start

    def _name(self, spans: Sequence[Span]) -> str:
        """The source words of the spans, joined; outer punctuation dropped."""
        words = "".join(self.raw[s:e] for s, e in spans if e > s)
        words = words.strip(",，、;；:：。 的—-")
        if words.endswith("其中"):
            words = words[:-2]
        opened = sum(words.count(c) for c in "(（") - sum(words.count(c) for c in ")）")
        if opened < 0:
            words = words.lstrip(")）")
        return words.removesuffix("”") if words.count("“") < words.count("”") and words.endswith("”") else words

    def _complete(self, name: str, q: Quantity, subject: Span) -> str:
        """A name whose subject the clause left out, completed from its own sentence."""
        x = self.x
        if not name:
            if self.last is not None and not self.last.achieved:
                return self.last.name
            if self.achieved_before is not None:
                return self.achieved_before.name
            clause = self._previous_clause(subject[0])
            if clause is None:
                return ""
            spans = self._subject(clause, None)
            words = self._name(spans)
            return words if x.measure.search("".join(self.text[s:e] for s, e in spans)) else ""
        folded = name
        if len(name) <= 3 and x.measure.search(name) and self.last is None:
            clause = self._previous_clause(subject[0])
            if clause is not None:
                return re.sub("全部|均|普遍", "", self._name(self._subject(clause, None))) + name
        qualifier = x.qualifiers.match(folded)
        if self.last is not None and qualifier:
            tail = folded[qualifier.end() :]
            if tail and self.last.name.endswith(tail) and len(self.last.name) > len(tail):
                return self.last.name[: -len(tail)] + name
        if self.last is not None and q.unit == self.last.unit and len(name) >= 2 and self.last.name.endswith(name):
            return self.last.name
        if self.last is not None and x.rate_noun.fullmatch(name.removeprefix("年均").removeprefix("平均")):
            return self.last.name + name
        if self.last is not None and name.startswith("占") and not self.last.achieved:
            return self.last.name + name
        if (
            self.last is not None
            and q.unit == self.last.unit
            and x.topic_end.search(folded)
            and x.measure.search(self.last.name)
            and not x.measure.search(folded)
        ):
            return name + self._measure_tail(self.last.name)
        if q.unit == ":1" and not x.measure.search(folded) and self.last is not None and self.last.unit == ":1":
            return name + self._measure_tail(self.last.name)
        if q.unit == ":1":
            topic = self._topic(subject[0])
            if topic and topic not in name:
                return topic + name
        return name

    def _previous_clause(self, at: int) -> Span | None:
        i = bisect_left(self.seps, at - 1) if at > self.begin else 0
        if at <= self.begin:
            return None
        end = at - 1
        start = self.seps[i - 1] + 1 if i else self.begin
        return (start, end) if end > start else None

    def _topic(self, at: int) -> str:
        """X在新建和改建时, …: the place a clause before names for the ones after it."""
        clause = self._previous_clause(at)
        if clause is None:
            return ""
        m = re.match("(.{2,16}?)在.{2,12}(?:时|中|过程中)$", self.text[slice(*clause)])
        return self.raw[clause[0] : clause[0] + m.end(1)] if m else ""

    def _measure_tail(self, name: str) -> str:
        ends = [m.end() for m in self.x.holders.finditer(name)]
        ends = [e for e in ends if e < len(name) - 2 and not name[:e].endswith(("女性", "妇女"))]
        return name[ends[-1] :] if ends else name

    # --- lists --------------------------------------------------------------------------------------------------------

    def _read_list(self, i: int, group: list[Quantity], left: _Left) -> bool:
        """A、B和C分别达到x、y和z以上: one target each; the bound of the last number is every member's."""
        verb = left.verb or self.x.bare
        subject = (max(self._clause_start(group[0].start), self.last_end), left.at)
        spans = self._subject(subject, left.verb)
        words = self._name(spans)
        years = self._years_of_list(len(group), subject[0]) or self._years_of_list(len(group), group[0].start)
        names = self._members(words, len(group)) if len(group) > 1 and not years else [words] * len(group)
        if len(group) > 1 and not words:
            words = self._complete("", group[0], subject)
            names = [words] * len(group)
        if not all(names):
            return False
        # The bound of the last number is every member's, unless members state their own.
        shared_after = group[-1].after if sum(1 for g in group if g.after) == 1 else None
        last_end = group[-1].after_end
        for k, q in enumerate(group):
            q.after = q.after or shared_after
            self._emit(verb, q, left, names[k], subject[0], last_end, deadline=years[k] if years else None)
        self.done.update(range(i, i + len(group)))
        return True

    def _years_of_list(self, count: int, before: int) -> list[int] | None:
        """到2022年和2030年，… 分别 …: one deadline each."""
        years = self._several_years(before)
        return years if len(years) == count else None

    def _several_years(self, before: int) -> list[int]:
        """The years of 到2022年和2030年, last such phrase before an offset; empty for a single year."""
        found = list(re.finditer("((?:(?:19|20)[0-9]{2}年[、和及]?){2,})", self.text[self.begin : before]))
        return [int(y) for y in re.findall("(?:19|20)[0-9]{2}", found[-1][1])] if found else []

    def _members(self, words: str, count: int) -> list[str]:
        """The names of a list's members, each with the prefix or measure it shares with the others."""
        parts = [p for p in re.split("、", words) if p]
        if len(parts) < count and parts:
            tail = _AND.split(parts[-1])
            if len(parts) - 1 + len(tail) == count:
                parts = [*parts[:-1], *tail]
            else:
                split = [p for part in parts for p in _AND.split(part) if p]
                parts = split if len(split) == count else parts
        if len(parts) != count:
            return [words] * count
        last = parts[-1]
        if self.x.measure.search(last) and not self.x.measure.search(parts[0]):
            tail = self._shared_tail(parts[0], last)
            holder = self.x.holders.search(parts[0])
            prefix = parts[0][: holder.end()] if holder and holder.end() < len(parts[0]) else ""
            heads = [p.removesuffix(tail) for p in parts]
            shared = [heads[0], *(prefix + h if len(h) <= 4 and not self.x.holders.search(h) else h for h in heads[1:])]
            return [head + tail for head in shared]
        holder = self.x.holders.search(parts[0])
        if holder and holder.end() < len(parts[0]):
            prefix = parts[0][: holder.end()]
            return [parts[0], *(p if self.x.holders.search(p) else prefix + p for p in parts[1:])]
        return parts

    def _shared_tail(self, first: str, last: str) -> str:
        """What the members of a list share behind their heads (新生儿、婴儿和5岁以下儿童死亡率: 死亡率)."""
        if "中" in last[1:-1]:
            return last[last.index("中", 1) :]
        at = last.rfind(first[-1])
        if 0 < at < len(last) - 2 and first[-1] not in "童女生儿":
            return last[at + 1 :]
        ends = [m.end() for m in self.x.holders.finditer(last) if m.end() < len(last) - 1]
        if ends:
            return last[ends[-1] :]
        m = self.x.shared_tail.search(last)
        return m[0] if m else ""

    def _read_shared_tail(self, i: int, q: Quantity, left: _Left) -> bool:
        """小学生10小时、初中生9小时、高中生8小时睡眠时间: the thing after the last number is every member's."""
        if q.unit_class not in ("time", "count", "people") or self._object(i, q)[1] > self._object(i, q)[0]:
            return False
        chain = [i]
        for j in range(i + 1, len(self.found)):
            before, following = self.found[chain[-1]], self.found[j]
            between = self.text[before.after_end : following.start]
            if following.unit != q.unit or not re.fullmatch("[、,和及]?[\u3400-\u9fff]{2,8}", between):
                break
            if self.x.measure.search(between) or re.search("达|到|于|有|建|设", between):
                break
            chain.append(j)
        if len(chain) < 2:
            return False
        thing = self._object(chain[-1], self.found[chain[-1]])
        if thing[0] == thing[1] or thing[1] - thing[0] > 16:
            return False
        tail = self._after_of(thing)
        for j in chain:
            member = self.found[j]
            own = left if j == i else self._read_left(member)
            low = max(self._clause_start(member.start), self.last_end)
            spans = self._subject((low, own.at), self.x.bare, amount=True)
            name = self._name([*spans, tail])
            own.per = own.per or left.per or (self.last.per if self.last and j != i else None)
            self._emit(self.x.bare, member, own, name, low, thing[1], until=member.after_end)
        self.done.update(chain)
        return True

    # --- the result ---------------------------------------------------------------------------------------------------

    def _emit(
        self,
        rule: Rule,
        q: Quantity,
        left: _Left,
        name: str,
        start: int,
        end: int,
        *,
        deadline: int | None = None,
        until: int | None = None,
    ) -> None:
        x = self.x
        frame = rule.emit
        clause = self.text[start : q.start]
        comparator = left.bound or q.after
        if q.value_max is not None:
            comparator = "range"
        elif comparator is None:
            comparator = ">" if q.more else frame.get("bare", "=")
        direction = frame.get("direction")
        change = bool(frame.get("change"))
        words = name
        if q.unit_class in ("rate", "points") and (m := x.rate_noun.search(words)):
            change = True
            if direction in (None, "maintain"):
                direction = "decrease" if x.rate_fall.search(m[0]) else "increase"
        per = left.per
        if per is None:
            found = list(x.per.finditer(self.text, self._clause_start(q.start), q.start))
            if found and not x.not_per.match(self.text, found[-1].start() + len(found[-1][0]) - 2):
                per = x.per_of[found[-1][0]]
            elif re.match("[/每](?:人)?年|/年", self.text[q.after_end : q.after_end + 4]):
                per = "年"
        if per == "年" and not (change or q.unit_class in ("times", "count", "people", "amount", "time", "scale")):
            per = None
        while start < end and self.text[start] in ",、;:和":
            start += 1
        target = Target(
            rule.id,
            name,
            (start, max(end, q.after_end)),
            (min(left.value_start, q.start), q.after_end),
            comparator=comparator,
            value=q.value,
            value_max=q.value_max,
            unit=q.unit,
            per=per,
            direction=direction,
            change=change,
            deadline=deadline or self._deadline(q),
        )
        self._baseline(target, left, start, clause)
        self._judge(target, q)
        self.out.targets.append(target)
        if target.achieved:
            self.achieved_before = target
        else:
            if self.achieved_before is not None and target.baseline is None and self.achieved_before.name == name:
                before = self.achieved_before
                target.baseline = (before.value, before.unit, before.year)
        self.last, self.last_left = target, left
        self.last_end = until or max(end, q.after_end)

    def _deadline(self, q: Quantity) -> int | None:
        year = None
        if self._several_years(q.start):
            return None
        for m in self.x.deadline.finditer(self.text, self.begin, q.end):
            if m.end() > q.start:
                break
            base = self.x.base_year.search(self.text, max(self.begin, m.start() - 1), m.end() + 16)
            if base and base.start() <= m.start() and base.end() >= m.end() and "到" not in m[0]:
                continue
            year = next(int(g) for g in m.groups() if g)
        return year

    def _baseline(self, target: Target, left: _Left, start: int, clause: str) -> None:
        if left.baseline is not None:
            q0 = left.baseline
            m = re.search("((?:19|20)[0-9]{2})年", self.text[max(start, q0.start - 12) : q0.start])
            target.baseline = (q0.value, q0.unit, int(m[1]) if m else None)
            return
        if target.change:
            years = list(self.x.base_year.finditer(self.text, self.begin, target.value_span[1]))
            if years:
                target.baseline = (None, None, next(int(g) for g in years[-1].groups() if g))

    def _judge(self, target: Target, q: Quantity) -> None:
        """Mark a value that the sentence reports as reached already, with its year."""
        years = [int(m) for m in re.findall("((?:19|20)[0-9]{2})年", self.text[self.begin : q.start])]
        target.year = years[-1] if years else None
        if target.deadline is not None or self.x.future.search(self.text, self.begin, self.end):
            return
        target.achieved = self.x.past.search(self.text, self.begin, q.start) is not None
