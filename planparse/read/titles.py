"""Join a title that its source sets over several centred lines of one style.

Conventions: GB/T 9704-2012 (layout of official documents) 7.3.1: a title is centred and may be set over several
lines; 7.3.3: headings below it are numbered 一、 (一) 1. (1).
"""

from __future__ import annotations

import re

_MAX_LINE = 60
_MAX_TITLE = 120
_ENDS = re.compile("[。；;：:！!？?]$|的(?:通知|意见|决定|公告|通告|批复|函|报告)$")
_OWN_LINE = re.compile(
    "第[一二三四五六七八九十百0-9０-９]{1,4}[章节编篇部条]"
    "|[一二三四五六七八九十]{1,3}[、．.]"
    "|[（(][一二三四五六七八九十0-9]{1,3}[）)]"
    "|[0-9０-９]{1,3}(?:[、．]|\\.(?![0-9]))"
    "|附\\s?[件录表]|目\\s?[录次]$|[前序引]\\s?言$|专栏|[图表]\\s?[0-9]"
    "|[（(](?:此件|公开)"
    "|\\S{1,12}[〔\\[［(（][12][0-9]{3}[〕\\]］)）]\\s?第?\\s?[0-9]+\\s?号"
    "|[12][0-9]{3}\\s?年\\s?[0-9]{1,2}\\s?月"
)


def continues_title(above: str, below: str) -> bool:
    """Whether `below` goes on with the title line `above`; both are centred, in one style, with nothing between."""
    if not 1 < len(above) <= _MAX_TITLE or len(below) > _MAX_LINE:
        return False
    return not (_ENDS.search(above) or _OWN_LINE.match(above) or _OWN_LINE.match(below))
