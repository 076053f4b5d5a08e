"""Numbers with units, and the bounds that stand after them, found in a paragraph view.

Built in layers: numeral -> quantity (scale, unit) -> bound. A numeral is cut whole: the patterns look both ways over
the whole class of digits or Chinese numerals, so 二十一 is never read as 十一.
"""

from __future__ import annotations

import re

from planparse.records import dataclass
from planparse.rules import Rules, Words, alternation

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
                    # 万 multiplies what stands before it up to 亿 (一亿二千万), 亿 all of it (三万亿).
                    part = section + (digit or 0)
                    total = (total + part) * unit if unit > 10_000 else total + part * unit
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


@dataclass(slots=True, eq=False)
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


class _Grammar:
    """Words for look-up by longest prefix, far cheaper to build and to match than one pattern with all words, and the
    patterns of the numerals.

    `scan`: what a numeral may begin with; everything else is looked at from there. `beside`, `rate`: what belongs to
    the unit before it, (套) of 1万件(套) and /日.
    """

    def __init__(self, rules: Rules) -> None:
        numerals: dict[str, list[str]] = {}
        for rule in rules.of("numeral"):
            numerals.setdefault(rule.emit["part"], []).extend(rule.words)
        # surface -> (normalised, class)
        self.units = {w: (r.emit.get("unit") or w, r.emit["class"]) for r in rules.of("unit") for w in r.words}
        shares = [r for r in rules.of("numeral") if r.emit["part"] == "share"]
        self.shares = {w: (str(r.emit["unit"]), str(r.emit["class"])) for r in shares for w in r.words}
        after = [r for r in rules.of("bound") if r.emit["place"] == "after"]
        self.after: dict[str, str] = {w: r.emit["comparator"] for r in after for w in r.words}
        self.unit_words, self.after_words = Words(self.units), Words(self.after)
        self.not_bound = Words(numerals["not-bound"])
        self.scale_words = Words(rules.words("scale"))
        self.more, self.label = Words(numerals["more"]), Words(numerals["label"])
        self.beside, self.rate = Words(f"({w})" for w in numerals["beside"]), Words("/" + w for w in numerals["rate"])
        self.digits_only = frozenset(numerals["digits-only"])

        half, not_tenths = alternation(numerals["half"]), alternation(numerals["not-tenths"])
        begins = re.escape("".join(w[0] for w in (*self.shares, *numerals["half"])))
        self.scan = rules.compile(f"[0-9{_CN}{begins}]+")
        self.digits = rules.compile(
            r"(?P<a>[0-9]+(?:\.[0-9]+)?):(?P<b>[0-9]+(?:\.[0-9]+)?)(?![0-9.:])"
            r"|(?P<over>[1-9])/(?P<under>[1-9][0-9]?)(?![0-9万千亿])"
            rf"|(?P<tenths>[1-9](?:\.5)?)成(?!{not_tenths})"
            r"|(?P<n>(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?)"
        )
        self.next = rules.compile(rf"(?:[-~]|{alternation(numerals['range'])})(?P<n>[0-9]+(?:\.[0-9]+)?)")
        self.chinese = rules.compile(
            rf"(?P<share>{alternation([*self.shares])})(?P<n>[0-9]+(?:\.[0-9]+)?|[{_CN}点]+)"
            rf"|(?P<part>[{_CN}]{{1,2}})分之(?P<top>[{_CN}]{{1,2}})(?![{_CN}])"
            rf"|(?P<half>{half})"
            rf"|(?P<tenths>[一二两三四五六七八九])成(?!{not_tenths})(?P<more>[半五])?"
            rf"|(?P<cn>[{_CN}]+)"
        )
        self.included = rules.compile(rf"\((?:{alternation(numerals['included'])})(?:[0-9][^()]*|[^()0-9]*)\)")


_MOST = 1e15
"""A longer run of digits is a code or noise, and no float holds it exactly."""


def unit_of(text: str, rules: Rules) -> str | None:
    """The normalised unit that a bracket or cell holds ((1/10万), 万人, % …); None for an empty one.

    Words that are no listed unit are returned as they stand: a table names its own units (件/百户).
    """
    text = text.strip()
    text = text[len(rules.compiled("quantities", _Grammar).label.prefix(text, 0, len(text))) :].strip()
    return (known_unit(text, rules) or text) if text else None


def known_unit(text: str, rules: Rules) -> str | None:
    """The normalised unit of words that are a listed one; None for others."""
    units = rules.compiled("quantities", _Grammar).units
    known = units.get(text) or units.get(text.removeprefix("1"))
    return known[0] if known else None


def quantities(text: str, rules: Rules) -> list[Quantity]:
    """All numbers of a folded text without white space, in order, with their units and bounds after.

    Years, ages and item numbers are among them: what is a target is decided later. Chinese numerals are returned only
    with a measure word.
    """
    g = rules.compiled("quantities", _Grammar)
    out: list[Quantity] = []
    done = 0
    for run in g.scan.finditer(text):
        start = run.start()
        if start < done:
            if run.end() <= done:
                continue
            start = done
        found = _from_digits(text, start, g) if text[start] in "0123456789" else _from_chinese(text, start, g)
        if found is None:
            continue
        included = g.included.match(text, found.end)
        at = included.end() if included else found.end
        bound = g.after_words.prefix(text, at, len(text))
        if bound and not g.not_bound.prefix(text, at, len(text)):
            found.after, found.after_end = g.after[bound], at + len(bound)
            included = g.included.match(text, found.after_end) or included
        done = found.end
        if included:
            found.after_end = done = max(found.after_end, included.end())
        if found.value < _MOST:
            out.append(found)
    return out


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _share(start: int, end: int, value: float) -> Quantity:
    return Quantity(start, end, value, None, "%", "rate", False, False, None, end)


def _from_digits(text: str, start: int, g: _Grammar) -> Quantity | None:
    """A number in digits with its scale and unit, a ratio, a fraction or tenths (三成) at an offset."""
    if start and (text[start - 1] in "0123456789." or (text[start - 1].isascii() and text[start - 1].isalpha())):
        return None
    if start and text[start - 1] == "+":
        return None
    m = g.digits.match(text, start)
    if m is None:
        return None
    if m["a"]:
        below = _number(m["b"])
        if not below:
            return None
        ratio = float(f"{_number(m['a']) / below:.6g}")
        return Quantity(start, m.end(), ratio, None, ":1", "ratio", False, False, None, m.end())
    if m["over"]:
        return _share(start, m.end(), round(int(m["over"]) / int(m["under"]) * 100, 2))
    if m["tenths"]:
        return _share(start, m.end(), _number(m["tenths"]) * 10)
    value, value_max = _number(m["n"]), None
    at = m.end()
    scale = g.scale_words.prefix(text, at, len(text))
    surface = g.unit_words.prefix(text, at + len(scale), len(text))
    second = g.next.match(text, at + len(scale) + len(surface)) or g.next.match(text, at)
    if second and (_number(second["n"]) >= value or second[0][0] in "-~"):
        value, value_max = sorted((value, _number(second["n"])))
        at = second.end()
        first = surface
        scale = g.scale_words.prefix(text, at, len(text))
        surface = g.unit_words.prefix(text, at + len(scale), len(text))
        if not surface and first in ("%", "‰"):
            return Quantity(start, at, value, value_max, *g.units[first], False, False, None, at)
    more = g.more.prefix(text, at, len(text))
    if more:
        at += len(more)
        scale = g.scale_words.prefix(text, at, len(text))
    at += len(scale)
    if word := g.more.prefix(text, at, len(text)):
        more, at = word, at + len(word)
    if not scale and text.startswith("千", at) and g.unit_words.prefix(text, at + 1, len(text)):
        scale, at = "千", at + 1
    surface = g.unit_words.prefix(text, at, len(text))
    unit, kind = g.units.get(surface, (None, ""))
    at += len(surface)
    for words in (g.beside, g.rate) if unit else ():
        word = words.prefix(text, at, len(text))
        unit, at = (unit or "") + word, at + len(word)
    if word := g.more.prefix(text, at, len(text)):
        more, at = word, at + len(word)
    whole = (scale + (unit or "")) or None
    return Quantity(start, at, value, value_max, whole, kind or ("scale" if scale else ""), False, bool(more), None, at)


def _from_chinese(text: str, start: int, g: _Grammar) -> Quantity | None:
    """A share in words (百分之…, 一半, 三分之二, 三成) or a Chinese numeral with a measure word at an offset."""
    m = g.chinese.match(text, start)
    if m is None or (start and text[start - 1] in "第万亿"):
        return None
    if m["share"]:
        value = _number(m["n"]) if m["n"][0] in "0123456789" else chinese_number(m["n"])
        unit, kind = g.shares[m["share"]]
        return None if value is None else Quantity(start, m.end(), value, None, unit, kind, True, False, None, m.end())
    if m["part"]:
        below, above = chinese_number(m["part"]), chinese_number(m["top"])
        if not below or above is None or above > below:
            return None
        value = round(above / below * 100, 2)
    elif m["half"]:
        value = 50.0
    elif m["tenths"]:
        value = (chinese_number(m["tenths"]) or 0) * 10 + (5 if m["more"] else 0)
    else:
        value = chinese_number(m["cn"])
        surface = g.unit_words.prefix(text, m.end(), len(text))
        if value is None or not surface or surface in g.digits_only:
            return None
        unit, kind = g.units[surface]
        end = m.end() + len(surface)
        return Quantity(start, end, value, None, unit, kind, True, False, None, end)
    return Quantity(start, m.end(), value, None, "%", "rate", True, False, None, m.end())
