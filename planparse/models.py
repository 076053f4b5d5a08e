"""The output contract as pydantic models: what the library returns and what `planparse schema` describes.

The engine builds plain JSON-ready dicts; they become models only at the library's boundary. Every field is always
present (null where the text says nothing), unknown fields are refused, and a model cannot be changed after validation.
All offsets count Unicode code points in the text that `planparse text FILE` prints.

Given the validation context `{"text": source_text}`, every evidence is also compared with the source:
`evidence.text == source_text[evidence.start:evidence.end]`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

Role = Literal[
    "preamble",
    "review",
    "general",
    "overall_goal",
    "indicator_table",
    "domains",
    "domain",
    "objectives",
    "measures",
    "projects",
    "implementation",
    "monitoring",
    "other",
]
"""What a section is for. docs/output.md lists the headings (发展基础, 主要目标, 策略措施 …) behind each role."""

Comparator = Literal[">=", ">", "<=", "<", "=", "~", "range"]
"""How the text bounds the value; 以上, 以下, 以内 include the number, 超过 and 低于 do not (Civil Code art. 1259)."""

Origin = Literal["table", "prose"]
Kind = Literal["quantitative", "qualitative"]
Direction = Literal["increase", "decrease", "maintain", "control"]
Obligation = Literal["binding", "expected"]
Severity = Literal["error", "warning", "info"]

Whole = Annotated[int, Strict()]
Offset = Annotated[int, Strict(), Field(ge=0)]
Year = Annotated[int, Strict(), Field(ge=1900, le=2200)]
Flag = Annotated[bool, Strict()]
# int stays int and float stays float, so that a value prints as it was written: 8, not 8.0.
Number = Annotated[
    Annotated[int, Strict()] | Annotated[float, Strict(), Field(allow_inf_nan=False)],
    WithJsonSchema({"type": "number"}),
]
Words = Annotated[str, Field(min_length=1)]


def _from_iso(value: object) -> object:
    """Take a date only as ISO 8601 text or as a date: pydantic alone would also read a number as a timestamp."""
    if isinstance(value, str):
        return datetime.date.fromisoformat(value)
    if isinstance(value, datetime.date):
        return value
    raise ValueError("a date is written YYYY-MM-DD")


IsoDate = Annotated[datetime.date, BeforeValidator(_from_iso)]


class _Model(BaseModel):
    # defer_build: importing the package must not pay for schemas that a run may never use.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Span(_Model):
    """A place in the text: `source_text[start:end]`."""

    start: Offset = Field(description="Offset of the first character, in code points (起始位置)")
    end: Offset = Field(description="Offset after the last character (结束位置)")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start > self.end:
            raise ValueError(f"span ends at {self.end}, before it starts at {self.start}")
        return self


class Period(_Model):
    """The years a plan covers (规划期限)."""

    start: Year = Field(description="First year (起始年)")
    end: Year = Field(description="Last year (结束年)")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start > self.end:
            raise ValueError(f"period ends in {self.end}, before it starts in {self.start}")
        return self


class Source(_Model):
    """The file a plan was read from (来源文件)."""

    path: str | None = Field(description="Path as it was given; null for text handed over in memory (文件路径)")
    media_type: Words = Field(description="Media type, found by content: text/plain, application/pdf … (媒体类型)")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = Field(description="SHA-256 of the file's bytes (校验值)")
    encoding: str | None = Field(description="Character encoding the bytes were read in, where there is one (编码)")
    pages: Annotated[int, Strict(), Field(ge=1)] | None = Field(description="Pages; null where there are none (页数)")


class Notice(_Model):
    """What the covering notice says (印发通知)."""

    title: str | None = Field(description="Title of the notice (通知标题)")
    document_number: str | None = Field(description="Document number, e.g. 张政发〔2021〕46号 (发文字号)")
    index_number: str | None = Field(description="Index number in the government's register (索引号)")
    issuer: str | None = Field(description="Issuing authority (发文机关)")
    issued_on: IsoDate | None = Field(description="Date of the document, ISO 8601 (成文日期)")
    published_on: IsoDate | None = Field(description="Date of publication, ISO 8601 (发布日期)")
    recipients: tuple[str, ...] = Field(description="Whom the notice addresses (主送机关)")


class Item(_Model):
    """A numbered paragraph of a section (条目)."""

    number: Whole = Field(description="Its number; the one that was lost where the text skips one (序号)")
    text: str = Field(description="The paragraph without its number; lines broken by a page are joined (正文)")
    span: Span = Field(description="Its place in the text (位置)")
    responsible_units: tuple[Words, ...] = Field(description="Units of its (责任单位：…), as written (责任单位)")


class Section(_Model):
    """A section of the plan with its heading, its numbered paragraphs and its child sections (章节)."""

    id: Words = Field(description="Unique in the plan, the same on every run (标识)")
    role: Role = Field(description="What the section is for (章节作用)")
    number: str | None = Field(description="Number as written: 一、, (一), 第一章 (编号)")
    heading: str = Field(description="Heading without number and closing punctuation; empty if none (标题)")
    level: Annotated[int, Strict(), Field(ge=1)] = Field(description="1 = 一、 or 第一章, 2 = (一) or 第一节 … (层级)")
    span: Span = Field(description="Its place in the text, children included (位置)")
    items: tuple[Item, ...] = Field(description="Its numbered paragraphs (条目)")
    sections: tuple[Section, ...] = Field(description="Its child sections (下级章节)")


class Evidence(_Model):
    """The words a statement rests on, with their place (原文依据)."""

    text: Words = Field(description="The source's own words, `source_text[start:end]` (原文)")
    start: Offset = Field(description="Offset of the first character (起始位置)")
    end: Offset = Field(description="Offset after the last character (结束位置)")
    page: Annotated[int, Strict(), Field(ge=1)] | None = Field(description="Page, where the format has pages (页码)")

    @model_validator(mode="after")
    def _in_place(self, info: ValidationInfo) -> Self:
        if self.end - self.start != len(self.text):
            raise ValueError(f"evidence of {len(self.text)} characters cannot stand at {self.start}-{self.end}")
        source = (info.context or {}).get("text")
        if source is not None and source[self.start : self.end] != self.text:
            raise ValueError(f"evidence differs from the source at {self.start}-{self.end}")
        return self


class Baseline(_Model):
    """The value a target starts from, where the text states one (基数)."""

    value: Number | None = Field(description="Value; null where only the year is stated (基期值)")
    unit: str | None = Field(description="Unit of the value, normalised (单位)")
    year: Year | None = Field(description="Year of the value: 2020 in 以2020年为基数 (基期年)")


class Implied(_Model):
    """One fact that the text does not state but that follows from it, with the reason (推断)."""

    value: Number | str | None = Field(description="What follows (推断值)")
    reason: Words = Field(description="Why it follows (依据)")


class Indicator(_Model):
    """One target: a measurable level, bound, count, frequency or ratio, or a named measure given a direction (指标)."""

    id: Words = Field(description="Unique in the plan, the same on every run (标识)")
    name: Words = Field(description="What is measured, as the plan words it, without value, verb and unit (指标名称)")
    domain: str | None = Field(description="Heading of its domain, or the table's category cell (领域)")
    role: Role = Field(description="Role of the section it stands in (所在章节作用)")
    section_id: Words = Field(description="Id of the section it stands in (所在章节)")
    item: Whole | None = Field(description="Number of the numbered paragraph or of the table row (序号)")
    origin: Origin = Field(description="Whether it stands in a table or in prose (表格或正文)")
    kind: Kind = Field(description="quantitative: with a value; qualitative: a direction or a phrase (定量或定性)")
    comparator: Comparator | None = Field(description="Bound as the text says it; null if qualitative (比较关系)")
    value: Number | None = Field(description="The number as written in `unit`; null if qualitative (目标值)")
    value_max: Number | None = Field(description="Upper end of a range, else null (目标值上限)")
    unit: str | None = Field(description="Normalised: %, ‰, /10万, :1 for ratios, else the measure word (单位)")
    per: str | None = Field(description="年, 学期, 月, 周, 天: of a frequency or a yearly change (频次周期)")
    direction: Direction | None = Field(description="From the verb: 提高 increase, 降低 decrease … (变化方向)")
    change: Flag = Field(description="True where the value is an amount of change, not a level (是否为变化量)")
    baseline: Baseline | None = Field(description="The value the target starts from, where stated (基数)")
    deadline: Year | None = Field(description="Year it is due, where stated: 到2025年 (完成年份)")
    obligation: Obligation | None = Field(description="binding 约束性 or expected 预期性, where stated (指标属性)")
    responsible_units: tuple[Words, ...] = Field(description="Units of the item or the row, as written (责任单位)")
    value_text: Words = Field(description="The words that carry the value: 7/10万以下, 逐步提高 (目标值原文)")
    evidence: Evidence = Field(description="The clause (prose) or value cell (table); contains value_text (原文依据)")
    implied: dict[str, Implied] | None = Field(description="What follows but is not stated, by field name (推断)")
    rule: Words = Field(description="Id of the rule that produced it (规则)")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.kind == "qualitative":
            if (self.comparator, self.value, self.value_max) != (None, None, None):
                raise ValueError("a qualitative indicator has neither comparator nor value")
        elif self.comparator is None or self.value is None:
            raise ValueError("a quantitative indicator has a comparator and a value")
        elif (self.comparator == "range") != (self.value_max is not None):
            raise ValueError("value_max is the upper end of a range and stands with no other comparator")
        elif self.value_max is not None and self.value > self.value_max:
            raise ValueError(f"range from {self.value} to {self.value_max} runs backwards")
        if self.value_text not in self.evidence.text:
            raise ValueError(f"evidence does not contain the value text {self.value_text!r}")
        unknown = (self.implied or {}).keys() - type(self).model_fields.keys()
        if unknown:
            raise ValueError(f"implied names no field of an indicator: {', '.join(sorted(unknown))}")
        return self


class Observation(_Model):
    """A value already achieved, from a review (发展基础, 执行情况); never a target (已达到的值)."""

    name: Words = Field(description="What was measured (名称)")
    value: Number = Field(description="The number as written in `unit` (数值)")
    unit: str | None = Field(description="Unit, normalised as for targets (单位)")
    year: Year | None = Field(description="Year of the value, where stated (年份)")
    evidence: Evidence = Field(description="The clause it stands in (原文依据)")


class Diagnostic(_Model):
    """Something the parser repaired or inferred, or that looks wrong in the source (诊断)."""

    code: Words = Field(description="Stable identifier of the kind of finding (代码)")
    severity: Severity = Field(description="error, warning or info (严重程度)")
    message: Words = Field(description="What was found and what was done about it (说明)")
    span: Span = Field(description="Where (位置)")


class Plan(_Model):
    """One plan with its structure and its targets (规划)."""

    schema_version: Literal["1.0"] = Field(description="Version of this contract (版本)")
    source: Source = Field(description="The file it was read from (来源文件)")
    notice: Notice | None = Field(description="The covering notice, where there is one (印发通知)")
    title: str = Field(description="Title, completed where the text lost characters; empty if none (规划名称)")
    region: str | None = Field(description="Region: 张家港市, 江北区 (地区)")
    subject: str | None = Field(description="What it is about: 妇女发展, 儿童发展, 养老服务 (主题)")
    period: Period | None = Field(description="Years it covers (规划期限)")
    span: Span = Field(description="Its place in the text (位置)")
    sections: tuple[Section, ...] = Field(description="The section tree (章节)")
    indicators: tuple[Indicator, ...] = Field(description="The targets (指标)")
    observations: tuple[Observation, ...] = Field(description="Values already achieved (已达到的值)")
    diagnostics: tuple[Diagnostic, ...] = Field(description="Repairs, inferences and doubts (诊断)")

    def all_sections(self) -> Iterator[Section]:
        """Every section of the tree, each before its children, in the order of the text."""
        waiting = list(reversed(self.sections))
        while waiting:
            section = waiting.pop()
            yield section
            waiting.extend(reversed(section.sections))

    @model_validator(mode="after")
    def _ids(self) -> Self:
        sections = [section.id for section in self.all_sections()]
        for what, ids in (("section", sections), ("indicator", [indicator.id for indicator in self.indicators])):
            if len(set(ids)) != len(ids):
                repeated = sorted({each for each in ids if ids.count(each) > 1})
                raise ValueError(f"{what} ids stand more than once: {', '.join(repeated)}")
        known = set(sections)
        for indicator in self.indicators:
            if indicator.section_id not in known:
                raise ValueError(f"indicator {indicator.id} stands in no known section: {indicator.section_id}")
        return self


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one plan; `planparse extract` prints an array of them."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Plan.model_json_schema()}
