"""Numbers with units, and the bounds that stand after them, found in a paragraph view.

Built in layers: numeral -> quantity (scale, unit) -> bound. A numeral is cut whole: the patterns look both ways over
the whole class of digits or Chinese numerals, so 二十一 is never read as 十一.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from planparse.rules import Rules, alternation

_CN_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CN_UNIT = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_CN = "一二两三四五六七八九十百千零〇"


def chinese_number(text: str) -> float | None:
    """The value of a Chinese numeral (二十一 -> 21, 九十五点五 -> 95.5), None where it is not one.

    Numerals without place words are read digit by digit (二〇三五 -> 2035).
    """
    whole, point, decimals = text.partition("点")
    if not whole or (point and not decimals):
        return None
    if len(whole) > 1 and all(c in _CN_DIGIT for c in whole):
        total = float("".join(str(_CN_DIGIT[c]) for c in whole))
    else:
        total, section, digit = 0.0, 0.0, None
        for c in whole:
            if c in _CN_DIGIT:
                if digit not in (None, 0):
                    return None
                digit = _CN_DIGIT[c]
            elif c in _CN_UNIT:
                unit = _CN_UNIT[c]
                if unit >= 10_000:
                    total = (total + section + (digit or 0)) * unit
                    section, digit = 0.0, None
                else:
                    section += (1 if digit is None else digit) * unit
                    digit = None
            else:
                return None
        total += section + (digit or 0)
    if decimals:
        if any(c not in _CN_DIGIT for c in decimals):
            return None
        total += float("0." + "".join(str(_CN_DIGIT[c]) for c in decimals))
    return total


@dataclass(slots=True)
class Quantity:
    """A number found in a view.

    `start`, `end`: view offsets of number and unit, without bounds; `value`, `value_max` (ranges only): as written in
    `unit`; `unit`: normalised, scale included, or None; `unit_class`: as the packs call it ("rate", "count" …, "" for
    no unit); `chinese`: written in Chinese numerals; `more`: followed by 多 or 余 (more than).
    `after`, `after_end`: comparator of a bound word after the number and the offset behind it.
    """

    start: int
    end: int
    value: float
    value_max: float | None
    unit: str | None
    unit_class: str
    chinese: bool
    more: bool
    after: str | None
    after_end: int


@dataclass(slots=True)
class _Grammar:
    number: re.Pattern[str]
    units: dict[str, tuple[str, str]]  # surface -> (normalised, class)
    after: dict[str, str]
    after_pattern: re.Pattern[str]
    any_unit: re.Pattern[str]


def _grammar(rules: Rules) -> _Grammar:
    units: dict[str, tuple[str, str]] = {}
    for rule in rules.of("unit"):
        for word in rule.words:
            units[word] = (rule.emit.get("unit") or word, rule.emit["class"])
    scale = alternation(rules.words("scale"))
    unit = alternation(list(units))
    per_cent = {"百": "%", "千": "‰"}
    units |= {f"{c}分之": (u, "rate") for c, u in per_cent.items()} | {"十万分之": ("/10万", "rate")}
    num = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?"
    pattern = (
        rf"(?P<words>百分之|千分之|十万分之)(?P<wordnum>{num}|[{_CN}点]+)"
        rf"|(?P<part>[{_CN}]{{1,2}})分之(?P<top>[{_CN}]{{1,2}})(?![{_CN}])"
        r"|(?P<half>一半|半数)"
        rf"|(?<![0-9.])(?P<a>[0-9]+(?:\.[0-9]+)?)[:](?P<b>[0-9]+(?:\.[0-9]+)?)(?![0-9.:])"
        rf"|(?<![0-9./])(?P<over>[1-9])/(?P<under>[1-9][0-9]?)(?![0-9万千亿])"
        rf"|(?P<tenths>(?<![{_CN}])[一二三四五六七八九]|(?<![0-9.])[1-9](?:\.5)?)成(?!立|为|长|果|功|效|都|本|员|品|年|人|交|份|熟|绩|就)(?P<half_more>半)?"
        rf"|(?<![0-9.A-Za-z+])(?P<n1>{num})"
        rf"(?:(?P<s1>{scale})?(?P<u1>%|‰|{unit})?[-~至到](?P<n2>{num}))?"
        rf"(?P<more>[多余])?(?P<scale>{scale}|千(?=[座名人个家户多余]))?(?P<more2>[多余])?(?P<unit>{unit})?(?P<rate>/(?:日|天|年|小时|人|户|亩|公顷|平方米|平方公里|万人|千人|百户|万元|吨|床))?(?P<more3>[多余])?"
        rf"|(?<![{_CN}第万亿])(?P<cn>[{_CN}]+)(?P<cnunit>{unit})"
    )
    after = {w: r.emit["comparator"] for r in rules.of("bound") if r.emit["place"] == "after" for w in r.words}
    return _Grammar(
        re.compile(pattern),
        units,
        after,
        re.compile(rf"(?:\(含[^()]*\))?(?P<w>{alternation(list(after))})(?:\(含[^()]*\))?"),
        re.compile(rf"(?:(?P<scale>{scale}))?(?P<unit>{unit})"),
    )


def unit_of(text: str, rules: Rules) -> str | None:
    """The normalised unit that a bracket or cell holds ((1/10万), 万人, % …); None for an empty one.

    Words that are no listed unit are returned as they stand: a table names its own units (件/百户).
    """
    text = text.strip().removeprefix("单位:").strip()
    if not text:
        return None
    grammar = rules.compiled("quantities", _grammar)
    known = grammar.units.get(text) or grammar.units.get(text.removeprefix("1"))
    return known[0] if known else text


def quantities(text: str, rules: Rules) -> list[Quantity]:
    """All numbers of a folded text without white space, in order, with their units and bounds after.

    Years, ages and item numbers are among them: what is a target is decided later. Chinese numerals are returned only
    with a measure word.
    """
    grammar = rules.compiled("quantities", _grammar)
    out: list[Quantity] = []
    for m in grammar.number.finditer(text):
        found = _read(m, grammar)
        if found is not None:
            bound = grammar.after_pattern.match(text, found.end)
            if bound:
                found.after = grammar.after[bound["w"]]
                found.after_end = bound.end()
            out.append(found)
    return out


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _read(m: re.Match[str], g: _Grammar) -> Quantity | None:
    start, end = m.span()

    def quantity(value: float, unit: str | None, kind: str, *, chinese: bool = False) -> Quantity:
        return Quantity(start, end, value, None, unit, kind, chinese, False, None, end)

    if m["n1"]:
        scale = m["scale"] or ""
        surface = m["unit"] or ""
        if not surface and m["u1"] and m["n2"]:
            surface = m["u1"]
        unit, kind = g.units.get(surface, (None, ""))
        if m["rate"] and unit:
            unit += m["rate"]
        if scale == "千" and surface:
            out = quantity(_number(m["n1"]), "千" + (unit or ""), kind)
        else:
            out = quantity(_number(m["n1"]), (scale + (unit or "")) or None, kind or ("scale" if scale else ""))
        if m["n2"]:
            out.value_max = _number(m["n2"])
        out.more = bool(m["more"] or m["more2"] or m["more3"])
        return out
    if m["words"]:
        value = _number(m["wordnum"]) if m["wordnum"][0] in "0123456789" else chinese_number(m["wordnum"])
        unit, kind = g.units[m["words"]]
        return None if value is None else quantity(value, unit, kind, chinese=True)
    if m["tenths"]:
        tenths = _number(m["tenths"]) if m["tenths"][0].isdigit() else chinese_number(m["tenths"])
        return None if tenths is None else quantity(tenths * 10 + (5 if m["half_more"] else 0), "%", "rate", chinese=True)
    if m["half"]:
        return quantity(50.0, "%", "rate", chinese=True)
    if m["part"]:
        below, above = chinese_number(m["part"]), chinese_number(m["top"])
        if not below or above is None or above > below:
            return None
        return quantity(round(above / below * 100, 2), "%", "rate", chinese=True)
    if m["over"]:
        return quantity(round(int(m["over"]) / int(m["under"]) * 100, 2), "%", "rate")
    if m["a"]:
        below = _number(m["b"])
        return quantity(round(_number(m["a"]) / below, 4), ":1", "ratio") if below else None
    value = chinese_number(m["cn"])
    unit, kind = g.units[m["cnunit"]]
    return None if value is None else quantity(value, unit, kind, chinese=True)
