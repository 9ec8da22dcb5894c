"""HTML, Markdown, Typst and CSV: structure, and nothing from the data is markup."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser

import pytest

from compassion_trials.tables.spec import Notes, TableColumn, TableSpec, heading, row
from compassion_trials.tables.stage import build_all
from compassion_trials.tables.text import Run, rich, text
from compassion_trials.tables.writers import csv as csv_writer
from compassion_trials.tables.writers import html, markdown, typst

HOSTILE = '</td><script>alert(1)</script> & "q" \\ #panic() *b* _i_ `c` [x](y) $m$ | @ref ~s~ ^t^ {{ }} <!-- =1+1'
VOID = {"meta", "br", "img"}


class Tree(HTMLParser):
    """Tags in order, their attributes and the text; fails on tags that do not balance."""

    def __init__(self, content: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(content)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def hostile() -> TableSpec:
    columns = (TableColumn(text(HOSTILE), "left"), TableColumn(rich("*M*"), spanner=text(HOSTILE)))
    notes = Notes(text(HOSTILE), (("a", text(HOSTILE)),), text(HOSTILE))
    return TableSpec("t", text(HOSTILE), columns, (heading(HOSTILE), row(HOSTILE, "1.00")), notes, analyses=(HOSTILE,))


def test_html_is_semantic(trial):
    for table in build_all(trial):
        tree = Tree(html.to_html(table, 1))
        width = len(table.columns)
        heads = tree.all("th")
        assert {"col", "row"} <= {a["scope"] for a in heads}
        assert len(tree.all("caption")) == 1
        assert len([a for a in heads if a["scope"] == "col"]) == width
        assert len([a for a in heads if a["scope"] == "rowgroup"]) == sum(r.group for r in table.rows)
        assert all(int(a["colspan"]) == width for a in heads if a["scope"] == "rowgroup")
        assert not {"script", "style", "a", "img"} & {tag for tag, _ in tree.tags}
        assert "Table 1" in tree.words


def test_html_escapes_everything(hostile):
    tree = Tree(html.page(hostile, 1))
    assert tree.all("script") == []
    assert tree.words.count("<script>alert(1)</script>") == 9  # title, caption, spanner, head, group, stub, three notes


def test_html_without_number_keeps_the_title(trial):
    table = build_all(trial)[0]
    assert "table-number" not in html.to_html(table)
    assert table.plain_title in html.to_html(table)


def test_markdown_reads_back_through_pandoc_as_one_table(hostile, trial):
    import json

    import pypandoc

    for table in (hostile, *build_all(trial)):
        blocks = json.loads(pypandoc.convert_text(markdown.to_markdown(table, 1), "json", "markdown"))["blocks"]
        (found,) = [b for b in blocks if b["t"] == "Table"]
        bodies = found["c"][4]
        assert len(found["c"][2]) == len(table.columns)
        assert sum(len(body[3]) for body in bodies) == len(table.rows)


def test_markdown_of_hostile_text_holds_no_markup(hostile):
    import pypandoc

    shown = pypandoc.convert_text(markdown.to_markdown(hostile), "plain", "markdown", extra_args=["--wrap=none"])
    made = pypandoc.convert_text(markdown.to_markdown(hostile), "html", "markdown")
    tags = {tag for tag, _ in Tree(made).tags}
    assert "alert(1)" in shown
    assert not {"script", "a", "code", "img"} & tags
    assert "math" not in made


def test_markdown_puts_spanners_before_heads():
    columns = (TableColumn(text("s")), TableColumn(rich("*n*"), spanner=text("ACT")))
    table = TableSpec("t", text("T"), columns, (row("a", "1", level=1),))
    assert markdown.to_markdown(table).splitlines()[2:5] == [
        "| s | ACT: *n* |",
        "| ---: | ---: |",
        "| \u2003a | 1 |",
    ]


def test_typst_compiles_with_hostile_text(hostile, trial):
    import typst as compiler

    source = "".join(typst.to_typst(table, 1) for table in (hostile, *build_all(trial)))
    document = '#set page(width: 30cm, height: auto)\n#set text(font: "Libertinus Serif")\n' + source
    assert compiler.compile(document.encode("utf-8"), format="pdf")[:4] == b"%PDF"


def test_typst_keeps_headings_of_groups_with_their_rows():
    spec = TableSpec(
        "t",
        text("T"),
        (TableColumn(text("Outcome"), "left"), TableColumn(text("M"))),
        (heading("SCS"), heading("ACT", level=1), row("Post", "1.00", level=2)),
    )
    source = typst.to_typst(spec)
    assert source.count("table.header(") == 3
    assert "table.header(level: 2, table.cell(colspan: 2" in source
    assert "table.header(level: 3, table.cell(colspan: 2" in source
    assert pytest.importorskip("typst").compile(source.encode("utf-8"), format="pdf").startswith(b"%PDF")


def test_short_tables_stay_on_one_page():
    def whole(size):
        body = tuple(row("Post", "1.00") for _ in range(size))
        spec = TableSpec("t", text("T"), (TableColumn(text("Outcome"), "left"), TableColumn(text("M"))), body)
        return "breakable: false" in typst.to_typst(spec)

    assert whole(10)
    assert not whole(60)


def test_typst_strings_hold_any_character():
    assert typst.string('a"b\\c\n#d') == '#"a\\"b\\\\c #d";'


def test_typst_has_three_rules(trial):
    for table in build_all(trial):
        assert typst.to_typst(table).count("table.hline(") == 3


def test_csv_numbers_are_for_machines():
    columns = (TableColumn(text("s"), "left"), TableColumn(text("d")), TableColumn(text("ci"), spanner=text("g")))
    rows = (heading("Group"), row("a", "−0.50", "[−1.00,\u00a02.00]"), row("=1+1", "-x", "<\u00a0.001"))
    found = list(csv.reader(io.StringIO(csv_writer.to_csv(TableSpec("t", text("T"), columns, rows)))))
    assert found == [
        ["Group", "s", "d", "g: ci"],
        ["Group", "a", "-0.50", "[-1.00, 2.00]"],
        ["Group", "'=1+1", "'-x", "< .001"],
    ]


def test_csv_of_every_table_has_one_line_per_row(trial):
    for table in build_all(trial):
        lines = list(csv.reader(io.StringIO(csv_writer.to_csv(table))))
        assert len(lines) == 1 + sum(not r.group for r in table.rows)
        assert len({len(line) for line in lines}) == 1


def test_styles_come_out_in_every_format():
    content = (Run("i", "italic"), Run("b", "bold"), Run("u", "superscript"), Run("d", "subscript"))
    assert html.inline(content) == "<em>i</em><strong>b</strong><sup>u</sup><sub>d</sub>"
    assert markdown.inline(content) == "*i***b**^u^~d~"
    assert typst.inline(content) == '#emph[#"i";]#strong[#"b";]#super[#"u";]#sub[#"d";]'
