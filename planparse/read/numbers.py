"""Chinese numerals for automatic numbering (GB/T 15835-2011 for the forms; ECMA-376 17.18.59 for the kinds)."""

from __future__ import annotations

_DIGITS = "〇一二三四五六七八九"
_FORMAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "十", "百", "千")
_FORMAL_UNITS = ("", "拾", "佰", "仟")


def chinese_number(number: int, formal: bool = False) -> str:
    """`number` (1 to 9999) as it is spoken: 十二, 二十, 一百零五; `formal`: 壹拾贰. Others come in digits."""
    if not 0 < number < 10_000:
        return str(number)
    digits, units = (_FORMAL_DIGITS, _FORMAL_UNITS) if formal else (_DIGITS, _UNITS)
    out = ""
    places = str(number)
    for index, place in enumerate(places):
        power = len(places) - 1 - index
        if place != "0":
            out += digits[int(place)] + units[power]
        elif out and not out.endswith("零") and places[index:].strip("0"):
            out += "零"
    return out.removeprefix("一") if 10 <= number < 20 and not formal else out


def chinese_digits(number: int) -> str:
    """`number` digit by digit: 12 → 一二, 20 → 二〇."""
    return "".join(_DIGITS[int(digit)] for digit in str(number))


_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"


def numeral(number: int, kind: str) -> str:
    """`number` as Word's numbering format `kind` (w:numFmt) shows it; formats not met in Chinese come in digits.

    Where a format has no sign for the number, Word shows digits (checked against Word for ㈠: 1 to 10).
    """
    if kind in ("none", "bullet"):
        return ""
    if kind in _COUNTING:
        return chinese_number(number)
    if kind in ("chineseLegalSimplified", "ideographLegalTraditional"):
        return chinese_number(number, formal=True)
    if kind in ("ideographDigital", "taiwaneseDigital", "japaneseDigitalTenThousand"):
        return chinese_digits(number)
    if kind == "decimalZero":
        return f"{number:02}"
    if kind in ("decimalFullWidth", "decimalFullWidth2"):
        return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    if kind in ("upperLetter", "lowerLetter"):
        letter = chr((ord("A") if kind == "upperLetter" else ord("a")) + (number - 1) % 26)
        return letter * ((number - 1) // 26 + 1)
    if kind in ("upperRoman", "lowerRoman"):
        return _roman(number) if kind == "upperRoman" else _roman(number).lower()
    signs = _SIGNS.get(kind, "")
    return signs[number - 1] if 0 < number <= len(signs) else str(number)


_COUNTING = frozenset(
    (
        "chineseCounting",
        "chineseCountingThousand",
        "japaneseCounting",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
    )
)


def _series(first: str, length: int) -> str:
    return "".join(chr(ord(first) + index) for index in range(length))


_SIGNS = {
    "ideographTraditional": _STEMS,
    "ideographZodiac": _BRANCHES,
    "ideographEnclosedCircle": _series("㈠", 10),
    "decimalEnclosedCircle": _series("①", 20),
    "decimalEnclosedCircleChinese": _series("①", 20),
    "decimalEnclosedParen": _series("⑴", 20),
    "decimalEnclosedFullstop": _series("⒈", 20),
}
_ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    out = ""
    for value, letters in _ROMAN:
        out += letters * (number // value)
        number %= value
    return out
