"""Names that a clause leaves incomplete: subjects of the clause before, and members of a list.

A name is completed only from its own sentence (contract, name).
"""

from __future__ import annotations

from planparse.lexicon import Lexicon
from planparse.patterns import compiled
from planparse.quantities import Quantity
from planparse.sentence import Sentence, Span

_LEVELS = compiled("([省市州县区乡镇村](?:、[省市州县区乡镇村])+)[两三四]级")
_BRACKETS = compiled("[(（][^()（）]*[)）]")
_ASCII = str.maketrans("（）", "()")
_QUOTED = compiled("(?<=”)(?=“)")
_PLACE = 6
"""How long the words for a place or group are at most that stand behind a measure (普及率农村地区)."""
_GROUP = 12
_THING = 4
"""How many characters what a clause does has at least; fewer behind a verb are its own object (到村服务)."""
_OFTEN = ("times", "time", "count", "people")


def complete(sentence: Sentence, name: str, q: Quantity, subject: Span, last: tuple[str, str | None] | None) -> str:
    """A name whose subject the clause left out, completed; unchanged where nothing is missing.

    `last`: name and unit of the target (or achieved value) read before it in the sentence.
    """
    x = sentence.x
    if not name:
        above = _measured_before(sentence, subject, trended=last is not None)
        return above or _done_before(sentence, subject, q, last is None) or (last[0] if last else "")
    if last is not None and q.unit == last[1] and len(name) <= _PLACE and not x.measured(name):
        measure = _before_place(last[0], x)
        if measure:
            return measure + name
    if last is not None and x.grade.fullmatch(name):
        return name + _graded(last, q, x)
    if last is not None and x.each_time.fullmatch(name):
        return last[0] + name
    if x.every.fullmatch(name) and (done := _done_before(sentence, subject, q, True, each=True)):
        return name + done
    if last is not None and same_activity(name, q.unit, last[1], x):
        return name + measure_of(last[0], x)
    if last is not None and 2 <= len(name) <= 3 and name in last[0] and not x.measured(name):
        # 场馆每周开放时间不少于35小时, 全年开放不少于330天: the verb of the last target, with whom it is said of.
        return last[0][: last[0].index(name) + len(name)]
    everywhere = x.whole_place.match(name)
    if last is not None and everywhere and x.partial.fullmatch(name, everywhere.end()):
        # 每村至少1名、全县总数不低于150名
        return everywhere[0] + _counted(last[0], x) + name[everywhere.end() :]
    if last is not None and x.partial.fullmatch(name):
        return name if x.size.search(last[0]) else _counted(last[0], x) + name
    if last is None:
        counted = q.unit_class in ("count", "people", "times")
        if not counted and x.topic_end.search(name) and (measure := _measure_above(sentence, subject[0])):
            return name + measure
        if len(name) <= 3 and x.measured(name):
            clause = sentence.previous_clause(subject[0])
            if clause is not None:
                whole = sentence.name(sentence.subject(clause))
                for word in x.within:
                    whole = whole.replace(word, "")
                return whole + name
        return _topic(sentence, subject[0], name) + name if q.unit == ":1" else name
    before, unit = last
    per_head = x.per_head.match(before)
    if per_head and "、" in sentence.text[subject[0] - 1 : subject[0] + 1]:
        return name if x.per_head.match(name) or x.measured(name) else before[: per_head.end()] + name
    qualifier = x.qualifiers.match(name)
    tail = name[qualifier.end() :] if qualifier else ""
    if tail and before.endswith(tail) and len(before) > len(tail):
        return before[: -len(tail)] + name
    if q.unit == unit and len(name) >= 2 and before.endswith(name):
        return before
    if q.unit == unit and x.place.fullmatch(_BRACKETS.sub("", name.removeprefix("平均"))):
        return name + _without_place(before, x)
    if x.of_last.match(name):
        return before + name
    if q.unit == unit and not x.measured(name) and not x.among.search(name):
        part = q.unit_class != "count" and sentence.text.startswith("其中", sentence.clause_start(q.start))
        part = part and not x.rate_noun.search(name)
        lasting = q.unit_class == "time" and x.per.search(before) is not None
        borrows = (part or x.topic_end.search(name)) and (lasting or x.measured(before))
        if borrows or unit == ":1":
            return _joined(name, measure_of(before, x))
    return _topic(sentence, subject[0], name) + name if q.unit == ":1" else name


def _graded(last: tuple[str, str | None], q: Quantity, x: Lexicon) -> str:
    """What a level is of (三级以上养老机构占比 -> 养老机构): the last name behind its own level.

    Without its measure where the unit is another; nothing where the last name has neither level nor unit in common.
    """
    name, unit = last
    own = x.grade.search(name)
    if own is None and unit != q.unit:
        return ""
    if own and own.end() == len(name):
        return name[: own.start()]
    tail = name[own.end() if own else 0 :]
    return tail if unit == q.unit else tail.removesuffix(x.rates.suffix(tail, 0, len(tail)))


def _counted(name: str, x: Lexicon) -> str:
    """What a name counts, without the word that says how much of it there is (净增高新技术企业 -> 高新技术企业)."""
    kept = x.partial.match(name)
    name = name[kept.end() :] if kept and kept.end() < len(name) else name
    ends = [m.start() for m in x.partial.finditer(name) if m.end() == len(name) and m.start()]
    return name[: ends[0]] if ends else name


def _measured_before(sentence: Sentence, subject: Span, trended: bool = False) -> str:
    """The measure that the clause before names (提高农村卫生厕所普及率, 2025年达到85%; 优良率逐年上升, 不低于60%).

    `trended`: only one that the clause gives a direction without a number.
    """
    clause = sentence.previous_clause(subject[0])
    if clause is None or (trended and any(clause[0] <= n.start < clause[1] for n in sentence.found)):
        return ""
    trend = sentence.x.trend_end.search(sentence.text, *clause)
    if trend and trend.start() - clause[0] >= 2:
        clause = (clause[0], trend.start())
    elif trended:
        return ""
    spans = sentence.subject(clause)
    return sentence.name(spans) if sentence.x.measured(sentence.words(spans)) else ""


def _done_before(sentence: Sentence, subject: Span, q: Quantity, first: bool, each: bool = False) -> str:
    """What the clause before does, where the number says how often or how much for each (参加活动, 每年不少于4场).

    `first`: whether no target stands before it in the sentence; else the clause must hold no number; `each`: the words
    before the number say for each of what it is (每校至少1名).
    """
    clause = sentence.previous_clause(subject[0])
    if clause is None or any(clause[0] <= n.start < clause[1] for n in sentence.found):
        return ""
    averaged = sentence.x.average.match(sentence.text, subject[1], q.start) is not None
    often = q.unit_class in _OFTEN and sentence.x.per.match(sentence.text, subject[1], q.start) is not None
    if not (each or often or (averaged and first)):
        return ""
    verbs = [at + len(word) for at, word in sentence.x.provide_table.within(sentence.text, *clause)]
    done = next((at for at in reversed(verbs) if clause[1] - at >= _THING), clause[0])
    return sentence.name(sentence.subject((done, clause[1]), provide=True))


def listed_before(sentence: Sentence, at: int, count: int) -> str:
    """The list of as many measures that the clause before names (面积、产量与上年持平, 分别保持在…), or nothing."""
    clause = sentence.previous_clause(at)
    trend = sentence.x.trend_end.search(sentence.text, *clause) if clause else None
    if not clause or not trend or any(clause[0] <= n.start < clause[1] for n in sentence.found):
        return ""
    words = sentence.name(sentence.subject((clause[0], trend.start())))
    return words if words.count("、") == count - 1 else ""


def group_before(sentence: Sentence, at: int, count: int) -> str:
    """The list of as many groups that the clause before names for the one after it (A、B队伍中，…), or nothing."""
    clause = sentence.previous_clause(at)
    if not clause or not sentence.x.inside.suffix(sentence.text, *clause):
        return ""
    words = sentence.name(sentence.subject(clause))
    return words if words.count("、") == count - 1 else ""


def _measure_above(sentence: Sentence, at: int) -> str:
    """The measure that one of the two clauses before names (提高清扫率, 2020年底前, 城市建成区达到70%)."""
    for _ in range(2):
        clause = sentence.previous_clause(at)
        if clause is None:
            break
        spans = sentence.subject(clause)
        if sentence.x.measured(sentence.words(spans)):
            return sentence.name(spans)
        at = clause[0]
    return ""


def _topic(sentence: Sentence, at: int, name: str) -> str:
    """X在新建和改建时, …: the place that the clause before names for the ones after it."""
    clause = sentence.previous_clause(at)
    m = sentence.x.topic.match(sentence.text, *clause) if clause else None
    if not m or not clause:
        return ""
    topic = sentence.raw[clause[0] : m.end(1)]
    return "" if topic in name else topic


def _before_place(name: str, x: Lexicon) -> str:
    """The measure of a name that says behind it where it is taken (检查率城市 -> 检查率), or nothing."""
    ends = (at for at in range(len(name) - 2, max(len(name) - _PLACE, 3) - 1, -1) if x.rates.suffix(name, 0, at))
    at = next(ends, 0)
    return name[:at] if at and not x.measured(name) else ""


def _without_place(name: str, x: Lexicon) -> str:
    """A name without the place that it begins with (市级赛事活动 -> 赛事活动); another place stands before it then."""
    plain = name.translate(_ASCII)
    m = x.place.match(plain) or x.grade.match(plain)
    return name[m.end() :] if m and len(name) - m.end() >= _THING else name


def measure_of(name: str, x: Lexicon) -> str:
    """What is measured in a name, without whom it is measured of (小学生每天睡眠时间 -> 每天睡眠时间)."""
    ends = [m.end() for m in x.holders.finditer(name)]
    ends = [e for e in ends if e < len(name) - 2 and not x.measured_holders.suffix(name, 0, e)]
    return name[ends[-1] :] if ends else name


def _joined(name: str, measure: str) -> str:
    """A part and what is measured of it, what both say said once (光伏发电, 可再生能源发电规模 -> 光伏发电规模)."""
    shared = measure.rfind(name[-2:])
    rest = measure[shared + 2 :]
    return name + (rest if shared >= 0 and len(rest) >= 2 else measure)


def thing_before(sentence: Sentence, at: int, q: Quantity, last: tuple[str, str | None] | None) -> str:
    """What a clause without a thing of its own counts: the last target's, or the thing of the clause before."""
    if last is not None and last[1] == q.unit and q.unit_class != "times":
        return last[0]
    begin = sentence.clause_start(at)
    clause = sentence.previous_clause(at) if at == begin else (begin, at)
    if clause is None:
        return last[0] if last else ""
    inside = [n for n in sentence.found if clause[0] <= n.start < clause[1]]
    behind = sentence.x.provides(sentence.text, inside[-1].after_end, clause[1]) if inside else None
    if behind and behind[1] < clause[1] - 1:
        return sentence.name([sentence.without_tail((behind[1], clause[1]))])
    if inside and inside[0].after_end == clause[1]:
        clause = (clause[0], sentence.left(inside[0]).at)
    spans = sentence.subject(clause, provide=True)
    name = sentence.name(spans)
    words = sentence.words(spans)
    verb = sentence.x.provides(words, 0, len(words))
    return name[verb[1] :] if verb and verb[1] < len(name) - 1 else name


def members(words: str, count: int, x: Lexicon) -> list[str]:
    """The names of a list's members, each with the prefix or measure that it shares with the others.

    A list that does not split into `count` members gives its whole name to each.
    """
    levels = _LEVELS.match(words)
    if levels and len(levels[1].split("、")) == count:
        # 市、县两级人大代表中女性比例: one name for each level.
        return [f"{place}级{words[levels.end() :]}" for place in levels[1].split("、")]
    parts = [p for p in words.split("、") if p]
    if len(parts) == 1 and count > 1:
        # “跨省通办”“跨域通办”事项: quotes set members apart, too.
        parts = _QUOTED.split(words)
    if 0 < len(parts) < count:
        tail = x.conjunctions.split(parts[-1])
        if len(parts) - 1 + len(tail) == count:
            parts = [*parts[:-1], *tail]
        else:
            parts = [p for part in parts for p in x.conjunctions.split(part) if p]
    listed = x.place.match(words)
    if listed and "、" in listed[0][:-1] and 1 < len(x.conjunctions.split(words[listed.end() :])) == count:
        # 市、县区人大代表和政协委员中的女性比例: the places are of each member.
        return [listed[0] + name for name in members(words[listed.end() :], count, x)]
    if len(parts) != count:
        return [words] * count
    first, last = parts[0], parts[-1]
    if (measure := _before_place(first, x)) and not any(x.measured(p) for p in parts):
        return [first, *(measure + p for p in parts[1:])]
    if (heads := _shared_head(parts, x)) is not None:
        return heads
    holder = x.holders.search(first)
    prefix = first[: holder.end()] if holder and holder.end() < len(first) else ""
    if x.measured(last) and not x.measured(first):
        shared = _shared_tail(first, last, x)
        heads = [p.removesuffix(shared) for p in parts]
        rest = [prefix + h if len(h) <= 4 and not x.holders.search(h) else h for h in heads[1:]]
        return [head + shared for head in (heads[0], *rest)]
    # 万元地区生产总值用水量、万元工业增加值用水量: a member that begins as the first does brings its own prefix.
    own = [x.holders.search(p) or x.own_base.match(p) or p[:2] == first[:2] for p in parts[1:]]
    return [first, *(p if alone else prefix + p for p, alone in zip(parts[1:], own, strict=True))]


def _shared_head(parts: list[str], x: Lexicon) -> list[str] | None:
    """The names of levels, places or groups before what they share (省级、市级示范基地; 初、高中学生), or None."""
    *before, last = parts
    grade = x.grade.match(last)
    if grade and grade.end() < len(last):
        whole = x.whole_place.match(before[0])
        levels = [before[0][whole.end() if whole else 0 :], *before[1:]]
        levels = [p if x.grade.fullmatch(p) else p + "级" for p in levels]
        if all(x.grade.fullmatch(p) for p in levels):
            return [*(p + last[grade.end() :] for p in levels), last]
    if all(p.endswith("”") for p in before) and "”" in last[:-1]:
        return [*(p + last[last.index("”") + 1 :] for p in before), last]
    if all(len(p) == 1 for p in before) and len(last) > 2:
        bracket = _BRACKETS.match(last, 1)
        return [*(p + last[bracket.end() if bracket else 1 :] for p in before), last]
    if all(is_group(p, x) for p in before):
        ends = [at for at in range(2, min(len(last) - 1, _GROUP)) if is_group(last[:at], x)]
        if ends:
            return [*(p + last[ends[-1] :] for p in before), last]
    return None


def same_activity(name: str, unit: str | None, last_unit: str | None, x: Lexicon) -> bool:
    """Whether a name only says who holds the activity of the target before it (幼儿园每学期不少于两次)."""
    held = [m[0] if (m := x.held.search(u or "")) else None for u in (unit, last_unit)]
    return held[0] is not None and held[0] == held[1] and is_group(name, x)


def is_group(words: str, x: Lexicon) -> bool:
    """Whether words are nothing but a place or a group that a measure may be of (村（社区）, 城市社区, 初中)."""
    plain = _BRACKETS.sub("", words)
    return bool(x.place.fullmatch(plain) or (len(plain) <= _PLACE and x.topic_end.search(plain)))


def _shared_tail(first: str, last: str, x: Lexicon) -> str:
    """What the members of a list share behind their heads (新生儿、婴儿和5岁以下儿童死亡率: 死亡率)."""
    if among := x.among.search(last, 1, len(last) - 1):
        return last[among.start() :]
    at = last.rfind(first[-1])
    if 0 < at <= len(first) + 2 and at < len(last) - 2 and not x.holder_endings.suffix(first, 0, len(first)):
        return last[at + 1 :]
    ends = [m.end() for m in x.holders.finditer(last) if m.end() < len(last) - 1]
    if ends and (len(first) <= _PLACE or any(m.end() == len(first) for m in x.holders.finditer(first))):
        return last[ends[-1] :]
    measure = x.measures.suffix(last, 0, len(last))
    if not measure:
        return ""
    # 率 and 减排量 alone are not yet measures: 死亡率 and 重点减排量 are.
    return last[max(0, len(last) - len(measure) - (2 if len(measure) < 4 else 0)) :]
