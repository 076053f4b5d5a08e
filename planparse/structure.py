"""Blocks to plans: the covering notice, each plan's title and extent, and its section tree.

Guarantees of this stage:

1. Plans do not overlap; each holds its title, its sections and nothing of the page around it.
2. Sections nest by their numbering (第一章, 第一节, 一、, (一), 主要目标); each has one role.
3. Every paragraph of a plan belongs to exactly one section, and to at most one item of it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from itertools import pairwise

from planparse.blocks import RANK, Block, Paragraph, TableBlock
from planparse.document import Note
from planparse.patterns import compiled
from planparse.quantities import chinese_number
from planparse.records import dataclass, field
from planparse.rules import NEVER, Rule, Rules, alternation
from planparse.text import View

_LONGEST_HEADING = 50
_LONGEST_TITLE = 60
_NUMBERED = compiled("(?<![^。;])[0-9]{1,2}[.、](?![0-9])")
"""Sentences that number themselves within a paragraph (主要目标：1.…。2.…。)."""
_LONGEST_BARE = 20
"""How long a chapter's heading without a number is at most."""


@dataclass(slots=True, eq=False)
class Piece:
    """A stretch of running text in a section. `item`: number of the numbered paragraph it belongs to, or None."""

    view: View
    item: int | None


@dataclass(slots=True, eq=False)
class Item:
    """A numbered paragraph with the unnumbered ones that go on with it: `number`, source span, its pieces."""

    number: int
    start: int
    end: int
    pieces: list[Piece] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Section:
    """A node of the section tree. `rank`: depth of its numbering kind (blocks.RANK); `line`: of its heading."""

    role: str
    number: str | None
    heading: str
    marker: str
    rank: int
    start: int
    end: int
    line: int
    parent: Section | None = None
    pieces: list[Piece] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    tables: list[TableBlock] = field(default_factory=list)
    holds_targets: bool = True
    item_marker: str | None = None
    sections: list[Section] = field(default_factory=list)

    def walk(self) -> Iterator[Section]:
        """This section and all below it, in source order."""
        yield self
        for child in self.sections:
            yield from child.walk()

    def within(self, role: str) -> Section | None:
        """The nearest section from here upwards that has the role, or None."""
        at: Section | None = self
        while at is not None:
            if at.role == role:
                return at
            at = at.parent
        return None


@dataclass(slots=True, eq=False)
class Notice:
    """What the covering notice says; dates are ISO strings."""

    title: str | None = None
    document_number: str | None = None
    index_number: str | None = None
    issuer: str | None = None
    issued_on: str | None = None
    published_on: str | None = None
    recipients: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class PlanDraft:
    """One plan before its targets are read. `period`: (start, end) years, either may be None."""

    title: str
    region: str | None
    subject: str | None
    period: tuple[int | None, int | None] | None
    start: int
    end: int
    sections: list[Section]
    notes: list[Note]

    def walk(self) -> Iterator[Section]:
        """All sections in source order."""
        for section in self.sections:
            yield from section.walk()


# ---------------------------------------------------------------------------------------------------------------------
# Titles and extents


class _Titles:
    """What the packs say of titles, notices, their metadata, regions and the foot of a page."""

    def __init__(self, rules: Rules) -> None:
        kinds = alternation(rules.words("title", part="kind"))
        drafts = alternation(rules.words("title", part="draft"))
        editions = alternation(rules.words("title", part="edition"))
        self.draft = compiled(rf"[（(](?:{drafts})[）)]$")
        self.bracket = compiled(rf"\((?:[^()]*[12][0-9]{{3}}[^()]*|{drafts}|{editions})\)?")
        brackets = rf"(?:{self.bracket.pattern}|\([12][0-9-]*年?)*"
        self.plan = compiled(rf"[^。;:!?>»|《]{{3,50}}(?:{kinds}){brackets}")
        self.kinds = compiled(rf"(?:{kinds})$")
        self.notice = rules.joined("title", part="notice")
        self.reports = [
            (rules.compile(r.pattern or NEVER), r.emit.get("title", ""))
            for r in rules.of("title")
            if r.emit["part"] == "work-report"
        ]
        self.issuing = rules.joined("title", part="issuing")
        self.signature = rules.joined("title", part="signature")
        self.period = rules.joined("title", part="period")
        self.lead = rules.joined("title", part="lead")
        self.annex = rules.joined("title", part="annex")
        self.drops = [rules.compile(p) for p in rules.patterns("title", part="drop")]
        self.also, self.wraps, self.about, self.issues, self.five_year = (
            tuple(rules.words("title", part=part)) for part in ("also", "wrap", "about", "issues", "five-year")
        )
        self.tail = rules.joined("furniture", place="tail")
        self.region = rules.joined("region", part="region")
        self.issuer_region = rules.joined("region", part="issuer")
        self.no_region, self.everywhere = (frozenset(rules.words("region", part=part)) for part in ("not", "whole"))
        self.metadata: list[tuple[str | None, re.Pattern[str] | None, list[str]]] = [
            (r.emit["field"], rules.compile(r.pattern) if r.pattern else None, r.words) for r in rules.of("metadata")
        ]
        keys = alternation([w for r in rules.of("metadata") for w in r.words])
        self.keys = compiled(rf"[\[【]?({keys})[\]】]?[:]?")
        self.keyed = compiled(rf"[\[【]?({keys})[\]】]?[:]")
        self.number = next(p for name, p, _ in self.metadata if name == "document_number" and p)

    def report(self, text: str) -> str | None:
        """The title of the work report that a text opens, or None."""
        return next((title for pattern, title in self.reports if pattern.search(text)), None)

    def goes_on(self, text: str) -> bool:
        """Whether a line goes on with the title above it."""
        return len(text) >= 3 and text.startswith(self.also)

    def issued(self, text: str, written: str) -> list[str]:
        """What stands in 《》 of a sentence that issues plans: `text` folded, `written` to take it from."""
        return re.findall("《([^》]+)》", written) if any(word in text for word in self.issues) else []


def _han(text: str) -> str:
    """Only the Chinese characters: what stays of a title when digits and brackets were lost."""
    kept = re.sub("(?<=[0-9])年|年(?=[)）])", "", text)
    return "".join(c for c in kept if "\u3400" <= c <= "\u9fff" or c == "〇")


def _is_title(paragraph: Paragraph, t: _Titles) -> bool:
    text = paragraph.view.text
    return (
        paragraph.marker is None
        and 5 <= len(text) <= _LONGEST_TITLE
        and bool(t.plan.fullmatch(text))
        and not t.notice.search(text)
    )


def _first_marker(blocks: list[Block], at: int) -> Paragraph | None:
    """The first numbered heading from a block on."""
    for block in blocks[at:]:
        if isinstance(block, Paragraph) and block.marker in ("chapter", "part", "one", "two", "front"):
            return block
    return None


def _is_first(paragraph: Paragraph) -> bool:
    if paragraph.marker == "front":
        return True
    return bool(re.search("[一1]", paragraph.number or "")) and not re.search(
        "[十二三四五六七八九2-9]", paragraph.number or ""
    )


def plans_of(blocks: list[Block], text: str, rules: Rules) -> tuple[Notice | None, list[PlanDraft]]:
    """The notice and the plans of a document; no plan gives an empty list."""
    t = rules.compiled("titles", _Titles)
    starts = _plan_starts(blocks, t)
    if not starts:
        return None, []
    head = [p for b in blocks[: starts[0][0]] for p in _lines_of(b)]
    notice, issued = _notice(head, t)
    plans = []
    bounds = [at for at, _ in starts] + [len(blocks)]
    for (at, length), end in zip(starts, bounds[1:], strict=True):
        part = blocks[at:end]
        plans.append(_plan(part, length, issued, notice, text, rules, t))
    return notice, plans


def _plan_starts(blocks: list[Block], t: _Titles) -> list[tuple[int, int]]:
    """(index of the title's block, number of blocks the title covers) of each plan; length 0: a plan without a title.

    A title stands before a heading that numbers from one again. The notice's own list of titles in 《》 settles which
    lines are titles when their digits were lost.
    """
    names: list[str] = []
    for block in blocks[:80]:
        if isinstance(block, Paragraph):
            for name in t.issued(block.view.text, block.view.text):
                key = _han(name)
                if t.kinds.search(key) and key not in names:
                    names.append(key)
        if isinstance(block, Paragraph) and block.marker == "one":
            break
    starts: list[tuple[int, int]] = []
    found: set[str] = set()
    candidates: list[int] = []
    for i, block in enumerate(blocks):
        if not isinstance(block, Paragraph) or block.marker:
            continue
        key = _han(block.view.text)
        if key in names and len(block.view.text) <= _LONGEST_TITLE and "《" not in block.view.text:
            if key not in found:
                found.add(key)
                starts.append((i, _title_length(blocks, i, t)))
        elif candidates and candidates[-1] == i - 1 and _is_title_joined(blocks, i - 1, t):
            continue
        elif _is_title(block, t) or _is_title_joined(blocks, i, t):
            candidates.append(i)
    if starts and len(found) == len(set(names)):
        return starts
    chosen: dict[int, int] = {}
    for i in candidates:
        marker = _first_marker(blocks, i + 1)
        if marker and _is_first(marker):
            chosen[id(marker)] = i
    for i in sorted(set(chosen.values())):
        if all(_first_marker(blocks, i + 1) is not _first_marker(blocks, s + 1) for s, _ in starts):
            starts.append((i, _title_length(blocks, i, t)))
    starts.sort()
    if starts:
        return starts
    headings = [b for b in blocks if isinstance(b, Paragraph) and b.marker in ("chapter", "one")]
    if len(headings) >= 2:
        for i, block in enumerate(blocks):
            if isinstance(block, Paragraph) and t.report(block.view.text) is not None:
                return [(0 if i < 8 else i, 0)]
    # An excerpt: its first chapter is not the first one.
    parts = [i for i in candidates if _first_marker(blocks, i + 1)]
    if parts:
        return [(parts[0], _title_length(blocks, parts[0], t))]
    if len(headings) >= 2:
        first = next(i for i, b in enumerate(blocks) if b is headings[0])
        # A document of another kind (意见, 要点) may keep its title in a line that no rule knows: it starts above.
        before = [(i, b.view.text) for i, b in enumerate(blocks[:first]) if isinstance(b, Paragraph)]
        if not before:
            return [(first, 0)]
        wrapped = len(before) > 1 and t.notice.search(before[0][1] + before[1][1])
        return [(before[0][0], 2 if wrapped else 1)]
    return []


def _title_length(blocks: list[Block], at: int, t: _Titles) -> int:
    """How many blocks a title covers: a period or the rest of a wrapped title may stand on lines of their own."""
    first = blocks[at]
    whole = isinstance(first, Paragraph) and _is_title(first, t)
    length = 1 if whole or not _is_title_joined(blocks, at, t) else 2
    for block in blocks[at + length : at + 4]:
        if not isinstance(block, Paragraph) or block.marker not in (None, "two"):
            break
        text = block.view.text
        goes_on = t.goes_on(text) and len(text) <= 31 and t.kinds.search(_han(text))
        if not (t.bracket.fullmatch(text) or goes_on):
            break
        length += 1
    return length


def _is_title_joined(blocks: list[Block], at: int, t: _Titles) -> bool:
    """Whether a line and the one below it make up a title (… 第十四个五年规划 / 和二〇三五年远景目标纲要)."""
    block = blocks[at]
    following = blocks[at + 1] if at + 1 < len(blocks) else None
    if not isinstance(block, Paragraph) or not isinstance(following, Paragraph) or following.marker:
        return False
    joined = block.view.text + following.view.text
    return (
        len(block.view.text) >= 4
        and len(joined) <= _LONGEST_TITLE
        and (block.view.text.endswith(t.wraps) or t.goes_on(following.view.text))
        and not t.notice.search(joined)
        and bool(t.plan.fullmatch(joined))
    )


# ---------------------------------------------------------------------------------------------------------------------
# The covering notice

_DATE = compiled(r"((?:19|20)[0-9]{2})(?:年|[-/.])?([0-9]{1,2})(?:月|[-/.])?([0-9]{1,2})日?")


_COUNT = "([一二三四五六七八九十]{1,3})"
_IN_WORDS = compiled(f"([一二][〇○零OＯ一二三四五六七八九]{{3}}|[12][0-9]{{3}})年{_COUNT}月{_COUNT}日")


_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def iso_date(text: str) -> str | None:
    """The first date in a text (2021-12-31, 2021年12月31日, 二〇二一年十二月三十一日, 20211231 with lost characters)
    as ISO, or None."""
    m = _DATE.search(text)
    if m:
        year, month, day = (int(g) for g in m.groups())
    elif m := _IN_WORDS.search(text):
        # The zero is often a circle, or a letter or digit that looks like one.
        written = (re.sub("[○OＯ]", "〇", g) for g in m.groups())
        year, month, day = (int(g) if g.isdecimal() else int(chinese_number(g) or 0) for g in written)
    else:
        return None
    if not 1 <= month <= 12:
        return None
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = 29 if month == 2 and leap else _DAYS[month - 1]
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= day <= days else None


def _lines_of(block: Block) -> list[Paragraph]:
    """A paragraph, or each cell of a table: pages set the notice's metadata as a table of keys and values."""
    if isinstance(block, Paragraph):
        return [block]
    cells = block.cells if block.rows is None else [cell[0] for row in block.rows for cell in row]
    return [Paragraph(view, block.line) for view in cells if view.text]


def _notice(head: list[Paragraph], t: _Titles) -> tuple[Notice | None, list[str]]:
    """The notice before the first plan, and the titles it issues in 《》."""
    notice = Notice()
    title_at = None
    for i in range(len(head)):
        if title_at is not None and i < title_at:
            continue
        for length in (1, 2, 3):
            joined = "".join(p.view.text for p in head[i : i + length])
            below = head[i + 1].view.text if i + 1 < len(head) else ""
            if length > 1 and not any(word in head[i].view.text + below[: len(word)] for word in t.about):
                break
            if len(joined) <= 120 and len(head) >= i + length and t.notice.search(joined):
                if any(p.view.text.endswith(("。", ":")) for p in head[i : i + length]):
                    continue
                # The catalogue may give the title before the page does: the last one heads the letter.
                key = t.keyed.match(joined)
                notice.title = "".join(p.view.raw for p in head[i : i + length])[key.end() if key else 0 :]
                title_at = i + length
                break
    if title_at is None:
        # A page may catalogue the plan itself: its number and dates count, its title is the plan's.
        _metadata(head, notice, t)
        known = notice.index_number or notice.document_number or notice.issuer
        return (notice if known else None), []
    # Pages put the date, the source and counters also under the title, before the addressees.
    above_letter = itertools.takewhile(lambda p: p.view.text[-1:] not in (":", "。"), head[title_at:])
    under = [p for p in above_letter if t.keys.match(p.view.text)]
    _metadata([*head[: title_at - 1], *under], notice, t)
    issued = _letter(head[title_at:], notice, t)
    if notice.document_number is None:
        for paragraph in head:
            m = t.number.search(paragraph.view.text)
            if m and len(paragraph.view.text) <= 40:
                notice.document_number = paragraph.view.raw[m.start() : m.end()]
                break
    return notice, issued


def _metadata(lines: list[Paragraph], notice: Notice, t: _Titles) -> None:
    """Read key and value lines; keys may stand on the line above, values without a key are told by their form."""
    dates: list[str] = []
    pending: str | None = None
    for paragraph in lines:
        text, raw = paragraph.view.text, paragraph.view.raw
        keyed = list(t.keyed.finditer(text))
        if len(keyed) > 1 and keyed[0].start() == 0:
            # Several keys on one line, as a table row of the page gives them.
            for key, end in zip(keyed, [*(k.start() for k in keyed[1:]), len(text)], strict=True):
                name = next((f for f, _, words in t.metadata if key[1] in words), None)
                if name and raw[key.end() : end].strip():
                    _set(notice, name, raw[key.end() : end], t)
            continue
        m = t.keys.match(text)
        if m and len(text) <= 80:
            fields = [f for f, _, words in t.metadata if m[1] in words]
            rest = raw[m.end() :].strip()
            pending = fields[0] if fields else None
            if rest and pending:
                _set(notice, pending, rest, t)
                pending = None
            continue
        if pending and len(text) <= 60:
            _set(notice, pending, raw, t)
            pending = None
            continue
        pending = None
        for name, pattern, _ in t.metadata:
            if name and pattern and len(text) <= 40 and pattern.fullmatch(text) and getattr(notice, name) is None:
                _set(notice, name, raw, t)
        date = iso_date(text) if len(text) <= 12 or _IN_WORDS.fullmatch(text) else None
        if date:
            dates.append(date)
    if dates and notice.issued_on is None:
        notice.issued_on = dates[0]
    if len(dates) > 1 and notice.published_on is None:
        notice.published_on = dates[1]


def _set(notice: Notice, name: str, value: str, t: _Titles) -> None:
    if name in ("issued_on", "published_on"):
        date = iso_date(value)
        if date and getattr(notice, name) is None:
            setattr(notice, name, date)
    elif getattr(notice, name) is None and value.strip("-— "):
        number = t.number.search(_folded(value)) if name == "document_number" else None
        setattr(notice, name, value[number.start() : number.end()] if number else value)


def _letter(lines: list[Paragraph], notice: Notice, t: _Titles) -> list[str]:
    """Addressees, signature and date of the letter, and the titles it issues."""
    issued: list[str] = []
    for paragraph in lines:
        text, raw = paragraph.view.text, paragraph.view.raw
        if text.endswith(":") and not notice.recipients and not issued:
            notice.recipients = [r for r in re.split("[,,;;，；]", raw[:-1]) if r]
        elif found := t.issued(text, raw):
            issued += found
        elif issued and t.signature.fullmatch(text):
            notice.issuer = raw
        elif issued and (len(text) <= 14 or _IN_WORDS.fullmatch(text)) and iso_date(text):
            notice.issued_on = iso_date(text)
    return issued


# ---------------------------------------------------------------------------------------------------------------------
# One plan


def _plan(
    blocks: list[Block],
    title_length: int,
    issued: list[str],
    notice: Notice | None,
    text: str,
    rules: Rules,
    t: _Titles,
) -> PlanDraft:
    blocks = _without_tail(blocks, t)
    notes: list[Note] = []
    titled = [b for b in blocks[:title_length] if isinstance(b, Paragraph)]
    start = blocks[0].view.pos[0] if isinstance(blocks[0], Paragraph) else blocks[0].start
    title, shown = _title(titled, blocks, issued, notes, start, t)
    body = blocks[title_length:]
    sections = _Tree(rules, notes, text).build(body)
    end = max([start + 1, *(s.end for s in sections), *(p.view.pos[-1] + 1 for p in titled)])
    draft = PlanDraft(title, *_region_subject(shown, notice, t), None, start, end, sections, notes)
    dated = notice and (notice.issued_on or notice.published_on)
    period = _period(shown, blocks, notes, start, t, int(dated[:4]) if dated else None)
    if period is not None and (period[1] is None or period[0] > period[1]):
        notes.append(Note("period.incomplete", "warning", "the title's years are no period", start, start + 1))
        period = None
    draft.period = period
    return draft


def _without_tail(blocks: list[Block], t: _Titles) -> list[Block]:
    """The blocks up to the page's foot: from a foot line on, when no heading and no running text follows it."""
    for i, block in enumerate(blocks):
        if isinstance(block, Paragraph) and i and len(block.view.text) <= 200 and t.tail.match(block.view.text):
            rest = [b for b in blocks[i + 1 :] if isinstance(b, Paragraph)]
            if not any(b.marker in ("chapter", "one", "two") for b in rest):
                return blocks[:i]
    return blocks


def _title(
    titled: list[Paragraph], blocks: list[Block], issued: list[str], notes: list[Note], start: int, t: _Titles
) -> tuple[str, str]:
    """(title as the source words it, its folded form). A title that lost characters is completed from the notice."""
    raw = t.draft.sub("", "".join(p.view.raw for p in titled if not t.draft.match(p.view.text)))
    issuing = t.issuing.search(raw)
    if issuing and t.notice.search(_folded(raw)):
        raw = issuing[issuing.lastindex or 0]
    if not raw:
        for block in blocks[:20]:
            title = t.report(block.view.text) if isinstance(block, Paragraph) else None
            if title:
                message = f"title {title} inferred from the opening address"
                notes.append(Note("title.inferred", "info", message, start, start + 1))
                return title, title
        notes.append(Note("title.missing", "warning", "the plan carries no title", start, start + 1))
        return "", ""
    end = titled[-1].view.pos[-1] + 1
    for name in issued:
        if _han(name) == _han(raw) and _bare(name) != _bare(raw) and len(_bare(name)) > len(_bare(raw)):
            notes.append(
                Note("title.completed", "warning", f"title {raw!r} completed from the notice: {name}", start, end)
            )
            return name, _folded(name)
    return raw, _folded(raw)


def _folded(text: str) -> str:
    table = str.maketrans("（）－—–−〔〕０１２３４５６７８９", "()----[]0123456789")
    return re.sub(r"\s", "", text).translate(table)


def _bare(text: str) -> str:
    return re.sub(r"[\s“”\"]", "", _folded(text)).replace("--", "-")


_A_YEAR = compiled("(?:19|20)[0-9]{2}年")
_PERIOD = compiled(r"((?:19|20)[0-9]{2})年?[-~至到]*((?:19|20)[0-9]{2})年?")


def _region_subject(title: str, notice: Notice | None, t: _Titles) -> tuple[str | None, str | None]:
    """Region and subject out of a folded title: XX市 + subject + “十四五” or years + 规划."""
    words = t.lead.sub("", t.bracket.sub("", re.sub(r"\([^()]*[0-9][^()]*\)?", "", title)))
    region = None
    m = t.region.match(words)
    if m and m[0] not in t.no_region:
        region = m[0]
        words = words[m.end() :]
    elif notice and notice.issuer:
        m = t.issuer_region.match(notice.issuer)
        region = m[0] if m else None
    if region in t.everywhere:
        region = None
    for drop in t.drops:
        words = drop.sub("", words)
    words = t.kinds.sub("", words).strip('“”"的- ()')
    return region, words or None


def five_year(text: str) -> tuple[int, int] | None:
    """The years of an N-th five-year plan: the 14th is 2021-2025, each five years after the one before."""
    m = re.search('[“"]?([一二]?十[一二三四五六七八九]?)五[”"]?(?!年)|第([一二]?十[一二三四五六七八九]?)个五年', text)
    n = chinese_number(m[1] or m[2]) if m else None
    return (1951 + 5 * int(n), 1955 + 5 * int(n)) if n else None


def _period(
    title: str, blocks: list[Block], notes: list[Note], start: int, t: _Titles, dated: int | None
) -> tuple[int, int | None] | None:
    """Years from the title, else 规划期限, else the five-year plan; a lost end from parent plans and deadlines."""
    m = _PERIOD.search(title)
    if m:
        return int(m[1]), int(m[2])
    texts = [b.view.text for b in blocks if isinstance(b, Paragraph)]
    single = re.search(r"\(((?:19|20)[0-9]{2})年?[-~至]?\)?$", title)
    if single:
        begin = int(single[1])
        ends = [int(e) for s in texts[:12] for b, e in _PERIOD.findall(s) if int(b) == begin]
        if len(set(ends)) == 1:
            notes.append(
                Note(
                    "period.completed",
                    "warning",
                    f"the title lost its end; parent plans give {begin}-{ends[0]}",
                    start,
                    start + 1,
                )
            )
            return begin, ends[0]
        return begin, None
    for s in texts:
        stated = t.period.search(s)
        m = _PERIOD.search(stated[0]) if stated else None
        if m:
            return int(m[1]), int(m[2])
    five = five_year(title)
    if five:
        return five
    if any(word in title for word in t.five_year) and not _A_YEAR.search(title):
        named = [five for s in texts[:10] if (five := five_year(s))]
        # A plan looks back on the five years before; its own are those in which it was issued.
        own = [five for five in named if dated is None or five[1] >= dated]
        if own:
            message = f"period {own[0][0]}-{own[0][1]} from the text's five-year plan"
            notes.append(Note("period.inferred", "info", message, start, start + 1))
            return own[0]
    return None


# ---------------------------------------------------------------------------------------------------------------------
# The section tree


class _RoleRule:
    """A role rule ready to match. `top`: only for chapters; `box`: only for 专栏; `inside`, `not_inside`: roles around
    the section.
    """

    def __init__(self, rule: Rule, rules: Rules) -> None:
        self.pattern = rules.compile(rule.pattern or NEVER)
        self.role: str = rule.emit["role"]
        self.top, self.box = bool(rule.where.get("top")), bool(rule.where.get("box"))
        self.inside: list[str] = rule.where.get("in", [])
        self.not_inside: list[str] = rule.where.get("not_in", [])
        self.targets = rule.where.get("targets") != "none"


_INHERIT = {
    "general": "general",
    "review": "review",
    "overall_goal": "overall_goal",
    "indicator_table": "indicator_table",
    "domains": "domain",
    "domain": "measures",
    "objectives": "objectives",
    "measures": "measures",
    "projects": "projects",
    "implementation": "implementation",
    "monitoring": "monitoring",
    "other": "measures",
}


class _Tree:
    def __init__(self, rules: Rules, notes: list[Note], text: str) -> None:
        self.roles = rules.compiled("roles", lambda r: [_RoleRule(rule, r) for rule in r.of("role")])
        self.run_in = rules.compiled(
            "run-in",
            lambda r: compiled(alternation([w for rule in r.of("run-in") if not rule.where for w in rule.words])),
        )
        titles = rules.compiled("titles", _Titles)
        self.annex, self.also = titles.annex, titles.also
        self.table_title = rules.compiled("table-title", lambda r: r.joined("table", part="title"))
        self.notes = notes
        self.text = text
        self.top: list[Section] = []
        self.stack: list[Section] = []
        self.item: Item | None = None
        self.front = RANK["front"]

    def build(self, blocks: list[Block]) -> list[Section]:
        """The tree of a plan's blocks (without its title)."""
        self._bare_chapters(blocks)
        if not any(isinstance(b, Paragraph) and b.marker in ("chapter", "part") for b in blocks):
            # Without 第一章 the chapters are 一、二、, and 前言 stands beside them.
            self.front = RANK["one"]
        for i, block in enumerate(blocks):
            if isinstance(block, TableBlock):
                self._table(block)
                continue
            following = blocks[i + 1] if i + 1 < len(blocks) else None
            if block.marker is None and isinstance(following, TableBlock) and self._names_table(block):
                if self.annex.match(block.view.text):
                    # An annexed table belongs to the plan, not to the chapter before it.
                    self.stack.clear()
                self._open("table", None, block.view, block.line)
            elif block.marker is None and self._lost_number(block):
                self._heading(block)
            elif block.marker in ("item", "sub"):
                self._item(block)
            elif block.marker:
                self._heading(block)
            else:
                self._run(block.view, block.line)
        for section in self.top:
            _close(section)
        self._missing_items()
        return self.top

    # --- headings -----------------------------------------------------------------------------------------------------

    def _bare_chapters(self, blocks: list[Block]) -> None:
        """Mark chapters without a number: lines named as one (组织与实施) above a new 一、, and those before it."""
        bare: list[Paragraph] = []
        begun = False
        for block, below in pairwise(blocks):
            if not isinstance(block, Paragraph):
                continue
            begun = begun or block.marker is not None
            if block.marker is None and self._names_chapter(block):
                numbers = isinstance(below, Paragraph) and below.marker == "one" and _is_first(below)
                if numbers:
                    for chapter in [*bare, block]:
                        chapter.marker = "bare"
                    bare = []
                elif not begun:
                    bare.append(block)

    def _names_chapter(self, block: Paragraph) -> bool:
        text = block.view.text
        return (
            len(text) <= _LONGEST_BARE
            and not re.search("[。;:,]", text)
            and any(r.pattern.search(text) for r in self.roles if not (r.box or r.inside))
        )

    def _lost_number(self, block: Paragraph) -> bool:
        """Whether a paragraph among numbered headings of 组织实施 is one that lost its number; it becomes one."""
        within = any(s.role in ("implementation", "monitoring") and s.rank == RANK["one"] for s in self.stack)
        m = self.run_in.match(block.view.text)
        if not within or not m or len(block.view.text) <= m.end() or self.stack[-1].rank < RANK["one"]:
            return False
        start, end = block.view.span(0, m.end())
        self.notes.append(Note("heading.number", "warning", "a heading lost its number", start, end))
        block.marker = "two"
        return True

    def _names_table(self, block: Paragraph) -> bool:
        return len(block.view.text) <= _LONGEST_TITLE and bool(self.table_title.fullmatch(block.view.text))

    def _heading(self, block: Paragraph) -> None:
        view = block.view
        length, body = self._heading_end(block)
        heading = view.cut(block.body, length)
        if block.marker == "two" and block.number and block.number[0] not in "(（":
            start, end = view.span(0, block.body)
            self.notes.append(
                Note("heading.bracket", "info", f"heading number {block.number!r} lost a bracket", start, end)
            )
        self._open(block.marker or "", block.number, heading, block.line, view)
        if body < len(view.text):
            self._body(view.cut(body), block.line)

    def _body(self, view: View, line: int) -> None:
        """The text behind a heading in its paragraph; where it numbers its sentences from one on, they are items."""
        starts = [m.start() for m in _NUMBERED.finditer(view.text)]
        numbers = [int(re.sub("[^0-9]", "", view.text[at : at + 3])) for at in starts]
        if not starts or starts[0] or numbers != list(range(1, len(numbers) + 1)):
            self._run(view, line)
            return
        for start, end in pairwise([*starts, len(view.text)]):
            mark = re.search("[.、]", view.text[start:end])
            body = mark.end() if mark else 0
            self._item(Paragraph(view.cut(start, end), line, "item", view.raw[start : start + body], body))

    def _heading_end(self, block: Paragraph) -> tuple[int, int]:
        """(end of the heading's words, start of the text behind it) in the paragraph's view."""
        text, begin = block.view.text, block.body
        if block.marker in ("front", "bare"):
            return len(text), len(text)
        if block.marker == "role":
            colon = text.find(":")
            return (colon, colon + 1) if colon >= 0 else (len(text), len(text))
        rest = text[begin:]
        stop = re.search("[。:]", rest)
        words = len(rest) if not stop else stop.start()
        if stop is None and len(rest) <= _LONGEST_HEADING:
            run_in = self.run_in.match(rest)
            if (
                not run_in
                or run_in.end() == len(rest)
                or rest.startswith((",", "、", "的", *self.also), run_in.end())
                or len(rest) < run_in.end() + 8
            ):
                return len(text), len(text)
        if stop is not None and stop.end() == len(rest) and words <= _LONGEST_HEADING:
            return begin + words, len(text)
        run_in = self.run_in.match(rest)
        on = ("。", ",", "、", ":", "的", *self.also)
        if run_in and run_in.end() < len(rest) and not rest.startswith(on, run_in.end()):
            start, end = block.view.span(begin, begin + run_in.end())
            self.notes.append(Note("heading.run-in", "info", "a heading ran together with its text", start, end))
            return begin + run_in.end(), begin + run_in.end()
        if stop is not None and words <= _LONGEST_HEADING:
            return begin + words, begin + stop.end()
        comma = re.search("[,;。:]", rest)
        cut = min(comma.start() if comma else _LONGEST_HEADING, _LONGEST_HEADING, len(rest))
        start, end = block.view.span(begin, begin + cut)
        self.notes.append(
            Note("heading.run-in", "warning", "no end of the heading found; cut at the first clause", start, end)
        )
        return begin + cut, begin + cut

    def _open(self, marker: str, number: str | None, heading: View, line: int, whole: View | None = None) -> Section:
        rank = self.front if marker == "front" else RANK[marker]
        while self.stack and self.stack[-1].rank >= rank:
            self.stack.pop()
        parent = self.stack[-1] if self.stack else None
        annex = self.annex.match(heading.text) if marker == "front" else None
        words = heading.raw[annex.end() if annex else 0 :].strip("：:。 【】[]〔〕") if heading.text else ""
        view = whole or heading
        start, end = view.pos[0], (heading.pos[-1] + 1 if heading.text else view.pos[0] + 1)
        role, holds = self._role(marker, heading.text.strip(":。【】[]〔〕"), parent)
        section = Section(role, number, words, marker, rank, start, end, line, parent)
        section.holds_targets = holds and (parent is None or parent.holds_targets)
        (parent.sections if parent else self.top).append(section)
        self.stack.append(section)
        self.item = None
        return section

    def _role(self, marker: str, heading: str, parent: Section | None) -> tuple[str, bool]:
        """(role, whether such a section can hold targets) of a heading under its parent."""
        above = parent.role if parent else None
        if marker == "table":
            return "indicator_table", True
        if marker == "box":
            return next((r.role for r in self.roles if r.box and r.pattern.search(heading)), "projects"), True
        for rule in self.roles:
            if rule.box:
                continue
            if rule.top and parent is not None and parent.role not in ("other", "domains"):
                continue
            if rule.top and parent is not None and rule.role == "domains":
                continue
            if rule.inside and not any(parent and parent.within(r) for r in rule.inside):
                continue
            if rule.not_inside and any(parent and parent.within(r) for r in rule.not_inside):
                continue
            if rule.pattern.search(heading):
                if above in ("projects", "monitoring", "review") and rule.role not in ("monitoring", "indicator_table"):
                    break
                if above == "domains" and rule.role not in ("indicator_table", "projects", "domain"):
                    break
                if above == "implementation" and rule.role not in ("monitoring", "implementation"):
                    break
                if above in ("domain", "measures") and rule.role not in (
                    "objectives",
                    "measures",
                    "projects",
                    "indicator_table",
                ):
                    break
                return rule.role, rule.targets
        return _INHERIT.get(above or "", "other"), True

    # --- text ---------------------------------------------------------------------------------------------------------

    def _current(self, view: View, line: int) -> Section:
        if not self.stack:
            section = Section("preamble", None, "", "", 99, view.pos[0], view.pos[-1] + 1, line)
            self.top.append(section)
            self.stack.append(section)
        return self.stack[-1]

    def _run(self, view: View, line: int) -> None:
        if not view.text:
            return
        section = self._current(view, line)
        piece = Piece(view, self.item.number if self.item else None)
        section.pieces.append(piece)
        if self.item:
            self.item.pieces.append(piece)
            self.item.end = view.pos[-1] + 1

    def _item(self, block: Paragraph) -> None:
        view = block.view
        digits = re.sub("[^0-9]", "", view.text[: block.body])
        number = int(digits) if digits else "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳".index((block.number or "①")[0]) + 1
        if block.marker == "item" and self._is_role_heading(block):
            self._heading(block)
            return
        section = self._current(view, block.line)
        # (1) numbers the items of a section without 1.; under an item it is part of that item.
        if block.marker == "sub" and self.item is not None and section.item_marker == "item":
            self._run(view.cut(block.body), block.line)
            return
        around = section.parent
        goes_on = around is not None and bool(around.items) and around.items[-1].number + 1 == number
        if section.marker == "box" and not section.items and goes_on:
            self.stack.pop()
            section = self.stack[-1]
        piece = Piece(view.cut(block.body), number)
        self.item = Item(number, view.pos[0], view.pos[-1] + 1, [piece] if piece.view.text else [])
        section.item_marker = section.item_marker or block.marker
        section.items.append(self.item)
        if piece.view.text:
            section.pieces.append(piece)

    def _is_role_heading(self, block: Paragraph) -> bool:
        """Whether "1.主要目标" heads a section of a domain instead of being a numbered paragraph."""
        heading = block.text.strip(":。")
        parent = self.stack[-1] if self.stack else None
        return (
            len(heading) <= 12
            and parent is not None
            and parent.within("domain") is not None
            and any(r.inside and r.pattern.search(heading) for r in self.roles)
        )

    def _table(self, block: TableBlock) -> None:
        if not self.stack:
            view = block.cells[0] if block.cells else (block.rows or [[]])[0][0][0]
            self._current(view, block.line)
        section = self.stack[-1]
        section.tables.append(block)
        section.end = max(section.end, block.end)
        self.item = None
        if section.marker == "table":
            # Text behind a table goes on with the section that the table stands in.
            self.stack.pop()
            if not self.stack:
                self.stack.append(section)

    def _missing_items(self) -> None:
        for top in self.top:
            for section in top.walk():
                numbers = [item.number for item in section.items]
                for before, item in zip([0, *numbers], section.items, strict=False):
                    if item.number != before + 1:
                        word = "repeated" if item.number <= before else "missing"
                        self.notes.append(
                            Note(
                                f"item.{word}",
                                "warning",
                                f"item {item.number} follows item {before}",
                                item.start,
                                item.start + 1,
                            )
                        )


def _close(section: Section) -> None:
    """Let the section end where its last text, item, table or child ends."""
    for child in section.sections:
        _close(child)
    ends = [section.end, *(p.view.pos[-1] + 1 for p in section.pieces), *(s.end for s in section.sections)]
    section.end = max([*ends, *(i.end for i in section.items), *(t.end for t in section.tables)])
