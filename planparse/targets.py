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
from planparse.names import complete, group_before, listed_before, measure_of, members, same_activity, thing_before
from planparse.patterns import compiled
from planparse.quantities import Quantity, quantities
from planparse.records import dataclass, field, replace
from planparse.rules import Rule, Rules, Words
from planparse.sentence import Left, Sentence, Span, within
from planparse.text import View

# What a frame makes of a number: the rule, the name, and the evidence's span; None where nothing commits to it.
Found = tuple[Rule, str, int, int] | None

_SHORT = 10
"""How long a thing is at most that a count only describes; more words than that lost a comma."""
_FEW = 4
_EACH = 6
"""How long the words are at most that say for each of what a number is (每个村); more of them say what is done."""
_ADVERB = 2
"""How long the words before 为 are at most that say how and not who (免费为3万名妇女作检查)."""
_COUNTED = ("count", "people", "times", "time")
_YEAR = compiled("((?:19|20)[0-9]{2})年")
_YEARS = compiled("(?:(?:19|20)[0-9]{2}年[、和及]?){2,}")
_LABEL = 6
"""How long the label of a number is at most (单电源25个工作日)."""
_LABELLED = compiled("、[\u4e00-\u9fff]{2,6}")
_YEAR_SPAN = compiled("((?:19|20)[0-9]{2})年?[-~至到]((?:19|20)[0-9]{2})年")
_SENTENCE_END = compiled("[。!?]")
_LATER = compiled("[、和]((?:19|20)[0-9]{2})年的?(?:达到)?")
_NO_WORDS = Words(())


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

    `last`: the target read last, with what stood left of it, its rule and the words of its holder; `names`: those of
    the last list; `whole`: name and unit of what the last target completed its name from; `borrowed`: whether the name
    being read was completed from the last target's; `basis`: the number that the next ones build on
    (在2020年90%的基础上); `done`: indexes of numbers that a list took along.
    """

    def __init__(self, sentence: Sentence, out: Reading) -> None:
        self.s, self.x, self.text, self.out = sentence, sentence.x, sentence.text, out
        self.last: Target | None = None
        self.last_left: Left | None = None
        self.last_rule: Rule | None = None
        self.last_holder: list[Span] = []
        self.whole: tuple[str, str | None] | None = None
        self.names: list[str] = []
        self.basis: Quantity | None = None
        self.reached: Target | None = None
        self.done: set[int] = set()
        self.borrowed = False

    def read(self) -> None:
        """Read every number; those that nothing claims and nothing guards are noted."""
        for i, q in enumerate(self.s.found):
            if self._says_which(q):
                continue
            if i not in self.done and not self._read_one(i, q) and not q.chinese and not self._guarded(q, None):
                self.out.unclaimed.append((q.start, q.end))

    def _says_which(self, q: Quantity) -> bool:
        """2座500千伏变电站: whether a number right behind the last one only says of what kind its things are."""
        last = self.last
        return last is not None and last.value_span[1] == q.start and q.end < last.evidence[1]

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
        self.borrowed = False
        if self._read_enumerated(q, left):
            return True
        if self._guarded(q, left) or (q.chinese and q.unit_class != "rate" and not self._chinese_counts(q, left)):
            return False
        if left.baseline is None and self._starts_from(i, q):
            return True
        if left.verb is None and q.unit_class == "times":
            self._do(q, left)
        if self._read_later_year(q, left):
            return True
        group = self._group(i)
        if left.respectively or (len(group) > 1 and self._is_list(q, left, group)):
            return self._read_list(i, group, left)
        if self._read_shared_thing(i, q, left) or self._read_labelled(i, q, left):
            return True
        found = self._frame(i, q, left)
        if found is None or not found[1]:
            return False
        self._emit(found[0], q, left, *found[1:])
        return True

    def _read_later_year(self, q: Quantity, left: Left) -> bool:
        """提高到2025年的10.6年、2030年的11.3年: the same measure at a later year."""
        last = self.last
        m = _LATER.fullmatch(self.text, self.s.claimed, q.start) if last and last.unit == q.unit else None
        if not m or last is None or self.last_rule is None:
            return False
        self._emit(self.last_rule, q, replace(left, value_start=q.start), last.name, m.start(1), q.after_end, int(m[1]))
        self.out.targets[-1].baseline = last.baseline
        return True

    def _read_enumerated(self, q: Quantity, left: Left) -> bool:
        """新建A、B等4所照护中心: a count behind the names of what it counts, where the clause builds."""
        if q.unit_class != "count" or left.at != q.start:
            return False
        low = self.s.low(q)
        begin = self.s.trimmed(low, q.start, self.s.holes(low, q.start), _NO_WORDS)
        verb = self.x.builds.match(self.text, begin, q.start)
        thing = self.s.thing(q)
        does = self.x.joins.search(self.text, thing[0] + 2, thing[1] - 1) if not q.chinese else None
        named = verb or does
        if not named or thing[0] == thing[1] or "、" not in self.text[verb.end() if verb else begin : q.start]:
            return False
        placed = self.x.place.match(self.text, *thing)
        if placed and placed[0] != "社区" and not self.text.startswith("级", placed.end()):
            return False
        if q.chinese and (q.value < 2 or not self.x.behind.suffix(self.text, q.start, q.end)):
            return False
        following = next((n for n in self.s.found if q.after_end < n.start < thing[1] + 2), None)
        if following is not None:
            return False
        self._emit(self.x.bare, q, left, self.s.name([self.s.without_tail(thing)]), low, thing[1])
        return True

    def _do(self, q: Quantity, left: Left) -> None:
        """每半年通报1次进展情况: where a period and a thing stand around a frequency, what is between is its verb."""
        low, thing = self.s.low(q), self.s.thing(q)
        if thing[0] < thing[1] and left.at - 2 > low and self.x.per.search(self.text, low, left.at - 1):
            left.verb, left.verb_span = self.x.do, (left.at - 2, left.at)
            left.at -= 2
            for start, bound in self.x.bounds.within(self.text, max(low, left.at - _SHORT), left.at):
                left.bound, left.value_start, left.at = self.x.bound_of[bound], start, start
                break

    def _is_list(self, q: Quantity, left: Left, group: list[Quantity]) -> bool:
        """Whether as many years, or as many measures of one kind, stand before the numbers as there are numbers."""
        if len(self._years_before(q.start)) == len(group):
            return True
        words = self.s.words(self.s.subject((self.s.low(q), left.at)))
        return (
            left.frame() == "level"
            and words.count("、") == len(group) - 1
            and len({n.unit for n in group}) == 1
            and self.x.measured(words)
        )

    def _chinese_counts(self, q: Quantity, left: Left) -> bool:
        """Whether a Chinese numeral is meant as a number: with a bound, a frequency, or one for each place."""
        if left.bound or q.after:
            return True
        clause = (self.s.clause_start(q.start), q.start)
        often = self.x.per.search(self.text, *clause) is not None
        if q.unit_class == "times":
            # 2023年组织一次中期评估: a year says when, as a period says how often.
            return often or (left.frame() == "provide" and _YEAR.search(self.text, *clause) is not None)
        if often and left.frame() == "provide" and self.x.behind.suffix(self.text, q.start, q.end):
            return True
        span = (self.text, q.start, q.end)
        built = self.x.built.suffix(*span)
        if left.verb is None:
            # 新建公办幼儿园两所: behind the name of what is built, at the end of its clause.
            at = self.s.trimmed(*clause, self.s.holes(*clause), _NO_WORDS)
            ends = q.after_end >= self.s.clause_end(q.start) or self.text[q.after_end] in "、和"
            builds = self.x.builds.search(self.text, at, q.start - 2) is not None
            return bool(builds and ends and self.x.behind.suffix(*span))
        if q.value >= 10:
            return True
        if left.frame() != "provide" or not (built or self.x.placed.suffix(*span)):
            return False
        plain = built and left.verb_span[1] - left.verb_span[0] > 1
        return bool(plain or self.x.each.search(self.text, *clause))

    def _starts_from(self, i: int, q: Quantity) -> bool:
        """Whether the number is the start of 从 A 提高到 B, or a base (在2020年90%的基础上): no target itself."""
        if self.x.basis.match(self.text, q.after_end):
            self.basis = q
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
            per = self.x.per_before(self.text, group[-1].after_end, following.start)
            if not self.x.listed.fullmatch(self.text, group[-1].after_end, following.start - len(per)):
                break
            group.append(following)
        return group

    # --- frames -------------------------------------------------------------------------------------------------------

    def _frame(self, i: int, q: Quantity, left: Left) -> Found:
        """What a single quantity says, by the verb before it."""
        subject = (self.s.low(q), left.at)
        thing = self.s.thing(q)
        if q.unit_class == "count" and left.verb and self.x.upgrade.fullmatch(self.text, *left.verb_span):
            # 新建工坊30家、提升20家: things are upgraded, not more of them counted.
            left.verb = self.x.do
        if q.unit_class not in ("rate", "points", "ratio") and self._describes(i, q, thing):
            return None
        if left.frame() == "provide":
            return self._provide(i, q, left, subject, thing)
        if left.verb is None and (behind := self._at_speed(q, subject) or self._done_to(q, left, subject, thing)):
            return behind
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

    def _at_speed(self, q: Quantity, subject: Span) -> Found:
        """以年均8%的速度增长: the verb of a change stands behind the number."""
        m = self.x.at_speed.match(self.text, q.after_end) if q.unit_class in ("rate", "points") else None
        word = self.x.change.prefix(self.text, m.end(), self.s.end) if m else ""
        if not m or not word:
            return None
        by = self.x.by.search(self.text, *subject)
        name = self.s.name(self.s.subject((subject[0], by.start() if by else subject[1])))
        return self.x.change_of[word], self._complete(name, q, subject), subject[0], m.end() + len(word)

    def _done_to(self, q: Quantity, left: Left, subject: Span, thing: Span) -> Found:
        """对3.5万户困难家庭实施适老化改造, 12处水电站完成改造: what is done to the things that are counted."""
        if q.unit_class != "count" or q.chinese or q.after or left.bound:
            return None
        m = self.x.done_to.search(self.text, thing[0] + 2, thing[1])
        lead = self.text[subject[0] : q.start]
        if not m or (lead and not self.x.by.search(lead)):
            return None
        name = self.s.name([(thing[0], m.start()), self.s.without_tail((m.end(), thing[1]))])
        return self.x.bare, name, subject[0], thing[1]

    def _describes(self, i: int, q: Quantity, thing: Span) -> bool:
        """100亩以上制种基地30个; 14条产业链产值突破3200亿元: whether the number only says which ones the next is of."""
        inner = self.s.found[i + 1] if i + 1 < len(self.s.found) else None
        if inner is None or not thing[0] <= inner.start < thing[1] or self._guarded(inner, None):
            return False
        behind = self.s.thing(inner)
        other = q.unit_class != "count" or inner.unit != q.unit
        sized = q.after or (q.unit_class == "amount" and not self.x.provides(self.text, *thing))
        if sized and other and inner.unit_class in ("count", "times"):
            return behind[0] == behind[1]
        left = self.s.left(inner)
        states = left.frame() == "level" or left.bound == ">"
        return q.after is None and q.unit_class == "count" and states and left.at - thing[0] <= _SHORT

    def _level(self, verb: Rule, q: Quantity, left: Left, subject: Span, thing: Span) -> Found:
        """达到, 保持在, 控制在: a level of what the words before name, or of the thing behind the number."""
        spans = self.s.subject(subject, timed=q.unit_class == "time")
        name = self.s.name(spans)
        if q.unit_class in ("people", "count") and self.text[slice(*left.verb_span)] == "为":
            done = self.x.for_whom.search(self.text, thing[0], thing[1] - 1)
            if done and len(name) <= _ADVERB:
                whom = (thing[0] + self.text.startswith("的", thing[0]), done.start())
                return verb, self.s.name([whom, self.s.without_tail((done.end(), thing[1]))]), subject[0], thing[1]
        if thing[0] < thing[1] and not self.x.measured(name) and q.unit_class not in ("", "ratio"):
            if self.x.describing.suffix(self.text, *left.verb_span) and left.bound is None and not q.after:
                return None
            if thing[1] - thing[0] <= 16 and not self.x.new_clause.match(self.text, *thing):
                name = self.s.name([*spans, self.s.without_tail(thing)])
                return verb, self._complete(name, q, subject), subject[0], thing[1]
        if self.text.startswith("占", left.verb_span[0]) and len(name) > 4 and not name.startswith("占"):
            return verb, name, subject[0], q.after_end
        if self.last_rule and self._heightens(q, name, left):
            verb = self.last_rule
        return verb, self._complete(name, q, subject), subject[0], q.after_end

    def _heightens(self, q: Quantity, name: str, left: Left) -> bool:
        """增长6%、力争达到6.5%: whether a level is another value of the change before it."""
        between = self.text[self.s.claimed : left.verb_span[0]].strip(",、")
        last = self.last
        return not name and last is not None and last.change and last.unit == q.unit and between in self.x.lead.words

    def _change(self, verb: Rule, q: Quantity, left: Left, subject: Span, thing: Span) -> Found:
        """提高, 减少 without 到: the amount of a change."""
        if q.unit_class in ("age", "time") and q.after and verb.emit["direction"] != "increase":
            return None
        spans = self.s.subject(subject)
        if thing[0] < thing[1] and q.unit_class not in ("rate", "points", "ratio"):
            return verb, self.s.name([*spans, self.s.without_tail(thing)]), subject[0], thing[1]
        name = self.s.name([*spans, left.verb_span] if verb.emit.get("keep") else spans)
        if not name and self.whole and self.last and self.last.name.startswith(self.whole[0] + "占"):
            # 增加值占生产总值比重达到42%, 年均增长15%: it is the value that grows, not its share.
            name = self.whole[0]
        return verb, self._complete(name, q, subject), subject[0], q.after_end

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
            shared = self._thing_of_next(i, q)
            if shared:
                holder = self._holder(verb, q, left, subject)
                return verb, self.s.name([*holder, shared]), subject[0], q.after_end
            return self._provide_unnamed(verb, q, left, subject)
        holder = self._holder(verb, q, left, subject)
        if left.bound is None and q.after is None and self._shares_bound(q, left):
            left.bound = self.last_left.bound if self.last_left else None
        name = self.s.name([*holder, self.s.without_tail(thing)])
        return (verb, name, subject[0], thing[1]) if len(name) >= 2 else None

    def _shares_bound(self, q: Quantity, left: Left) -> bool:
        """至少开展2次演练、组织1次检查: whether the bound before the first verb of a list is also the next one's."""
        last, before = self.last, self.last_left
        if last is None or before is None or before.bound != ">=" or last.unit != q.unit or q.unit_class != "times":
            return False
        return before.value_start < before.verb_span[0] and self.text[self.s.claimed : left.verb_span[0]] == "、"

    def _thing_of_next(self, i: int, q: Quantity) -> Span | None:
        """市级建成1个、各县至少建成1个庇护场所: the next number of the clause names the thing of both."""
        following = self.s.found[i + 1] if i + 1 < len(self.s.found) else None
        if following is None or following.unit_class != "count" or q.unit_class != "count":
            return None
        if not self.text.startswith("、", q.after_end) or self.s.clause_start(following.start) > q.start:
            return None
        left, thing = self.s.left(following), self.s.thing(following)
        provides = left.frame() == "provide" and self.x.each.search(self.text, q.after_end, following.start)
        return self.s.without_tail(thing) if provides and thing[0] < thing[1] else None

    def _provide_unnamed(self, verb: Rule, q: Quantity, left: Left, subject: Span) -> Found:
        """A number that ends its clause: the verb is the noun of the name, or the thing stands in the clause before."""
        per = self.x.per.search(self.text, subject[0], q.start)
        if q.unit_class == "time" and not per and left.bound is None:
            return None
        spans = self.s.subject(subject, provide=True)
        own = self.s.name(spans)
        keeps = verb.emit.get("keep") or self.x.nominal.search(self.text, *left.verb_span)
        name = self.s.name([*spans, left.verb_span]) if keeps else own
        if len(own) < 2 or (self.x.every.match(own) and not (keeps and len(own) > _EACH)):
            name = own + (thing_before(self.s, subject[0], q, self._named()) or name.removeprefix(own))
        elif not keeps and self.last and same_activity(own, q.unit, self.last.unit, self.x):
            name, self.borrowed = own + measure_of(self.last.name, self.x), True
        return (verb, name, subject[0], q.after_end) if len(name) >= 2 else None

    def _holder(self, verb: Rule, q: Quantity, left: Left, subject: Span) -> list[Span]:
        """Who provides: left out where it is nothing but places; taken over where the clause goes on with 和2次…"""
        holder = self.s.subject(subject, provide=True)
        if self.s.words(holder) in self.x.provide_words or self.x.giver.match(self.text, *subject):
            holder = []
        if verb.emit.get("keep"):
            holder = [*holder, left.verb_span]
        words = self.s.words(holder)
        if self.x.per.fullmatch(words):
            holder, words = [], ""
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
        if q.unit_class == "people" and (q.unit or "").endswith("次") and len(words) <= _FEW and alone:
            # 年服务妇女不少于3000人次: 妇女 alone would say who is counted, not of what.
            spans = s.subject(subject)
            words = s.words(spans)
        bounded = left.bound is not None or q.after is not None
        standard = x.standard.match(self.text, q.after_end)
        norm = x.norm.search(self.text, subject[0], q.start)
        does = x.provides(self.text, q.after_end, thing[1]) if norm and not standard else None
        if does and does[0] == q.after_end and does[1] < thing[1]:
            return x.bare, s.name([*s.subject(subject), s.without_tail((does[1], thing[1]))]), subject[0], thing[1]
        if standard and (bounded or norm):
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
        if alone and q.unit_class == "rate" and x.measured(words):
            # 压减三级以下法人户数30%以上: what is cut is cut by a share.
            at = s.trimmed(*subject, s.holes(*subject), x.lead_but_change)
            cut = x.change_of.get(x.change.prefix(self.text, at, subject[1]))
            if cut and cut.emit["direction"] == "decrease" and bounded:
                return cut, s.name(spans), subject[0], q.after_end
        holds = thing[1] - thing[0] >= 3 and not x.new_clause.match(self.text, *thing)
        if q.unit_class == "rate" and holds and not x.measured(words):
            group = spans or self._group_before(subject, False)
            return x.share, s.name([*group, *self._group_after(i, q, thing)]), subject[0], thing[1]
        before = self.last_left
        went = self.last is not None and self.last.evidence[1] > self.last.value_span[1]
        lists = before is not None and (before.frame() == "provide" or (went and before.verb is None))
        if self._goes_on(q) and not alone and before and lists and (not words or words in x.rest):
            left.verb, left.bound = before.verb, left.bound or before.bound
            left.per = left.per or (self.last.per if self.last else None)
            return self._provide(i, q, left, (subject[1], subject[1]), thing)
        timely = left.per is not None or x.per.search(self.text, *subject) is not None
        own_time = q.unit_class == "time" and not bounded and not left.each and not timely and alone
        if alone and left.bound and x.measured(words):
            return self._name_and_value(q, left, subject, spans, bounded)
        if (q.unit_class == "age" or own_time) and not (alone and (x.measured(words) or self._measured_of(q, words))):
            return None
        where = not words or x.place.fullmatch(words) or x.whole_place.fullmatch(words)
        if q.unit_class == "count" and where and (q.after or q.start > subject[0]) and not alone:
            joins = x.joins.search(self.text, thing[0] + 2, thing[1] - 1)
            if joins and not self._describing(i, thing) and not self.text.startswith("的", thing[0]):
                return x.bare, s.name(s.subject(thing)), subject[0], thing[1]
        if q.unit_class == "times" and bounded and not alone and not words:
            # 每年不少于2次应急演练: the thing stands behind the number alone.
            self.borrowed = self.last is not None and self.last.unit == q.unit
            return x.bare, s.name([s.without_tail(thing)]), subject[0], thing[1]
        of_thing = self.text.startswith("的", q.after_end) and not alone
        if of_thing and words.endswith("规模") and x.partial.fullmatch(words):
            # 组建总规模50亿元的产业发展母基金: the measure is of the thing behind the number.
            return x.bare, s.name([s.without_tail(thing), *spans]), subject[0], thing[1]
        if not alone and spans and self.text[q.after_end].isdigit():
            # 推进核电一期2台125万千瓦机组建设: of what kind the things are stands between them and the number.
            return x.bare, s.name([*spans, s.without_tail(thing)]), subject[0], thing[1]
        if not alone:
            named = self._on_both_sides(i, q, left, subject, spans, thing, bounded)
            if named or q.after or not x.measured(words):
                return named
        return self._name_and_value(q, left, subject, spans, bounded)

    def _describing(self, i: int, thing: Span) -> bool:
        """Whether another number stands in the words behind one."""
        return any(thing[0] <= n.start < thing[1] for n in self.s.found[i + 1 :])

    def _on_both_sides(
        self, i: int, q: Quantity, left: Left, subject: Span, spans: list[Span], thing: Span, bounded: bool
    ) -> Found:
        """保障学生每天…各1小时体育活动时间; 普及残障儿童少年15年免费教育: the thing stands on both sides."""
        m = self.x.per.match(self.text, *subject)
        promised = self.x.promise.match(self.text, m.end() if m else subject[0], subject[1]) is not None
        begin = self.s.trimmed(*subject, self.s.holes(*subject), _NO_WORDS)
        done = q.unit_class == "count" and not q.chinese and not q.after and thing[1] - thing[0] > _FEW
        if done and self.x.completes.match(self.text, begin, subject[1]) and not self._describing(i, thing):
            promised = True
        if not spans or not (promised or left.each or (bounded and q.unit_class in _COUNTED)):
            return None
        if self.text.startswith("的", q.after_end) and not promised:
            return None
        if not promised and not left.each and not left.bound and q.unit_class != "time":
            return None
        self.last_holder = spans
        return self.x.bare, self.s.name([*spans, self.s.without_tail(thing)]), subject[0], thing[1]

    def _name_and_value(self, q: Quantity, left: Left, subject: Span, spans: list[Span], bounded: bool) -> Found:
        """毛入学率 100%, 城镇登记失业率4.5%以内: the name and nothing between it and the number."""
        x, words = self.x, self.s.words(spans)
        if not words:
            again = self._measures_again(q, subject) or (left.per and self.last and self.last.unit == q.unit)
            name = self._complete("", q, subject) if bounded or again else ""
            return (x.bare, name, subject[0], q.after_end) if name else None
        at_level = words.endswith("在") and x.measured(words[:-1])
        if bounded and len(words) > 4 and (at_level or words.endswith("等")):
            spans, words = [*spans[:-1], (spans[-1][0], spans[-1][1] - 1)], words[:-1]
        if (x.no_bare.search(words) and not (bounded and x.measured(words))) or len(words) < 2:
            return None
        own_time = q.unit_class in ("age", "time") and not x.measured(words) and not self._measured_of(q, words)
        timely = q.unit_class == "time" and (left.per or x.per.search(self.text, *subject))
        if not bounded and (q.unit_class == "" or (own_time and not timely)):
            return None
        return x.bare, self._complete(self.s.name(spans), q, subject), subject[0], q.after_end

    def _measures_again(self, q: Quantity, subject: Span) -> bool:
        """新建铁路专用线4条、46.7公里; 增长8%、力争8.5%: whether the number measures the last target's thing again."""
        last = self.last
        if last is None or last.value_span[1] != self.s.claimed or self.s.claimed > subject[0] + 1:
            return False
        between = self.text[self.s.claimed : q.start].lstrip("、")
        if between:
            if last.unit == q.unit and self.x.in_total.fullmatch(between):
                return True
            same = last.unit == q.unit
            return between in (self.x.lead.words if same else self.x.left)
        return last.unit != q.unit and q.unit_class in ("count", "amount", "people")

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

    def _starts_of(self, group: list[Quantity], left: Left) -> dict[int, Quantity]:
        """分别由56.1%、74.8%提高至65%和85%以上: where each member starts from, by its number."""
        last = next((i for i, n in enumerate(self.s.found) if n is left.baseline), -1)
        starts = self.s.found[max(last - len(group) + 1, 0) : last + 1]
        if len(starts) != len(group) or len(self._group(last - len(group) + 1)) != len(group):
            return {}
        return {id(q): start for q, start in zip(group, starts, strict=True)}

    def _years_of(self, group: list[Quantity], words: str) -> list[int | None]:
        """The years that the members of a list are due: those before it, all of a span, or those of as many values of
        one measure before (托位数2025年达到4.6个、2030年达到5.5个，其中普惠占比分别达到…); what is found, else."""
        found: list[int | None] = [*self._years_before(group[0].start)]
        span = list(_YEAR_SPAN.finditer(self.text, self.s.begin, group[0].start))
        before = self.out.targets[-len(group) :]
        if not found and span:
            found = [*range(int(span[-1][1]), int(span[-1][2]) + 1)]
        if not found and "、" not in words and len({t.name for t in before}) == 1 and len(before) == len(group) > 1:
            dated = [t.deadline for t in before if t.evidence[0] >= self.s.begin]
            found = [*dated] if len(set(dated)) == len(group) else []
        return found

    def _years_before(self, at: int) -> list[int]:
        """The years of 到2022年和2030年 before an offset, the last such list; empty for a single year."""
        found = list(_YEARS.finditer(self.text, self.s.begin, at))
        return [int(y) for y in re.findall("(?:19|20)[0-9]{2}", found[-1][0])] if found else []

    def _read_list(self, i: int, group: list[Quantity], left: Left) -> bool:
        """A、B和C分别达到x、y和z以上: one target each; the bound of the last number is every member's."""
        subject = (self.s.low(group[0]), left.at)
        provide = left.frame() == "provide" or group[0].unit_class in ("count", "people")
        words = self.s.name(self.s.subject(subject, provide=provide, timed=True))
        if "、" not in words and len(group) > 1:
            words = group_before(self.s, subject[0], len(group)) + words
        if not words:
            words = listed_before(self.s, subject[0], len(group))
        years = self._years_of(group, words)
        if not words and len(self.names) != len(group):
            # 总量达到A, 收入突破B, 年均分别增长C和D: the names of as many targets before.
            self.names = [t.name for t in self.out.targets[-len(group) :]]
        again = not words and len(self.names) == len(group)
        words = words or self._complete("", group[0], subject)
        if len(years) == len(group):
            names = [words] * len(group)
        else:
            years = [None] * len(group)
            names = self.names if again else members(words, len(group), self.x) if len(group) > 1 else [words]
            names = [n if self.x.measured(n) else self._complete(n, group[0], subject) for n in names]
            self.names = names
            thing = self.s.without_tail(self.s.thing(group[-1]))
            if left.frame() == "provide" and thing[0] < thing[1]:
                names = [name + self.s.name([thing]) for name in names]
        if not all(names):
            return False
        starts = self._starts_of(group, left)
        shared = _last_bound(group)
        for q, name, year in zip(group, names, years, strict=True):
            q.after = q.after or shared
            if q.unit != group[-1].unit and (group[-1].unit or "").startswith(q.unit or ""):
                # 分别达到10、9、8小时: the unit of the last number is every member's.
                q.unit, q.unit_class = group[-1].unit, group[-1].unit_class
            per = self.x.per_before(self.text, subject[0], q.start)
            own = left if q is group[0] else replace(left, value_start=q.start, per=self.x.per_of.get(per, left.per))
            own = replace(own, baseline=starts.get(id(q), own.baseline))
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
            if q.unit_class != "time" and self.text[between[0]] == ",":
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

    def _read_labelled(self, i: int, q: Quantity, left: Left) -> bool:
        """班额控制在小班25人、中班30人、大班35人以内: a label for each number behind one verb of level."""
        low, chain = self.s.low(q), [q]
        if left.verb is not None or left.at != q.start:
            return False
        for following in self.s.found[i + 1 :]:
            between = self.text[chain[-1].after_end : following.start]
            if following.unit != q.unit or not _LABELLED.fullmatch(between) or self.x.measured(between):
                break
            chain.append(following)
        at = next((at for at in range(q.start - 2, max(low, q.start - _LABEL), -1) if self._level_at(low, at)), 0)
        if len(chain) < 2 or not at:
            return False
        own = self.s.left(replace(q, start=at, end=at))
        spans = self.s.subject((low, own.at))
        if own.verb is None or not spans:
            return False
        shared = _last_bound(chain)
        for member, begin in zip(chain, [at, *(n.after_end for n in chain)], strict=False):
            member.after = member.after or shared
            label = (begin + self.text.startswith("、", begin), member.start)
            place = replace(own, value_start=member.start)
            self._emit(own.verb, member, place, self.s.name([*spans, label]), low, chain[-1].after_end)
        self.done.update(range(i, i + len(chain)))
        return True

    def _level_at(self, low: int, at: int) -> bool:
        """Whether a verb of level ends at an offset (控制在, 压缩至)."""
        word = self.x.left_words.suffix(self.text, low, at)
        kind, rule = self.x.left.get(word, ("", self.x.bare))
        return len(word) > 1 and kind == "verb" and rule.emit["frame"] == "level"

    # --- the result ---------------------------------------------------------------------------------------------------

    def _named(self) -> tuple[str, str | None] | None:
        return (self.last.name, self.last.unit) if self.last else None

    def _complete(self, name: str, q: Quantity, subject: Span) -> str:
        named = self._named()
        if self.last and self.text.startswith("(", self.s.claimed) and subject[0] <= self.s.claimed + 1 and name:
            # 建设救助中心1所(建筑面积1200平方米): what stands in the bracket is the last target's.
            return self.last.name + name
        begin = self.s.clause_start(q.start)
        of_which = self.text.startswith("其中", begin) and self.s.claimed <= begin
        if not name and of_which and named and named[1] != q.unit:
            # 投资95亿元, 占比达到40%; 其中2024年28亿元: what is measured in this unit, not the last target.
            same = (t for t in reversed(self.out.targets) if t.unit == q.unit and t.evidence[0] >= self.s.begin)
            named = next(((t.name, t.unit) for t in same), named)
        if self.whole and self.last and self.last.value_span[0] >= self.s.clause_start(q.start):
            # 其中市办医院2.1张、县办医院3.7张: both are parts of what stands before 其中.
            named = self.whole
        completed = complete(self.s, name, q, subject, named)
        lent = named is not None and named[1] == q.unit and not self.x.each_time.fullmatch(name)
        self.borrowed = lent and completed != name != ""
        self.whole = named if name and completed != name else None
        return completed

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
            deadline=deadline or left.due or self._deadline(q, left) or self._due_in(rule, q, end),
        )
        self._judge(target, q)
        if target.achieved:
            self.reached = target
        elif self.reached is not None and target.baseline is None and self.reached.name == name:
            # 2020年达到X, 2025年达到Y: the value reached is the baseline of the target (contract).
            target.baseline = (self.reached.value, self.reached.unit, self.reached.year)
        self.out.targets.append(target)
        self.last, self.last_left, self.last_rule = target, left, rule
        self.s.claimed = max(end, q.after_end)

    def _per(self, q: Quantity, left: Left, change: bool, name: str) -> str | None:
        """The period of a frequency or of a yearly change, from the clause; of time also from a completed name."""
        per = left.per
        if per is None and self.last and self.last.per and self._same_period(q):
            per = self.last.per
        if per is None:
            found = list(self.x.per.finditer(self.text, self.s.clause_start(q.start), q.start))
            over = found and left.frame() == "level" and q.unit_class == "amount" and found[-1].start() < self.s.low(q)
            if found and not over and not self.x.not_per.match(self.text, found[-1].start()):
                per = self.x.per_of[found[-1][0]]
            elif word := self.x.per_after.prefix(self.text, q.after_end, len(self.text)):
                per = self.x.per_of[word]
            elif self.x.yearly.match(self.text, self.s.low(q)):
                per = "年"
            elif q.unit_class == "time" and (named := self.x.per.search(name)) and not self.x.not_per.search(name):
                per = self.x.per_of[named[0]]
        return None if per == "年" and not change and q.unit_class in ("rate", "points", "ratio", "age", "") else per

    def _same_period(self, q: Quantity) -> bool:
        """Whether the period of the target before holds on: 其中…, or the next clause says whom it serves."""
        start = self.s.clause_start(q.start)
        next_clause = start - self.s.claimed <= 1 and q.unit_class in _COUNTED
        again = q.unit_class == "times" and self.last is not None and self.last.unit == q.unit
        again = again and not self.x.per.search(self.text, start, q.start)
        if next_clause and (self.borrowed or again):
            return True
        return self.text.startswith("其中", start) or bool(
            next_clause and self.x.goes_on.match(self.text, start, q.start)
        )

    def _deadline(self, q: Quantity, left: Left) -> int | None:
        """The year the sentence states for the value: the last one before it whose reach it lies in, else the year in
        which the work goes into use behind it; of years listed at once the last if 到 stands before."""
        if self.text.find("年", self.s.begin, q.end) < 0:
            return None if q.unit_class in ("rate", "points") else self._due_after(q)
        listed = list(_YEARS.finditer(self.text, self.s.begin, q.start))
        year = None
        for m in self.x.deadline.finditer(self.text, listed[-1].end() if listed else self.s.begin, q.end):
            if m.end() > q.start:
                break
            opens = self.x.clause_year.fullmatch(self.text, *m.span())
            if opens and self.x.past.search(self.text, self.s.begin, q.start):
                continue
            base = self.x.base_year.search(self.text, max(self.s.begin, m.start() - 1), m.end() + 16)
            if base and base.start() <= m.start() and base.end() >= m.end() and "到" not in m[0]:
                continue
            if q.start <= self._reach(m.start()):
                year = next(int(g) for g in m.groups() if g)
        if year is None and listed:
            # 到2022年和2030年，A分别达到X和Y，B保持在Z: what has one value keeps it until the last year.
            until = self.text[listed[-1].start() - 1] in "到至"
            return int(_YEAR.findall(listed[-1][0])[-1]) if until else None
        if year is None and q.unit_class not in ("rate", "points"):
            year = self._due_after(q)
        return None if year == left.base_year else year

    def _due_in(self, rule: Rule, q: Quantity, end: int) -> int | None:
        """The year in what a group does (50%以上的县2020年前通过评估)."""
        if rule is not self.x.share or "年" not in self.text[q.after_end : end]:
            return None
        m = self.x.deadline.search(self.text, q.after_end, end)
        return next((int(g) for g in m.groups() if g), None) if m else None

    def _due_after(self, q: Quantity) -> int | None:
        """The year in which the work goes into use, in the number's own clause or at the start of a later one."""
        for m in self.x.due_after.finditer(self.text, q.end, self._segment_end(q.end)):
            begin = self.s.clause_start(m.start())
            if begin <= q.start or begin == m.start():
                return int(m[1])
        return None

    def _reach(self, at: int) -> int:
        """How far a year holds.

        One that opens the sentence, and 到2025年 anywhere: to the sentence's end; another that opens a clause: to the
        next semicolon; one inside a clause: to the end of that.
        """
        start = opening = self.s.clause_start(at)
        while opening < at and self.text[opening] == "-":  # the dash of an item, ——2023年:
            opening += 1
        while word := self.x.lead.prefix(self.text, opening, at):
            opening += len(word)
        if opening < at and self.text[at] not in "到至":
            return self.s.clause_end(at)
        return self.s.end if start == self.s.begin or self.text[at] in "到至" else self._segment_end(at)

    def _segment_end(self, at: int) -> int:
        end = self.text.find(";", at, self.s.end)
        return end if end >= 0 else self.s.end

    def _baseline(self, q: Quantity, left: Left, change: bool) -> tuple[float | None, str | None, int | None] | None:
        """A of 从 A 提高到 B with its year, or the year a change counts from."""
        if left.baseline is not None:
            start = left.baseline
            m = _YEAR.search(self.text, max(left.at, start.start - 12), start.start)
            return start.value, start.unit, int(m[1]) if m else None
        if left.base_year is not None:
            return None, None, left.base_year
        if self.basis is not None and self.s.clause_start(q.start) <= self.basis.start:
            m = _YEAR.search(self.text, max(self.s.begin, self.basis.start - 5), self.basis.start)
            return self.basis.value, self.basis.unit, int(m[1]) if m else None
        if change:
            for m in reversed(list(self.x.base_year.finditer(self.text, self.s.begin, q.after_end))):
                # 与2020年相比, …: a year holds on for the next clauses where its own gives no number.
                own, at = self.s.clause_start(q.start), self.s.clause_start(m.start())
                if at == own or not any(at <= n.start < self.s.clause_end(m.start()) for n in self.s.found):
                    return None, None, next(int(g) for g in m.groups() if g)
            if self.borrowed and self.last and self.last.baseline and self.last.baseline[0] is None:
                return self.last.baseline
        return None

    def _judge(self, target: Target, q: Quantity) -> None:
        """Mark a value that the sentence reports as reached already, with its year."""
        years = _YEAR.findall(self.text, self.s.begin, q.start)
        target.year = int(years[-1]) if years else None
        if target.deadline is not None:
            return
        told = list(self.x.past.finditer(self.text, self.s.begin, q.start))
        if told and not self.x.future.search(self.text, self.s.begin, self.s.end):
            # 入库培育库(目前在库120家): a bracket tells of itself alone.
            target.achieved = any(
                self.text.find(")", m.end(), q.start) <= self.text.find("(", m.end(), q.start) for m in told
            )


def _last_bound(group: Sequence[Quantity]) -> str | None:
    """The bound of the last number of a list, every member's too; None where several members state their own."""
    return group[-1].after if sum(1 for q in group if q.after) == 1 else None
