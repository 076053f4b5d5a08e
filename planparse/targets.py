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
from collections.abc import Callable, Sequence
from itertools import pairwise

from planparse.lexicon import Lexicon
from planparse.names import complete, members, thing_before
from planparse.quantities import Quantity, quantities
from planparse.records import dataclass, field, replace
from planparse.rules import Rule, Rules
from planparse.sentence import Left, Sentence, Span, within
from planparse.text import View

# What a frame makes of a number: the rule, the name, and the evidence's span; None where nothing commits to it.
Found = tuple[Rule, str, int, int] | None

_COUNTED = ("count", "people", "times", "time")
_YEAR = re.compile("((?:19|20)[0-9]{2})年")
_YEARS = re.compile("(?:(?:19|20)[0-9]{2}年[、和及]?){2,}")
_SENTENCE_END = re.compile("[。!?]")


@dataclass(slots=True, eq=False)
class Target:
    """One target as read, in view offsets of its piece.

    `evidence`: span of the clause; `value_span`: span of the words that carry the value; `baseline`: (value, unit,
    year), any may be None; `achieved`: the sentence reports the value as reached already, in `year` if it says so.
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


@dataclass(slots=True, eq=False)
class Reading:
    """What one piece of text gave: targets (achieved values marked), and numbers that no rule claimed."""

    targets: list[Target] = field(default_factory=list)
    unclaimed: list[Span] = field(default_factory=list)


def read_piece(
    view: View,
    blocked: Sequence[Span],
    rules: Rules,
    reader: Callable[[Sentence, Reading], Reader] | None = None,
) -> Reading:
    """All quantitative targets of a paragraph view.

    `blocked`: spans (brackets of responsible units) to leave out; `reader`: a Reader that takes notes, for `explain`.
    """
    out = Reading()
    found = [q for q in quantities(view.text, rules) if not within(q, blocked)]
    if not found:
        return out
    lexicon = rules.compiled("lexicon", Lexicon)
    ends = (m.end() for m in _SENTENCE_END.finditer(view.text))
    cuts = sorted({0, len(view.text), *(at for span in blocked for at in span), *ends})
    starts = [q.start for q in found]
    for begin, end in pairwise(cuts):
        inside = found[bisect_left(starts, begin) : bisect_left(starts, end)]
        if inside:
            (reader or Reader)(Sentence(view, begin, end, inside, lexicon), out).read()
    return out


class Reader:
    """Reads the quantities of one sentence in order; what one reads, the next may build on.

    `last`: the target read last, with what stood left of it and the words of its holder; `done`: indexes of numbers
    that a list took along.
    """

    def __init__(self, sentence: Sentence, out: Reading) -> None:
        self.s, self.x, self.text, self.out = sentence, sentence.x, sentence.text, out
        self.last: Target | None = None
        self.last_left: Left | None = None
        self.last_holder: list[Span] = []
        self.reached: Target | None = None
        self.done: set[int] = set()

    def read(self) -> None:
        """Read every number; those that nothing claims and nothing guards are noted."""
        for i, q in enumerate(self.s.found):
            if i not in self.done and not self._read_one(i, q) and not q.chinese and not self._guarded(q, None):
                self.out.unclaimed.append((q.start, q.end))

    def _guarded(self, q: Quantity, left: Left | None) -> bool:
        """Whether a guard holds the number back; `left`: what stands before it, where that is known."""
        if (left is None or left.bound is None) and within(q, self.s.loose):
            return True
        before = self.text[max(self.s.begin, q.start - 16) : q.start]
        return any(
            (not guard.units or q.unit_class in guard.units)
            and (guard.before is None or guard.before.search(before))
            and (guard.after is None or guard.after.match(self.text, q.end))
            for guard in self.x.guards
        )

    def _read_one(self, i: int, q: Quantity) -> bool:
        left = self.s.left(q)
        if self._guarded(q, left) or (q.chinese and q.unit_class != "rate" and not self._chinese_counts(q, left)):
            return False
        if left.baseline is None and self._starts_from(i, q):
            return True
        group = self._group(i)
        if left.respectively or (len(group) > 1 and len(self._years_before(q.start)) == len(group)):
            return self._read_list(i, group, left)
        if self._read_shared_thing(i, q, left):
            return True
        found = self._frame(i, q, left)
        if found is None or not found[1]:
            return False
        self._emit(found[0], q, left, *found[1:])
        return True

    def _chinese_counts(self, q: Quantity, left: Left) -> bool:
        """Whether a Chinese numeral is meant as a number: with a bound, a frequency, or one for each place."""
        if left.bound or q.after:
            return True
        clause = (self.s.clause_start(q.start), q.start)
        if q.unit_class == "times":
            return self.x.per.search(self.text, *clause) is not None
        if left.verb is None:
            return False
        if q.value >= 10:
            return True
        span = (self.text, q.start, q.end)
        built = self.x.built.suffix(*span)
        if left.frame() != "provide" or not (built or self.x.placed.suffix(*span)):
            return False
        plain = built and left.verb_span[1] - left.verb_span[0] > 1
        return bool(plain or self.x.each.search(self.text, *clause))

    def _starts_from(self, i: int, q: Quantity) -> bool:
        """Whether the number is the start of 从 A 提高到 B, or a base (在2020年90%的基础上): no target itself."""
        if self.x.basis.match(self.text, q.after_end):
            return True
        start = max(self.s.clause_start(q.start), q.start - 14)
        return (
            i + 1 < len(self.s.found)
            and self.x.from_word.search(self.text, start, q.start) is not None
            and self.x.to_verb.match(self.text, q.after_end) is not None
        )

    def _group(self, i: int) -> list[Quantity]:
        """The run of numbers from the i-th on that only 、, 和 or nothing separates."""
        group = [self.s.found[i]]
        for following in self.s.found[i + 1 :]:
            if not self.x.listed.fullmatch(self.text, group[-1].after_end, following.start):
                break
            group.append(following)
        return group

    # --- frames -------------------------------------------------------------------------------------------------------

    def _frame(self, i: int, q: Quantity, left: Left) -> Found:
        """What a single quantity says, by the verb before it."""
        subject = (self.s.low(q), left.at)
        thing = self.s.thing(q)
        if left.frame() == "provide":
            return self._provide(i, q, left, subject, thing)
        if self.text.startswith("的", q.after_end):
            # A level before 的 and a noun says which ones are meant (覆盖率达到90%以上的村).
            states = left.verb is not None or left.bound is not None
            if states and not self.x.level_noun.match(self.text, q.after_end):
                return None
            if q.after and q.unit_class in ("amount", "age", "time") and left.verb is None:
                return None
        if left.verb is None:
            return self._bare(i, q, left, subject, thing)
        if left.frame() == "change":
            return self._change(left.verb, q, left, subject, thing)
        return self._level(left.verb, q, left, subject, thing)

    def _level(self, verb: Rule, q: Quantity, left: Left, subject: Span, thing: Span) -> Found:
        """达到, 保持在, 控制在: a level of what the words before name, or of the thing behind the number."""
        spans = self.s.subject(subject, timed=q.unit_class == "time")
        name = self.s.name(spans)
        if thing[0] < thing[1] and not self.x.measured(name) and q.unit_class not in ("", "ratio"):
            if self.x.describing.suffix(self.text, *left.verb_span) and left.bound is None and not q.after:
                return None
            if thing[1] - thing[0] <= 16 and not self.x.new_clause.match(self.text, *thing):
                name = self.s.name([*spans, self.s.without_tail(thing)])
                return verb, self._complete(name, q, subject), subject[0], thing[1]
        return verb, self._complete(name, q, subject), subject[0], q.after_end

    def _change(self, verb: Rule, q: Quantity, left: Left, subject: Span, thing: Span) -> Found:
        """提高, 减少 without 到: the amount of a change."""
        if q.unit_class in ("age", "time") and q.after and verb.emit["direction"] != "increase":
            return None
        spans = self.s.subject(subject)
        if thing[0] < thing[1] and q.unit_class not in ("rate", "points", "ratio"):
            return verb, self.s.name([*spans, self.s.without_tail(thing)]), subject[0], thing[1]
        return verb, self._complete(self.s.name(spans), q, subject), subject[0], q.after_end

    def _provide(self, i: int, q: Quantity, left: Left, subject: Span, thing: Span) -> Found:
        """建设, 配备, 组织: things to build, hold or do; a share of a group that does something."""
        verb = left.verb or self.x.bare
        named = thing[0] < thing[1]
        if q.unit_class in ("rate", "points"):
            word = self.text[slice(*left.verb_span)]
            if q.unit_class == "rate" and word in self.x.describing.words and not (left.bound or q.after):
                return None
            if named and q.unit_class == "rate":
                name = self.s.name([*self._group_before(subject, True), *self._group_after(i, q, thing)])
                return self.x.share, name, subject[0], thing[1]
            if not named:
                name = self.s.name(self.s.subject(subject, provide=True))
                return verb, self._complete(name, q, subject), subject[0], q.after_end
        if q.unit_class in ("age", "") and left.bound is None and q.after is None:
            return None
        if not named:
            return self._provide_unnamed(verb, q, left, subject)
        holder = self._holder(verb, q, left, subject)
        name = self.s.name([*holder, self.s.without_tail(thing)])
        return (verb, name, subject[0], thing[1]) if len(name) >= 2 else None

    def _provide_unnamed(self, verb: Rule, q: Quantity, left: Left, subject: Span) -> Found:
        """A number that ends its clause: the verb is the noun of the name, or the thing stands in the clause before."""
        per = self.x.per.search(self.text, subject[0], q.start)
        if q.unit_class == "time" and not per and left.bound is None:
            return None
        spans = self.s.subject(subject, provide=True)
        own = self.s.name(spans)
        keeps = verb.emit.get("keep") or self.x.nominal.search(self.text, *left.verb_span)
        name = self.s.name([*spans, left.verb_span]) if keeps else own
        if len(own) < 2 or self.x.every.match(own):
            name = own + (thing_before(self.s, subject[0], q, self._named()) or name.removeprefix(own))
        return (verb, name, subject[0], q.after_end) if len(name) >= 2 else None

    def _holder(self, verb: Rule, q: Quantity, left: Left, subject: Span) -> list[Span]:
        """Who provides: left out where it is nothing but places; taken over where the clause goes on with 和2次…"""
        holder = self.s.subject(subject, provide=True)
        if self.s.words(holder) in self.x.provide_words:
            holder = []
        if verb.emit.get("keep"):
            holder = [*holder, left.verb_span]
        words = self.s.words(holder)
        whole = self.x.whole_place.match(words)
        if words and (self.x.place.fullmatch(words) or (whole and whole.end() == len(words))):
            holder = []
        elif whole and q.unit_class in _COUNTED:
            holder = [(holder[0][0] + whole.end(), holder[0][1]), *holder[1:]]
        elif not words and self._goes_on(q):
            holder = self.last_holder
        self.last_holder = holder
        return holder

    def _goes_on(self, q: Quantity) -> bool:
        """Whether a number follows the last target within its clause (至少组织1次…和2次…)."""
        return self.last is not None and self.s.clause_start(q.start) <= self.s.claimed

    def _bare(self, i: int, q: Quantity, left: Left, subject: Span, thing: Span) -> Found:
        """A number without a verb: a name and its value, a share of a group, or a list that goes on."""
        x, s = self.x, self.s
        amount = q.unit_class not in ("rate", "ratio", "points", "")
        spans = s.subject(subject, provide=amount, timed=q.unit_class == "time")
        words = s.words(spans)
        alone = thing[0] == thing[1]
        bounded = left.bound is not None or q.after is not None
        standard = x.standard.match(self.text, q.after_end)
        if standard and bounded:
            # 按照每百户不低于30平方米的标准配建养老服务用房: the thing stands behind the standard.
            behind = s.without_tail((standard.end(), max(standard.end(), thing[1])))
            return x.bare, s.name([*s.subject(subject), behind]), subject[0], max(q.after_end, thing[1])
        verb = x.provides(self.text, q.after_end, thing[1]) if q.unit_class == "ratio" else None
        if verb and verb[0] == q.after_end and verb[1] < thing[1] and x.measured(words):
            # 按师生比不低于1:4000配备专职教师: the ratio is the thing's.
            at = subject[1] - len(x.measures.suffix(self.text, *subject))
            own = s.name([*s.subject((subject[0], at)), s.without_tail((verb[1], thing[1])), (at, subject[1])])
            return x.bare, own, subject[0], thing[1]
        if alone and words and q.unit_class in ("amount", "scale", "people", "count"):
            at = s.trimmed(*subject, s.holes(*subject), x.lead_but_change)
            changes = x.change.prefix(self.text, at, subject[1])
            if changes and not x.no_bare.search(words):
                return x.change_of[changes], s.name(spans), subject[0], q.after_end
        holds = thing[1] - thing[0] >= 3 and not x.new_clause.match(self.text, *thing)
        if q.unit_class == "rate" and holds and not x.measured(words):
            group = spans or self._group_before(subject, False)
            return x.share, s.name([*group, *self._group_after(i, q, thing)]), subject[0], thing[1]
        before = self.last_left
        if self._goes_on(q) and not alone and before and before.frame() == "provide" and (not words or words in x.rest):
            left.verb, left.bound = before.verb, left.bound or before.bound
            left.per = left.per or (self.last.per if self.last else None)
            return self._provide(i, q, left, (subject[1], subject[1]), thing)
        own_time = q.unit_class == "time" and not bounded and not left.each and alone
        if (q.unit_class == "age" or own_time) and not (alone and (x.measured(words) or self._measured_of(q, words))):
            return None
        if not alone:
            named = self._on_both_sides(q, left, subject, spans, thing, bounded)
            if named or q.after or not x.measured(words):
                return named
        return self._name_and_value(q, subject, spans, bounded)

    def _on_both_sides(
        self, q: Quantity, left: Left, subject: Span, spans: list[Span], thing: Span, bounded: bool
    ) -> Found:
        """保障学生每天…各1小时体育活动时间; 普及残障儿童少年15年免费教育: the thing stands on both sides."""
        m = self.x.per.match(self.text, *subject)
        promised = self.x.promise.match(self.text, m.end() if m else subject[0], subject[1]) is not None
        if not spans or not (promised or left.each or (bounded and q.unit_class in _COUNTED)):
            return None
        if self.text.startswith("的", q.after_end) and not promised:
            return None
        if not promised and not left.each and not left.bound and q.unit_class != "time":
            return None
        return self.x.bare, self.s.name([*spans, self.s.without_tail(thing)]), subject[0], thing[1]

    def _name_and_value(self, q: Quantity, subject: Span, spans: list[Span], bounded: bool) -> Found:
        """毛入学率 100%, 城镇登记失业率4.5%以内: the name and nothing between it and the number."""
        x, words = self.x, self.s.words(spans)
        if not words:
            name = self._complete("", q, subject) if bounded else ""
            return (x.bare, name, subject[0], q.after_end) if name else None
        if (x.no_bare.search(words) and not (bounded and x.measured(words))) or len(words) < 2:
            return None
        own_time = q.unit_class in ("age", "time") and not x.measured(words) and not self._measured_of(q, words)
        if not bounded and (q.unit_class == "" or own_time):
            return None
        return x.bare, self._complete(self.s.name(spans), q, subject), subject[0], q.after_end

    def _measured_of(self, q: Quantity, words: str) -> bool:
        """小学生每天睡眠时间达到10小时, 初中生9小时: whether words name whom the measure of the last target is of."""
        last = self.last
        return (
            last is not None and last.unit == q.unit and q.unit_class == "time" and bool(self.x.topic_end.search(words))
        )

    # --- shares of a group --------------------------------------------------------------------------------------------

    def _group_before(self, subject: Span, provide: bool) -> list[Span]:
        """The words before a share; 领导班子中,有一半以上…: the group may stand in the clause before."""
        spans = self.s.subject(subject, provide=provide)
        if any(e > s for s, e in spans):
            return spans
        clause = self.s.previous_clause(subject[0])
        return [clause] if clause and self.x.inside.suffix(self.text, *clause) else []

    def _group_after(self, i: int, q: Quantity, thing: Span) -> list[Span]:
        """95%的城市社区和85%的农村社区建立…: what the last group does, the first one does too."""
        span = self.s.without_tail(thing)
        following = self.s.found[i + 1] if i + 1 < len(self.s.found) else None
        if following is None or following.unit_class != "rate":
            return [span]
        if self.s.clause_start(following.start) > q.start or self.x.provides(self.text, *span):
            return [span]
        end = self.s.clause_end(following.after_end)
        does = self.x.provides(self.text, following.after_end + 1, end)
        return [span, (does[0], end)] if does else [span]

    # --- lists --------------------------------------------------------------------------------------------------------

    def _years_before(self, at: int) -> list[int]:
        """The years of 到2022年和2030年 before an offset, the last such list; empty for a single year."""
        found = list(_YEARS.finditer(self.text, self.s.begin, at))
        return [int(y) for y in re.findall("(?:19|20)[0-9]{2}", found[-1][0])] if found else []

    def _read_list(self, i: int, group: list[Quantity], left: Left) -> bool:
        """A、B和C分别达到x、y和z以上: one target each; the bound of the last number is every member's."""
        subject = (self.s.low(group[0]), left.at)
        words = self.s.name(self.s.subject(subject, provide=left.frame() == "provide", timed=True))
        words = words or self._complete("", group[0], subject)
        years: list[int | None] = [*self._years_before(group[0].start)]
        if len(years) == len(group):
            names = [words] * len(group)
        else:
            years = [None] * len(group)
            names = members(words, len(group), self.x) if len(group) > 1 else [words]
        if not all(names):
            return False
        # The bound of the last number is every member's, unless members state their own.
        shared = group[-1].after if sum(1 for q in group if q.after) == 1 else None
        for q, name, year in zip(group, names, years, strict=True):
            q.after = q.after or shared
            own = left if q is group[0] else replace(left, value_start=q.start)
            self._emit(left.verb or self.x.bare, q, own, name, subject[0], group[-1].after_end, deadline=year)
        self.done.update(range(i, i + len(group)))
        return True

    def _read_shared_thing(self, i: int, q: Quantity, left: Left) -> bool:
        """小学生10小时、初中生9小时、高中生8小时睡眠时间: the thing after the last number is every member's."""
        found = self.s.found
        if q.unit_class not in ("time", "count", "people") or i + 1 == len(found):
            return False
        chain = [q]
        for following in found[i + 1 :]:
            between = (chain[-1].after_end, following.start)
            if following.unit != q.unit or not self.x.member.fullmatch(self.text, *between):
                break
            if self.x.measured(self.text[slice(*between)]) or self.x.member_verb.search(self.text, *between):
                break
            chain.append(following)
        thing = self.s.thing(chain[-1])
        if len(chain) < 2 or not 0 < thing[1] - thing[0] <= 16:
            return False
        tail = self.s.without_tail(thing)
        for member in chain:
            own = left if member is q else self.s.left(member)
            own.per = own.per or left.per or (self.last.per if self.last and member is not q else None)
            low = self.s.low(member)
            name = self.s.name([*self.s.subject((low, own.at), provide=True), tail])
            self._emit(self.x.bare, member, own, name, low, thing[1])
            self.s.claimed = member.after_end
        self.done.update(range(i, i + len(chain)))
        return True

    # --- the result ---------------------------------------------------------------------------------------------------

    def _named(self) -> tuple[str, str | None] | None:
        return (self.last.name, self.last.unit) if self.last else None

    def _complete(self, name: str, q: Quantity, subject: Span) -> str:
        return complete(self.s, name, q, subject, self._named())

    def _emit(
        self, rule: Rule, q: Quantity, left: Left, name: str, start: int, end: int, deadline: int | None = None
    ) -> None:
        """Add the target and remember it for the numbers that follow."""
        emit = rule.emit
        comparator = left.bound or q.after or (">" if q.more else emit.get("bare", "="))
        direction, change = emit.get("direction"), bool(emit.get("change"))
        grows = self.x.rate_noun.search(name) if q.unit_class in ("rate", "points") else None
        if grows:
            change = True
            if direction in (None, "maintain"):
                direction = "decrease" if self.x.rate_fall.search(grows[0]) else "increase"
        while start < end and self.text[start] in ",、;:和":
            start += 1
        target = Target(
            rule.id,
            name,
            (min(start, left.value_start), max(end, q.after_end)),
            (left.value_start, q.after_end),
            comparator="range" if q.value_max is not None else comparator,
            value=q.value,
            value_max=q.value_max,
            unit=q.unit,
            per=self._per(q, left, change, name),
            direction=direction,
            change=change,
            baseline=self._baseline(q, left, change),
            deadline=deadline or left.due or self._deadline(q, left),
        )
        self._judge(target, q)
        if target.achieved:
            self.reached = target
        elif self.reached is not None and target.baseline is None and self.reached.name == name:
            # 2020年达到X, 2025年达到Y: the value reached is the baseline of the target (contract).
            target.baseline = (self.reached.value, self.reached.unit, self.reached.year)
        self.out.targets.append(target)
        self.last, self.last_left = target, left
        self.s.claimed = max(end, q.after_end)

    def _per(self, q: Quantity, left: Left, change: bool, name: str) -> str | None:
        """The period of a frequency or of a yearly change, from the clause; of time also from a completed name."""
        per = left.per
        if per is None:
            found = list(self.x.per.finditer(self.text, self.s.clause_start(q.start), q.start))
            if found and not self.x.not_per.match(self.text, found[-1].end() - 2):
                per = self.x.per_of[found[-1][0]]
            elif word := self.x.per_after.prefix(self.text, q.after_end, len(self.text)):
                per = self.x.per_of[word]
            elif q.unit_class == "time" and (named := self.x.per.search(name)):
                per = self.x.per_of[named[0]]
        return None if per == "年" and not change and q.unit_class in ("rate", "points", "ratio", "age", "") else per

    def _deadline(self, q: Quantity, left: Left) -> int | None:
        """The year the sentence states for the value, the last one before it; None where it states several at once."""
        if self._years_before(q.start):
            return None
        year = None
        for m in self.x.deadline.finditer(self.text, self.s.begin, q.end):
            if m.end() > q.start:
                break
            base = self.x.base_year.search(self.text, max(self.s.begin, m.start() - 1), m.end() + 16)
            if not (base and base.start() <= m.start() and base.end() >= m.end() and "到" not in m[0]):
                year = next(int(g) for g in m.groups() if g)
        return None if year == left.base_year else year

    def _baseline(self, q: Quantity, left: Left, change: bool) -> tuple[float | None, str | None, int | None] | None:
        """A of 从 A 提高到 B with its year, or the year a change counts from."""
        if left.baseline is not None:
            start = left.baseline
            m = _YEAR.search(self.text, max(left.at, start.start - 12), start.start)
            return start.value, start.unit, int(m[1]) if m else None
        if left.base_year is not None:
            return None, None, left.base_year
        if change:
            years = list(self.x.base_year.finditer(self.text, self.s.begin, q.after_end))
            if years:
                return None, None, next(int(g) for g in years[-1].groups() if g)
        return None

    def _judge(self, target: Target, q: Quantity) -> None:
        """Mark a value that the sentence reports as reached already, with its year."""
        years = _YEAR.findall(self.text, self.s.begin, q.start)
        target.year = int(years[-1]) if years else None
        if target.deadline is None and not self.x.future.search(self.text, self.s.begin, self.s.end):
            target.achieved = self.x.past.search(self.text, self.s.begin, q.start) is not None
