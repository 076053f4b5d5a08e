"""Saved pages: what counts as the document, tables with spans, encodings, incomplete and hostile pages."""

from __future__ import annotations

import quopri
from pathlib import Path

import pytest

from planparse.document import Document
from planparse.errors import DamagedFileError, EmptyFileError, TooLargeError
from planparse.read import read_bytes, read_path

REAL = Path(__file__).parent / "data" / "real"
BODY = "<p>" + "到2025年，妇女享有全生命周期健康服务，覆盖率达到95%以上。" * 6 + "</p>"


def read(body: str, head: str = "") -> Document:
    return read_bytes(f"<html><head>{head}</head><body>{body}</body></html>".encode(), "page")


def lines(body: str) -> list[str]:
    """The lines of a page, without its filling."""
    return [line for line in read(BODY * 4 + body).text.splitlines() if not line.startswith("到2025年，妇女享有")]


def grid(document: Document, table: int = 0) -> list[list[tuple[str, int, int]]]:
    rows = document.tables[table].rows
    return [[(document.text[cell.start : cell.end], cell.rows, cell.cols) for cell in row] for row in rows]


def test_furniture_and_hidden_elements_are_left_out() -> None:
    page = f"""
    <div class="header"><ul><li><a href="/">首页</a></li><li><a>政务公开</a></li><li><a>互动</a></li></ul></div>
    <nav>导航</nav><div class="crumbs">当前位置</div><h1>某市妇女发展规划</h1>
    <div class="newsShare">分享到微信</div><div id="shareBox">微博</div>
    {BODY * 3}
    <p style="color:red; display: none">目标99%</p><p hidden>目标98%</p><script>var a = "97%"</script>
    <style>p {{}}</style><noscript>请开启</noscript><select><option>选项</option></select>
    <p>保留<del>删去</del><ins>补上</ins></p>
    <div class="qrcode">扫一扫</div><div class="footer">版权所有</div><footer>备案号</footer>"""
    text = read(page).text
    assert text.startswith("某市妇女发展规划\n到2025年")
    assert text.endswith("保留补上\n")
    for word in (
        "首页",
        "导航",
        "位置",
        "微信",
        "微博",
        "99%",
        "98%",
        "97%",
        "开启",
        "选项",
        "删去",
        "扫一扫",
        "版权",
        "备案",
    ):
        assert word not in text


def test_a_block_named_like_furniture_stays_when_it_is_the_page() -> None:
    assert "覆盖率" in read(f'<div class="content-footer side print">{BODY * 3}</div>').text


def test_paragraphs_and_breaks() -> None:
    assert lines("<div>一<br>二<br/>三</div>四<p>五\n六\n  abc\n  def</p><pre>七\n八</pre>") == [
        *("一", "二", "三", "四", "五六 abc def", "七", "八")
    ]


def test_a_title_over_several_centred_lines_is_one() -> None:
    centred = '<p style="text-align: center"><b style="font-size:18pt">{}</b></p>'
    title = centred.format("国务院关于印发《全民健身计划") + centred.format("（2026—2030年）》的通知")
    assert lines(title + "<p>国发〔2026〕26号</p>") == [
        "国务院关于印发《全民健身计划（2026—2030年）》的通知",
        "国发〔2026〕26号",
    ]
    apart = centred.format("某市妇女发展规划") + "<p> </p>" + centred.format("某市儿童发展规划")
    assert lines(apart) == ["某市妇女发展规划", "某市儿童发展规划"]
    headings = centred.format("某市妇女发展规划") + centred.format("第一章 总则") + centred.format("目 录")
    assert lines(headings) == ["某市妇女发展规划", "第一章 总则", "目 录"]


def test_numbers_of_ordered_lists_are_written_out() -> None:
    assert lines("<ol start=3><li>甲</li><li>乙</li><li value=9>丙</li></ol>") == ["3.甲", "4.乙", "9.丙"]
    assert lines("<ol><li>1.已有编号</li></ol><ul><li>无编号</li></ul>") == ["1.已有编号", "无编号"]
    assert lines('<ol style="list-style-type: simp-chinese-informal"><li>甲<li>乙</ol>') == ["一、甲", "二、乙"]


def test_tables_keep_rows_and_spans() -> None:
    document = read(
        BODY * 4 + "<table><caption>表1 主要指标</caption>"
        "<thead><tr><th rowspan=2>序号<th rowspan=2>指标<th colspan=2>目标值</thead>"
        "<tbody><tr><td>2025年<td>2030年<tr><td>1<td>孕产妇<br>死亡率<td rowspan=0>≤10/10万<td>7"
        "<tr><td>2<td>婴儿死亡率<td>&nbsp;</table>"
    )
    assert document.text.splitlines()[-5] == "表1 主要指标"
    assert document.text.splitlines()[-2] == "1\t孕产妇 死亡率\t≤10/10万\t7"
    assert grid(document) == [
        [("序号", 2, 1), ("指标", 2, 1), ("目标值", 1, 2)],
        [("2025年", 1, 1), ("2030年", 1, 1)],
        [("1", 1, 1), ("孕产妇 死亡率", 1, 1), ("≤10/10万", 2, 1), ("7", 1, 1)],
        [("2", 1, 1), ("婴儿死亡率", 1, 1), ("", 1, 1)],
    ]
    table = document.tables[0]
    assert document.text[table.start : table.end].count("\n") == len(table.rows) - 1


def test_tables_that_lay_out_the_page_or_frame_a_box_are_no_tables() -> None:
    layout = read(f"<table><tr><td>{BODY * 3}</td><td>侧栏</td></tr></table>")
    assert layout.tables == ()
    box = "<table><tr><td><p>专栏1 重点项目</p></td></tr><tr><td><p>1.甲</p><p>2.乙</p></td></tr></table>"
    assert lines(box) == ["专栏1 重点项目", "1.甲", "2.乙"]
    nested = "<table><tr><td>一<td><table><tr><td>甲<td>乙</table><tr><td>二二二二二二二二二二<td>丙</table>"
    assert lines(nested) == ["一\t甲 乙", "二二二二二二二二二二\t丙"]


def test_spans_end_where_the_table_ends() -> None:
    document = read(BODY * 4 + "<table><tr><td rowspan=99>甲<td>乙<tr><td>丙<tr><td colspan=20 rowspan=x>丁</table>")
    assert grid(document) == [[("甲", 3, 1), ("乙", 1, 1)], [("丙", 1, 1)], [("丁", 1, 1)]]


@pytest.mark.parametrize(
    ("charset", "codec", "name"),
    [
        ("gb2312", "gb18030", "gb18030"),
        ("GBK", "gbk", "gb18030"),
        ("big5", "big5", "big5"),
        ("utf-8", "utf-8", "utf-8"),
        ("gb2312", "utf-8", "utf-8"),
        ("nonsense", "gb18030", "gb18030"),
        ("gbk", "utf-16", "utf-16-le"),
    ],
)
def test_encodings_of_pages(charset: str, codec: str, name: str) -> None:
    words = "婦女發展規劃：到2025年達到95%。" if codec == "big5" else "妇女发展规划：到2025年达到95%。"
    page = f'<html><head><meta charset="{charset}"></head><body><p>{words * 20}</p></body></html>'
    document = read_bytes(page.encode(codec), "page")
    assert (document.text, document.encoding) == (words * 20 + "\n", name)


def test_a_broken_character_costs_itself_only() -> None:
    page = ("<meta charset=gbk><p>妇女</p>".encode("gbk") + b"\xff" + "<p>儿童</p>".encode("gbk")) * 3
    text = read_bytes(page, "page").text
    assert (text.count("妇女"), text.count("儿童")) == (3, 3)


@pytest.mark.parametrize("keep", [300, 421, 422, 423, 500])
def test_incomplete_pages_give_what_they_hold(keep: int) -> None:
    page = f"<html><body><h1>某市妇女发展规划</h1>{BODY}{BODY}".encode()[:keep]
    assert read_bytes(page, "page").text.startswith("某市妇女发展规划\n到2025年")


def test_a_fragment_without_its_beginning_is_a_page() -> None:
    document = read_bytes(f"某市妇女发展规划</h1>{BODY}<div>甲</div><div>乙</div>".encode(), "page")
    assert document.media_type == "text/html"
    assert document.text.splitlines()[0] == "某市妇女发展规划"


def test_web_archives() -> None:
    head = (
        b"From: <Saved by Blink>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
        b'\ttype="text/html";\r\n\tboundary="--b"\r\n\r\n----b\r\nContent-Type: text/html; charset=utf-8\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    document = read_bytes(head + quopri.encodestring(f"<html><body>{BODY}".encode()) + b"\r\n----b--\r\n", "page")
    assert document.media_type == "multipart/related"
    assert "覆盖率达到95%以上" in document.text
    with pytest.raises(DamagedFileError, match="no HTML page"):
        read_bytes(head.replace(b"text/html; charset", b"image/png; charset") + b"QQ==\r\n----b--\r\n", "page")


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ("<html><body><script>1</script></body></html>", EmptyFileError),
        ("<html>" + "<div>" * 100_000, TooLargeError),
        ("<html>" + "<p>" * 400_000, TooLargeError),
        ("<table>" + "<tr>" + "<td colspan=1000>x</td>" * 600, TooLargeError),
    ],
)
def test_hostile_pages_are_turned_away(page: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_bytes(page.encode(), "page")


def test_entities_are_not_expanded() -> None:
    document = read_bytes(
        b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        b"<html><body><p>&x;&b;&amp;</p></body></html>",
        "page",
    )
    assert "root" not in document.text
    assert "aaaa" not in document.text


def test_tables_deep_in_each_other_end() -> None:
    assert read_bytes(b"<html>" + b"<table><tr><td>a<td>" * 500, "page").text.startswith("a")
    with pytest.raises(EmptyFileError):
        read_bytes(b"<html>" + b"<table><tr><td><td>" * 500, "page")


def test_a_government_page() -> None:
    document = read_path(REAL / "agri-mechanization-2018.html")
    text = document.text.splitlines()
    assert text[0] == "索 引 号：\t000014349/2018-00223\t主题分类：\t农业、林业、水利\\农业、畜牧业、渔业"
    assert text[5:8] == [
        "国务院关于加快推进农业机械化和农机装备产业转型升级的指导意见",
        "国发〔2018〕42号",
        "各省、自治区、直辖市人民政府，国务院各部委、各直属机构：",
    ]
    assert text[-3:] == ["国务院", "2018年12月21日", "（此件公开发布）"]
    assert all(word not in document.text for word in ("扫一扫", "收藏", "打印"))


def test_a_table_of_55_rows() -> None:
    document = read_path(REAL / "hospital-assessment-2019.html")
    rows = grid(document, 2)
    assert len(rows) == 56
    assert [words for words, _, _ in rows[0]] == ["一级指标", "二级指标", "三级指标", "指标性质", "指标说明"]
    assert rows[1][0] == ("一、医疗质量", 24, 1)
    assert [row[0][2] for row in rows[1:]] == [1] * 55
    numbers = [next(words for words, _, _ in row if words[:1].isdigit()).split(".")[0] for row in rows[1:]]
    assert numbers == [str(number) for number in range(1, 56)]
