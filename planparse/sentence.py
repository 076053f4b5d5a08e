"""One sentence as target reading sees it: clauses, the words before and after a number, and names cut from them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from planparse.lexicon import Lexicon
from planparse.patterns import compiled
from planparse.quantities import Quantity
from planparse.records import dataclass
from planparse.rules import Rule, Words
from planparse.text import View

Span = tuple[int, int]

_MARKS = compiled("[,;:()《》]")
_YEAR = compiled("((?:19|20)[0-9]{2})年")
_NO_THING = ",;。、()!?:0123456789"
"""What stands behind a number that no thing follows."""
_NOUN = 3
"""How long what a number says the kind of is at least (2座500千伏变电站)."""
_DONE = 8
"""How long the words for what is done so often are at most."""
_AHEAD = 48
"""How far behind a name the words can stand that tell what is context in it (较2020年 … 下降)."""
_OUTER = ",，、;；:：。 的—-"


@dataclass(slots=True, eq=False)
class Left:
    """What stands before a number.

    `at`: where the name's words end; `value_start`: where the value's words begin (不少于 of 不少于12个); `verb` with
    its span, `bound` (comparator) and `per` as found; `each`: 各 before the number; `respectively`: 分别 before it;
    `baseline`: A of 从 A 提高到 B; `base_year`: 2019 of 恢复到2019年的90%; `due`: 2025 of
    提高到2025年的95%.
    """

    at: int
    value_start: int
    verb: Rule | None = None
    verb_span: Span = (0, 0)
    bound: str | None = None
    per: str | None = None
    each: bool = False
    respectively: bool = False
    baseline: Quantity | None = None
    base_year: int | None = None
    due: int | None = None

    def frame(self) -> str | None:
        """The frame of the verb: "level", "change", "provide", or None without one."""
        return self.verb.emit["frame"] if self.verb else None


class Sentence:
    """The sentence [begin, end) of a view with the numbers in it that no guard's pattern covers.

    `claimed`: offset behind the last target read; names of later ones begin after it. `loose`: spans in which only a
    number with a bound counts.
    """

    def __init__(self, view: View, begin: int, end: int, found: Sequence[Quantity], lexicon: Lexicon) -> None:
        self.text, self.raw, self.begin, self.end, self.x = view.text, view.raw, begin, end, lexicon
        strict = lexicon.out_of_bounds(self.text, begin, end)
        self.loose = [m.span() for m in lexicon.loose_zones.finditer(self.text, begin, end)]
        self.found = [q for q in found if not within(q, strict)]
        self.seps = self._separators()
        self.claimed = begin

    def _separators(self) -> list[int]:
        """Offsets of the commas, semicolons and colons outside brackets, titles and numbers."""
        out: list[int] = []
        depth = 0
        for m in _MARKS.finditer(self.text, self.begin, self.end):
            c = m[0]
            if c in "(《":
                depth += 1
            elif c in ")》":
                depth = max(0, depth - 1)
            elif depth == 0 and not any(q.start < m.start() < q.end for q in self.found):
                out.append(m.start())
        return out

    # --- clauses ------------------------------------------------------------------------------------------------------

    def clause_start(self, at: int) -> int:
        """Where the clause around an offset begins."""
        i = bisect_left(self.seps, at)
        return self.seps[i - 1] + 1 if i else self.begin

    def clause_end(self, at: int) -> int:
        """Where the clause around an offset ends, its closing mark not included."""
        i = bisect_left(self.seps, at)
        end = self.seps[i] if i < len(self.seps) else self.end
        while end > at and self.text[end - 1] in "。!?":
            end -= 1
        return end

    def previous_clause(self, at: int) -> Span | None:
        """The clause before the one that begins at `at`; None for the first or an empty one."""
        if at <= self.begin:
            return None
        i = bisect_left(self.seps, at - 1)
        start = self.seps[i - 1] + 1 if i else self.begin
        return (start, at - 1) if at - 1 > start else None

    def low(self, q: Quantity) -> int:
        """Where the words that may name a number begin: at its clause, behind the last target."""
        return max(self.clause_start(q.start), self.claimed if self.claimed <= q.start else self.begin)

    # --- left of a number ---------------------------------------------------------------------------------------------

    def left(self, q: Quantity) -> Left:
        """Read leftwards from a number: bounds, one verb, periods and auxiliary words, up to the words of its name."""
        x, text, low = self.x, self.text, self.low(q)
        out = Left(q.start, q.start)
        joined = False
        if text.endswith("的" if q.unit_class in ("rate", "ratio") else "年的", low, q.start):
            self._share_base(out, low)
        while out.at > low:
            word = x.left_words.suffix(text, low, out.at)
            if not word:
                # 分别比2020年下降18%: the year that a change counts from stands between the verb and its adverbs.
                base = out.verb and text[out.at - 1] in "年末底" and self._base_before(low, out.at)
                if not base:
                    break
                out.at = base
                continue
            kind, rule = x.left[word]
            if kind == "verb":
                if (out.verb is not None and not joined) or x.not_verb(word, text, low, out.at):
                    break
                if out.verb is None:
                    out.verb, out.verb_span = rule, (out.at - len(word), out.at)
                joined = False
            elif kind == "bound":
                if out.bound is None:
                    out.bound, out.value_start = rule.emit["comparator"], out.at - len(word)
            elif kind == "per":
                out.per = rule.emit["per"]
            else:
                says = rule.emit.get("says")
                out.respectively = out.respectively or says == "respectively"
                out.each = out.each or says == "each"
                joined = says == "and"
            out.at -= len(word)
            if out.frame() == "level" and out.baseline is None:
                self._from(out, low)
        self.bound_before(out, low)
        if out.verb is None and out.bound is None:
            self._bound_and_verb(out, low)
        if out.bound is None and out.verb is None and q.unit_class in ("count", "people", "times"):
            self._bound_of_clause(out, low, q.unit_class == "times")
        return out

    def _base_before(self, low: int, at: int) -> int:
        """Where the words of a base year begin that end at an offset; 0 where there are none."""
        return next((m.start() for m in self.x.base_year.finditer(self.text, low, self.end) if m.end() == at), 0)

    def _share_base(self, left: Left, low: int) -> None:
        """占总数的50%: the verb stands before the base; 占 and its base stay in the name."""
        m = self.x.share_base.search(self.text, low, left.at)
        if not m:
            return
        kind, rule = self.x.left.get(m["verb"], ("", self.x.bare))
        if kind == "bound":
            left.bound, left.value_start, left.at = rule.emit["comparator"], m.start(), m.start()
        elif kind == "verb":
            left.verb, left.verb_span = rule, m.span("verb")
            left.at = m.end("base") if m["kept"] else m.start()
        year = _YEAR.fullmatch(m["base"])
        if year and m["restored"]:
            left.base_year = int(year[1])
        elif year:
            left.due = int(year[1])
            self._from(left, low)

    def _from(self, left: Left, low: int) -> None:
        """从 A 提高到 B: A is the baseline, the name ends before 从."""
        before = next((q for q in self.found if left.at in (q.after_end, q.end)), None)
        if before is None:
            return
        words = list(self.x.from_word.finditer(self.text, max(low, before.start - 24), before.start))
        if words:
            left.baseline, left.at = before, words[-1].start()

    def _bound_and_verb(self, left: Left, low: int) -> None:
        """中欧班列每周至少开行8列: between a bound and the number stands a verb, whichever it is, or per how many the
        number counts (密度不低于每10万人30台)."""
        per_many = next((m for m in self.x.per_many.finditer(self.text, low, left.at) if m.end() == left.at), None)
        if per_many:
            for start in range(max(low, per_many.start() - 4), per_many.start() - 1):
                word = self.x.bounds.prefix(self.text, start, left.at)
                if start + len(word) == per_many.start():
                    left.bound, left.value_start, left.at = self.x.bound_of[word], start, start
                    return
        for start, word in self.x.early_bounds.within(self.text, max(low, left.at - 5), left.at):
            if word in self.x.bound_of and 2 <= left.at - start - len(word) <= 3:
                left.bound, left.value_start = self.x.bound_of[word], start
                left.verb, left.verb_span, left.at = self.x.do, (start + len(word), left.at), start
                per = self.x.per_before(self.text, low, left.at)
                left.per, left.at = self.x.per_of.get(per, left.per), left.at - len(per)
                return

    def _bound_of_clause(self, left: Left, low: int, often: bool) -> None:
        """每年至少举办专场招聘会2场: bound and verb stand before the thing, the number behind it.

        `often`: the number says how often, and what is done may be any word (至少登岛巡诊一次).
        """
        for start, word in self.x.early_bounds.within(self.text, low, left.at):
            behind = start + len(word)
            if self.x.provide_table.prefix(self.text, behind, left.at) or (often and left.at - behind <= _DONE):
                if not any(behind <= n.start < left.at for n in self.found):
                    left.bound = self.x.bound_of.get(word)
                return

    def bound_before(self, left: Left, low: int) -> None:
        """每月至少上门探访2次: words of the activity may stand between the bound and the verb of providing."""
        if left.bound is not None or left.frame() != "provide":
            return
        for start, word in self.x.bounds.within(self.text, max(low, left.at - 16), left.at):
            if 1 <= left.at - start - len(word) <= 10:
                left.bound, left.value_start = self.x.bound_of[word], start
                left.verb_span = (start + len(word), left.verb_span[1])
                per = self.x.per_before(self.text, low, start)
                left.per, left.at = self.x.per_of.get(per, left.per), start - len(per)
                return

    # --- right of a number --------------------------------------------------------------------------------------------

    def thing(self, q: Quantity) -> Span:
        """The thing named after a number: up to the end of the clause or the next number; empty where none is named."""
        start, x = q.after_end, self.x
        end = self.clause_end(start)
        kind = next((n for n in self.found if n.start == start), None)
        sized = kind and q.unit_class == "count" and kind.unit_class in ("amount", "") and end - kind.after_end >= _NOUN
        which = kind is not None and (kind.unit_class == "age" or sized)
        if start >= end or (self.text[start] in _NO_THING and not which) or x.level_mark.match(self.text, start, end):
            return start, start
        further = x.further.search(self.text, start + 2, end)
        if further:
            end = further.start()
        for following in self.found:
            if start <= following.start < end:
                cut = x.conjunction.search(self.text, start + 2, following.start)
                if cut:
                    end = cut.start()
                    break
        return start, self._balanced(start, end)

    def _balanced(self, start: int, end: int) -> int:
        """The offset of the first bracket that closes without having been opened, else `end`."""
        depth = 0
        for j in range(start, end):
            if self.text[j] == "(":
                depth += 1
            elif self.text[j] == ")":
                if depth == 0:
                    return j
                depth -= 1
        return end

    def without_tail(self, thing: Span) -> Span:
        """A thing's span without a leading 的 and closing words that are not part of it (任务, 等)."""
        start, end = thing
        while start < end and self.text[start] == "的":
            start += 1
        while (word := self.x.tail.suffix(self.text, start + 2, end)) and end - len(word) >= start + 2:
            end -= len(word)
        return start, end

    # --- names --------------------------------------------------------------------------------------------------------

    def holes(self, start: int, end: int) -> list[Span]:
        """Deadlines, base years and other context inside a span, in order."""
        stop = min(self.end, end + _AHEAD)
        dated = self.text.find("20", start, stop) >= 0 or self.text.find("19", start, stop) >= 0
        return sorted(
            (m.start(), min(m.end(), end))
            for pattern in ((self.x.deadline, self.x.base_year, self.x.drop) if dated else (self.x.drop,))
            for m in pattern.finditer(self.text, start, stop)
            if m.start() < min(m.end(), end)
        )

    def subject(self, span: Span, provide: bool = False, timed: bool = False) -> list[Span]:
        """The spans of a name's words before a number: context, periods and auxiliary words taken off.

        `provide`: verbs of providing are auxiliary too; `timed`: 每天 stays, as part of what is measured.
        """
        start, end = span
        given = self.x.giver.match(self.text, start, end) is not None
        holes = self.holes(start, end)
        start = self.trimmed(start, end, holes, self.x.lead_provide if provide else self.x.lead, timed)
        while word := self.x.close.suffix(self.text, start, end):
            end -= len(word)
        spans: list[Span] = []
        at = start
        for s, e in holes:
            if s < at:
                at = max(at, min(e, end))
                continue
            if s > at:
                spans.append((at, s))
            at = e
        if end > at:
            spans.append((at, end))
        return [piece for s in spans for piece in self._without_inner_verb(s, given)] if provide else spans

    def trimmed(self, start: int, end: int, holes: list[Span], lead: Words, timed: bool = False) -> int:
        """The offset behind deadlines, periods and auxiliary words at the start of a span."""
        text = self.text
        while start < end:
            before = start
            for s, e in holes:
                if s <= start < e:
                    start = e
            while start < end and text[start] in ",、;:—-。”()":
                start += 1
            m = self.x.per.match(text, start, end)
            if m and timed and self.x.per_of[m[0]] == "天":
                m = None
            if m and end - m.end() >= 2:
                start = m.end()
            word = lead.prefix(text, start, end)
            behind = start + len(word)
            if word and end - behind >= 2 and not self.x.noun_endings.prefix(text, behind, end):
                start = behind
            if start == before:
                break
        return start

    def _without_inner_verb(self, span: Span, given: bool) -> list[Span]:
        """为妇女提供家政技能培训 -> 妇女, 家政技能培训: the verb between holder and thing is left out.

        `given`: the holder only is who gets support in it, and is left out too.
        """
        inside = span[0] + 2, span[1] - 2
        m = self.x.inner_verb.search(self.text, *inside) or (given and self.x.builds.search(self.text, *inside))
        if not m or self.x.rates.suffix(self.text, *span):
            return [span]
        start = span[0] + len(self.x.to.prefix(self.text, *span))
        holder = self.text[start : m.start()]
        if given or self.x.whole_place.fullmatch(holder) or self.x.place.fullmatch(holder):
            return [(m.end(), span[1])]
        end = m.start()
        while word := self.x.between.suffix(self.text, start, end):
            end -= len(word)
        return [(start, end), (m.end(), span[1])]

    def words(self, spans: Sequence[Span]) -> str:
        """The folded words of spans, joined."""
        return "".join(self.text[s:e] for s, e in spans)

    def name(self, spans: Sequence[Span]) -> str:
        """The source words of spans, joined; outer punctuation and unpaired marks dropped."""
        words = "".join(self.raw[s:e] for s, e in spans if e > s).strip(_OUTER)
        words = words.removesuffix(self.x.last.suffix(words, 0, len(words)))
        if sum(words.count(c) for c in "(（") < sum(words.count(c) for c in ")）"):
            words = words.lstrip(")）")
        return words[:-1] if words.endswith("”") and words.count("“") < words.count("”") else words


def within(q: Quantity, spans: Sequence[Span]) -> bool:
    """Whether a number lies inside one of the spans."""
    return any(s <= q.start and q.end <= e for s, e in spans)
