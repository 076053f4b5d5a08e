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
