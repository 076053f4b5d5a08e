"""Characters that files use in place of others: radicals and compatibility ideographs, and the Symbol font's signs.

PDF files made from fonts with wrong character maps hold ⼥ ⺠ ⻓ for 女 民 长. Each is replaced one to one.
Sources: Unicode's normalisation data (NFKC) for Kangxi radicals and compatibility ideographs; for the radicals
supplement, which NFKC leaves alone, Unicode's EquivalentUnifiedIdeograph.txt.
"""

from __future__ import annotations

import re
import unicodedata

_SUPPLEMENT = (
    "⺀冫⺁厂⺃乚⺄乙⺅亻⺆冂⺈刀⺉刂⺊卜⺌小⺍小⺎兀⺏尣⺐尢⺑尣⺒巳⺓幺⺔彑⺕彐⺖忄⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺟母⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭"
    "⺪疋⺫罒⺬示⺭礻⺮竹⺯糹⺰纟⺱罓⺲罒⺶羊⺷羊⺸羊⺹耂⺺聿⺻聿⺼月⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏阝⻐钅"
    "⻑長⻒镸⻓长⻔门⻕阜⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞飠⻟飠⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟"
)
_EQUIVALENT = dict(zip(_SUPPLEMENT[::2], _SUPPLEMENT[1::2], strict=True))
_STAND_IN = re.compile("[\u2e80-\u2fd5\uf900-\ufad9\uf020-\uf0ff]")

# Adobe's Symbol encoding, which Word and PDF files carry over into the private use area: signs that bear a meaning.
_SYMBOLS = {
    0xA3: "≤",
    0xB3: "≥",
    0xB4: "×",
    0xB1: "±",
    0xB0: "°",
    0xB9: "≠",
    0xBB: "≈",
    0xD7: "·",
    0x2D: "−",
    0x25: "%",
}


def replace_stand_ins(text: str) -> str:
    """`text` with radicals and compatibility ideographs as the characters they stand for, and Symbol signs as signs.

    Of the private use characters those without a known sign (bullets, ticks) become a space; all else is one to one.
    """
    return _STAND_IN.sub(_replacement, text)


def symbol(code: int) -> str:
    """The sign at `code` (0 to 255) of the Symbol font; a space where it bears no meaning of its own."""
    return _SYMBOLS.get(code, " ")


def _replacement(found: re.Match[str]) -> str:
    character = found[0]
    if character >= "\uf900":
        return unicodedata.normalize("NFKC", character)
    if character >= "\uf000":
        return symbol(ord(character) - 0xF000)
    return _EQUIVALENT.get(character) or unicodedata.normalize("NFKC", character)
