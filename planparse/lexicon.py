"""The words of the packs, compiled once into the tables and patterns that reading a sentence needs."""

from __future__ import annotations

import re

from planparse.patterns import compiled
from planparse.records import dataclass
from planparse.rules import Rule, Rules, Words, alternation

_NEVER = "(?!)"
_SET = compiled(r"(?P<one>[^\[\]\\^-])|(?:\(\?:)?\[(?P<many>(?:[^\]\\^]|\\.)(?:[^\]\\]|\\.)*)\]\)?")


@dataclass(slots=True, eq=False)
class Guard:
    """Looks at the words on both sides of a number; a number it holds back is no target. `units`: unit classes."""

    id: str
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    units: frozenset[str]


REACH = {"clause": ",;。", "sentence": ";。"}
"""Where the stretch ends that a guard with `where.reach` protects."""


def reach(text: str, span: tuple[int, int], begin: int, end: int, marks: str) -> tuple[int, int]:
    """The stretch of [begin, end) around a span, up to the next of the marks on either side."""
    starts = [text.rfind(mark, begin, span[0]) + 1 for mark in marks]
    ends = [at for mark in marks if (at := text.find(mark, span[1], end)) >= 0]
    return max([begin, *starts]), min([end, *ends])


class Lexicon:
    """Every table and pattern of the packs that target reading uses; names follow the packs' rule ids and parts."""

    def __init__(self, rules: Rules) -> None:
        frames = rules.of("frame")
        by_id = {r.id: r for r in frames}
        self.bare, self.share = by_id["level.bare"], by_id["share.of"]
        self.no_bare = rules.compile(f"{self.bare.pattern}$")

        # Words read leftwards from a number: word -> (kind, rule).
        self.left: dict[str, tuple[str, Rule]] = {}
        for rule in rules.of("filler"):
            if rule.emit["place"] == "inner":
                self.left.update(dict.fromkeys(rule.words, ("filler", rule)))
        periods = rules.of("per")
        for rule in periods:
            if not rule.where:
                self.left.update(dict.fromkeys(rule.words, ("per", rule)))
        for rule in frames:
            if not rule.where and not rule.pattern:
                self.left.update(dict.fromkeys(rule.words, ("verb", rule)))
        before = [r for r in rules.of("bound") if r.emit["place"] == "before"]
        for rule in before:
            self.left.update(dict.fromkeys(rule.words, ("bound", rule)))
        self.left_words = Words(self.left)
        self.bound_of: dict[str, str] = {w: r.emit["comparator"] for r in before for w in r.words}

        # Between a holder and the verb of providing, periods and 分别 stand that are neither's.
        self.between = Words(w for w, (kind, r) in self.left.items() if kind in ("per", "bound") or "says" in r.emit)
        self.bounds = Words(w for w in self.bound_of if len(w) > 1)
        self.early_bounds = Words(rules.words("numeral", part="early-bound"))

        # Words taken off the start and end of a name.
        kept = {w for r in frames if r.emit.get("keep") for w in r.words}
        provide = {w for r in frames if r.emit["frame"] == "provide" and not r.where for w in r.words}
        self.provide_words = {w for w in provide if len(w) > 1} - kept
        self.change_of = {w: r for r in frames if r.emit["frame"] == "change" for w in r.words if len(w) > 1}
        self.provide_table = Words(self.provide_words)
        lead = set(rules.words("filler", place="lead"))
        self.lead = Words(lead)
        self.lead_provide = Words(lead | self.provide_words | set(self.change_of))
        self.lead_but_change = Words(lead - set(self.change_of))
        self.change = Words(self.change_of)
        self.tail = Words(rules.words("filler", place="tail"))
        self.close = Words([*",、;:—-", *rules.words("filler", place="close")])
        self.last = Words(rules.words("filler", place="last"))
        self.rest = frozenset(rules.words("filler", place="rest"))
        self.to = Words(rules.words("filler", place="to"))
        self.within = rules.words("filler", place="within")
        self.noun_endings = Words(rules.words("filler", place="ending"))
        self.per = compiled(alternation([w for r in periods if not r.where for w in r.words]))
        self.per_words = Words(w for r in periods if not r.where for w in r.words)
        self.per_after = Words(w for r in periods if r.where for w in r.words)
        self.per_of: dict[str, str] = {w: r.emit["per"] for r in periods for w in r.words}

        # Nouns that names end with or share.
        self.rates = Words(w for r in rules.of("measure") if not r.where for w in r.words)
        self.measures = Words(w for r in rules.of("measure") for w in r.words)
        held: dict[str, list[str]] = {}
        for rule in rules.of("holder"):
            held.setdefault(rule.where.get("part", ""), []).extend(rule.words)
        self.holders, self.qualifiers = compiled(alternation(held[""])), compiled(alternation(held["qualifier"]))
        self.measured_holders, self.holder_endings = Words(held["measured"]), Words(held["ending"])

        # Measure words that small Chinese numerals count: of what is built, of what each place has.
        self.built = Words(rules.words("numeral", part="built"))
        self.placed = Words(rules.words("numeral", part="placed"))
        self.behind = Words(rules.words("numeral", part="behind"))

        # What the rest of the sentence says of a number.
        parts: dict[str, list[str]] = {}
        for rule in rules.of("context"):
            parts.setdefault(rule.emit["part"], []).append(rule.pattern or _NEVER)

        def context(*names: str) -> re.Pattern[str]:
            return rules.compile("|".join(f"(?:{p})" for name in names for p in parts.get(name, [_NEVER])))

        self.deadline, self.clause_year = context("deadline", "clause-year"), context("clause-year")
        self.base_year = context("baseline-year")
        self.drop = context("drop", "yearly")
        self.place = context("place")
        self.whole_place = context("whole-place")
        self.past = context("past")
        self.future = context("future")
        self.goals = context("goals")
        self.per_head = context("per-head")
        self.inner_verb = context("inner-verb")
        self.share_base = context("share-base")
        self.rate_noun = context("rate-noun")
        self.rate_fall = context("rate-fall")
        self.level_noun = context("level-noun")
        self.level_mark = context("level-mark")
        self.standard = context("standard")
        self.topic_end = context("topic-end")
        self.topic = context("topic")
        self.not_per = context("not-per")
        self.upgrade, self.own_base = context("upgrade"), context("own-base")
        self.size, self.held = context("size"), context("held")
        self.average = context("average")
        self.completes = context("completes")
        self.each_time = context("each-time")
        self.timed_unit = context("timed-unit")
        self.in_total, self.at_speed, self.by = context("in-total"), context("at-speed"), context("by")
        self.done_to = context("done-to")
        self.nominal = context("nominal")
        self.promise = context("promise")
        self.from_word = context("from")
        self.to_verb = context("to")
        self.basis = context("basis")
        self.conjunction = context("conjunction")
        self.further = context("further")
        self.new_clause = context("new-clause")
        self.every = context("every")
        self.each = context("each")
        self.member_verb = context("member-verb")
        self.grade = context("grade")
        self.trend_end = context("trend-end")
        self.builds = context("builds")
        self.for_whom = context("for-whom")
        self.partial = context("partial")
        self.norm = context("norm")
        self.giver = context("giver")
        self.due_after = context("due-after")
        self.joins = context("joins")
        self.yearly, self.per_many, self.goes_on = context("yearly"), context("per-many"), context("goes-on")
        self.do = by_id["provide.do"]
        self._not_verb = context("not-verb")
        self.conjunctions = context("and")
        self.among = context("among")
        self.of_last = context("of-last")
        self.listed = context("listed")
        self.member = context("member")
        self.inside = Words(rules.words("context", part="inside"))
        self.describing = Words(rules.words("context", part="describing"))
        self._opening = frozenset(rules.words("context", part="opening"))

        # Numbers that are no targets.
        self.guards: list[Guard] = []
        zones: dict[str, dict[str, list[str]]] = {}
        for rule in rules.of("guard"):
            if rule.pattern:
                key = rule.where.get("unless") or rule.where.get("reach", "")
                zones.setdefault(key, {}).setdefault(rule.when or "", []).append(f"(?:{rule.pattern})")
            else:
                self.guards.append(
                    Guard(
                        rule.id,
                        rules.compile(f"(?:{rule.before})$") if rule.before else None,
                        rules.compile(rule.after) if rule.after else None,
                        frozenset(rule.units),
                    )
                )

        def zone(key: str) -> re.Pattern[str]:
            # Patterns that begin alike share one look at what they begin with, and all that begin with a character of a
            # set one look before: at most places none can begin. A third of the time on every text.
            sets: list[str] = []
            others: list[str] = []
            begins = ""
            for when, patterns in zones.get(key, {}).items():
                each = f"(?={when})(?:{'|'.join(patterns)})" if when else "|".join(patterns)
                m = _SET.fullmatch(when)
                (sets if m else others).append(each)
                begins += m["many"] or m["one"] if m else ""
            first = [f"(?=[{begins}])(?:{'|'.join(sets)})"] if sets else []
            return rules.compile("|".join([*first, *others]) or _NEVER)

        self.zones, self.loose_zones = zone(""), zone("bound")
        self.clause_zones, self.sentence_zones = zone("clause"), zone("sentence")

    def out_of_bounds(self, text: str, begin: int, end: int) -> list[tuple[int, int]]:
        """The spans of a sentence whose numbers are no targets, whatever stands around them."""
        spans = [m.span() for m in self.zones.finditer(text, begin, end)]
        for pattern, marks in ((self.clause_zones, REACH["clause"]), (self.sentence_zones, REACH["sentence"])):
            spans += [reach(text, m.span(), begin, end, marks) for m in pattern.finditer(text, begin, end)]
        return spans

    def per_before(self, text: str, low: int, at: int) -> str:
        """The period that the text before an offset ends with (每人每年), or the empty string."""
        return self.per_words.suffix(text, low, at)

    def measured(self, words: str) -> bool:
        """Whether a name ends with a noun of measure (…率, …比例, …人数(万人))."""
        end = len(words)
        if words.endswith(")"):
            end = max(words.rfind("("), 0)
        return bool(self.measures.suffix(words, 0, end))

    def provides(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """The span of the first verb of providing in a stretch of text, or None."""
        return next(((at, at + len(word)) for at, word in self.provide_table.within(text, start, end)), None)

    def not_verb(self, word: str, text: str, low: int, at: int) -> bool:
        """Whether a one-character verb ending at `at` is the end of a word (作为, 所有, 直到) or begins the clause."""
        if len(word) > 1:
            return False
        return (at - 1 == low and word in self._opening) or self._not_verb.search(text, low, at) is not None
