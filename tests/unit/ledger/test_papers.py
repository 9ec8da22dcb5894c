"""The file of a paper: its tables as a draft, its doubts told, and wrong input in one sentence."""

from __future__ import annotations

import re
from io import BytesIO

import pytest

from compassion_trials.cli import main
from compassion_trials.ledger.papers.cell_statistics import impossible
from compassion_trials.ledger.papers.numbers import cell_numbers
from compassion_trials.ledger.papers.reading import read_tables
from compassion_trials.ledger.papers.sheet import tables_of_csv
from compassion_trials.ledger.papers.web import tables_of_html
from compassion_trials.ledger.papers.word import tables_of_word
from compassion_trials.ledger.reading.loader import read_published

PAPER = """Table 2. Outcomes
Outcome,Group,Visit,n,M,SD
PSS,App,Before,41,23.11,4.93
,Wait-list,Before,47,21.88,4.94
,App,Week 8,41,16.15,6.16
,Wait-list,Week 8,47,20.02,6.16

Table 3. Tests
Outcome,Comparison,Visit,t,df,p,d
PSS,App vs. Wait-list,Week 8,2.94,86,.004,0.63
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "shape", "values"),
    [
        ("23.11 (4.93)", "bracketed", ("23.11", "4.93")),
        ("23.11 ± 4.93", "plus_minus", ("23.11", "4.93")),
        ("0.49 [0.26, 0.72]", "with_interval", ("0.49", "0.26", "0.72")),
        ("−0.49 [−0.72 to −0.26]", "with_interval", ("-0.49", "-0.72", "-0.26")),
        ("< .001", "one", ("<.001",)),
        ("6.38**", "one", ("6.38",)),
        ("F(1, 53) = 4.00, p = .015", "test", ("1", "53", "4.00", ".015")),
        ("1,234", "one", ("1,234",)),
        ("n.s.", "one", ("ns",)),
    ],
)
def test_numbers_of_a_cell(text, shape, values):
    found = cell_numbers(text)
    assert (found.shape, found.values) == (shape, values)


@pytest.mark.parametrize("text", ["improved", "Week 8", "MBCT (n = 20) arm", "12 of 30 people"])
def test_words_are_no_numbers(text):
    assert cell_numbers(text) is None


def test_a_paper_becomes_a_draft_with_places_and_questions(folder, capsys):
    (folder / "paper.csv").write_text(PAPER, encoding="utf-8")
    assert main(["reproduce", "paper.csv"]) == 0
    said = capsys.readouterr().out
    assert "16 numbers of 2 of 2 tables" in said
    assert "not judged yet" not in said  # nothing is wrong with these numbers
    draft = (folder / "paper.yaml").read_text(encoding="utf-8")
    assert "# row 2, columns 4 5 6\n      pss app before 41 23.11 4.93\n" in draft
    assert "control: wait_list" in draft
    assert (folder / "results" / "ledger" / "paper.html").is_file()
    assert main(["reproduce", "paper.yaml"]) == 2
    assert "a guess that waits for your answer" in capsys.readouterr().err
    (folder / "paper.yaml").write_text(re.sub(r" *# FILL IN.*", "", draft), encoding="utf-8")
    assert main(["reproduce", "paper.yaml"]) == 0
    assert "agrees" in capsys.readouterr().out
    study = read_published(folder / "paper.yaml")
    assert [len(t.row_lines) + len(t.effect_lines) for t in study.tables] == [4, 1]


def test_a_draft_is_never_overwritten(folder, capsys):
    (folder / "paper.csv").write_text(PAPER, encoding="utf-8")
    (folder / "paper.yaml").write_text("mine", encoding="utf-8")
    assert main(["reproduce", "paper.csv"]) == 2
    assert "is not overwritten" in capsys.readouterr().err
    assert main(["reproduce", "paper.csv", "--out", "other.yaml"]) == 0
    assert (folder / "paper.yaml").read_text(encoding="utf-8") == "mine"


def test_two_cells_that_would_be_the_same_are_told_not_read():
    twice = PAPER.replace("PSS,App,Before", "PSS,App,Week 8").split("\n\n")[0]
    (found,) = read_tables(tables_of_csv(twice))
    assert {u.text for u in found.unread} == {"23.11", "4.93", "16.15", "6.16"}
    assert not [n for n in found.numbers if n.statistic == "mean" and n.arm == "App"]


def test_n_of_a_head_is_doubted():
    text = "Outcome,App (n = 41) Before M (SD),Wait-list (n = 47) Before M (SD)\nPSS,23.11 (4.93),21.88 (4.94)\n"
    (found,) = read_tables(tables_of_csv(text))
    assert [(n.printed, bool(n.doubt)) for n in found.numbers if n.statistic == "n"] == [("41", True), ("47", True)]


SPANNED = """Table 1
Outcome,Visit,MBCT,MBCT,Wait-list,Wait-list,"MBCT vs. Wait-list, from Before","MBCT vs. Wait-list, from Before"
Outcome,Visit,M,SD,M,SD,d,p
PSS,Before,23.11,4.93,21.88,4.94,,
PSS,After,16.15,6.16,20.02,6.16,0.63,.004
"""


def test_a_comparison_over_columns_is_no_arm():
    (found,) = read_tables(tables_of_csv(SPANNED))
    effects = [n for n in found.numbers if n.kind == "effect"]
    assert {n.printed for n in effects} == {"0.63", ".004"}
    assert {(n.arm, n.versus) for n in effects} <= {("MBCT", "Wait-list"), ("", "")}
    assert all(n.doubt for n in effects) or found.doubts
    assert {n.arm for n in found.numbers if n.kind == "row"} == {"MBCT", "Wait-list"}


PANELS = """Table 1. Outcomes (mean ± SD)
Group,Time,PSS,FFMQ
MBCT,Before,23.11 ± 4.93,120.1 ± 15.2
MBCT,After,16.15 ± 6.16,131.0 ± 14.9
Wait-list,Before,21.88 ± 4.94,119.4 ± 16.1
Wait-list,After,20.02 ± 6.16,121.7 ± 15.5
Hedges’ g (SE),Hedges’ g (SE),0.63 (0.21),0.61 (0.22)
"""


def test_a_line_of_effects_below_means_is_no_mean():
    (found,) = read_tables(tables_of_csv(PANELS))
    assert len([n for n in found.numbers if n.statistic == "mean"]) == 8
    assert not {"0.63", "0.21", "0.61", "0.22"} & {n.printed for n in found.numbers if not n.doubt}
    assert {u.text for u in found.unread} >= {"0.63 (0.21)", "0.61 (0.22)"}


MERGED = (
    "<table><tr><th>Outcome</th><th>Group</th><th>M</th><th>SD</th></tr><tr><td>PSS</td><td>App</td><td>1.2</td>"
    "<td rowspan=2>3.4</td></tr><tr><td>PSS</td><td>Control</td><td>1.3</td></tr></table>"
)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("words.csv", b"a,b\nfoo,bar\nbaz,qux quux\n", "it holds words"),
        ("text.html", b"just a text", "the document holds no table"),
        ("damaged.docx", b"PK\x03\x04garbage", "the Word document is damaged"),
        ("empty.csv", b"", "the file is empty"),
        ("binary.csv", b"\x00\x01\x02", "damaged or no text"),
        ("merged.html", MERGED.encode(), "is merged with others"),
        ("nested.html", b"<table><tr><td>x<table><tr><td>1</td></tr></table></td></tr></table>", "inside a cell"),
        ("layout.csv", b"1,2,3\n4,5,6\n", "its layout is not known"),
    ],
)
def test_wrong_input_is_one_sentence(folder, capsys, name, content, said):
    (folder / name).write_bytes(content)
    assert main(["reproduce", name]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not list(folder.glob("*.yaml"))


def test_a_file_that_is_not_there(folder, capsys):
    assert main(["reproduce", "gone.docx"]) == 2
    assert "the file does not exist" in capsys.readouterr().err


def test_word_and_html_keep_spans_and_drop_footnote_marks():
    from docx import Document

    document = Document()
    document.add_paragraph("Table 1. Means")
    table = document.add_table(rows=3, cols=3)
    table.cell(0, 1).merge(table.cell(0, 2)).text = "Before"
    for j, text in enumerate(("Outcome", "M", "SD")):
        table.cell(1, j).text = text
    for j, text in enumerate(("PSS", "23.11", "4.93")):
        table.cell(2, j).text = text
    mark = table.cell(2, 1).paragraphs[0].add_run("a")
    mark.font.superscript = True
    stream = BytesIO()
    document.save(stream)
    (word,), _ = tables_of_word(stream.getvalue(), "x.docx")
    (page,), _ = tables_of_html(
        "<table><caption>Table 1. Means</caption><tr><td></td><td colspan=2>Before</td></tr><tr><td>Outcome</td><td>M"
        "</td><td>SD</td></tr><tr><td>PSS</td><td>23.11<sup>a</sup></td><td>4.93</td></tr></table>"
    )
    assert word == page
    (found,) = read_tables([word])
    assert [(n.visit, n.statistic, n.printed) for n in found.numbers] == [
        ("Before", "mean", "23.11"),
        ("Before", "sd", "4.93"),
    ]


def _read(text: str) -> dict[str, str]:
    """Numbers of the tables of a CSV text by statistic, of one line only."""
    return {n.statistic: n.printed for found in read_tables(tables_of_csv(text)) for n in found.numbers}


def test_tests_with_both_df_in_one_cell_and_a_share_of_variance():
    text = 'Outcome,Comparison,Visit,F,df,p,η²\nPSS,App vs. Wait-list,Week 8,6.38,"1, 53",.015,.11\n'
    assert _read(text) == {"F": "6.38", "df": "1", "df2": "53", "p": ".015", "eta2": ".11"}


def test_an_effect_with_its_limits_in_one_cell():
    text = 'Outcome,Comparison,Visit,"d [95% CI]"\nPSS,App vs. Wait-list,Week 8,"0.63 [0.20, 1.06]"\n'
    assert _read(text) == {"d": "0.63", "d_lower": "0.20", "d_upper": "1.06"}


def test_a_minus_that_does_not_break_is_a_minus_and_wide_heads_keep_their_columns():
    """Word writes a hyphen that must not break as an element of its own."""
    from docx import Document
    from docx.oxml import OxmlElement

    document = Document()
    document.add_paragraph("Table 1. Changes")
    table = document.add_table(rows=3, cols=5)
    table.cell(0, 1).merge(table.cell(0, 2)).text = "App"
    table.cell(0, 3).merge(table.cell(0, 4)).text = "Wait-list"
    for j, text in enumerate(("Outcome", "M", "SD", "M", "SD")):
        table.cell(1, j).text = text
    for j, text in enumerate(("Change of PSS", "", "4.93", "0.52", "3.98")):
        table.cell(2, j).text = text
    run = table.cell(2, 1).paragraphs[0].add_run()
    run._r.append(OxmlElement("w:noBreakHyphen"))
    number = OxmlElement("w:t")
    number.text = "6.11"
    run._r.append(number)
    stream = BytesIO()
    document.save(stream)
    (word,), _ = tables_of_word(stream.getvalue(), "x.docx")
    assert [cell.text for cell in word.cells[2]] == ["Change of PSS", "-6.11", "4.93", "0.52", "3.98"]
    assert [cell.text for cell in word.cells[0]] == ["", "App", "App", "Wait-list", "Wait-list"]


@pytest.mark.parametrize(
    ("value", "possible"), [("1.00", True), (".999", True), (">.99", True), (">1", False), ("1.2", False)]
)
def test_a_p_lies_between_0_and_1(value, possible):
    assert (impossible("p", value) == "") == possible


@pytest.mark.parametrize(
    ("statistic", "value", "possible"),
    [
        ("n", "1", True), ("n", "0", False), ("n", "2.5", False),
        ("sd", "0.01", True), ("sd", "-1.2", False), ("g_se", "-0.2", False),
        ("F", "0.00", True), ("F", "-0.10", False), ("df", "-1", False), ("eta2", "-.1", False), ("mean", "-3.1", True),
    ],
)  # fmt: skip
def test_what_a_number_of_a_table_can_be(statistic, value, possible):
    assert (impossible(statistic, value) == "") == possible
