import pytest
from tests.unit.report.small_study import build, plan

from compassion_trials.report.assemble import assemble
from compassion_trials.report.model import Document, Paragraph, Reference, Section, line, with_ranges
from compassion_trials.report.model import words as plain
from compassion_trials.report.source import read_source


def test_every_table_and_figure_of_the_stages_is_in_the_report_once(report):
    source = read_source(report)
    document = assemble(source)
    names = [block.name for block in document.blocks() if hasattr(block, "name")]
    assert sorted(names) == sorted([*[t.name for t in source.tables], *[f.name for f in source.figures]])


def test_numbers_follow_the_order_of_appearance(report):
    document = assemble(read_source(report))
    for target in ("table", "figure"):
        numbers = [number for (kind, _), number in document.numbers.items() if kind == target]
        assert numbers == list(range(1, len(numbers) + 1))


def test_sections_of_a_report(report):
    document = assemble(read_source(report))
    assert [section.title for section in document.sections] == [
        "Abstract",
        "Methods",
        "Results",
        "Discussion",
        "Declarations",
        "References",
        "Data Checks",
        "Provenance",
    ]
    keys = [section.key for section in document.walk()]
    assert len(keys) == len(set(keys))


def test_reference_prints_its_number():
    document = Document("t", "k", (), (), "", (Section("s", "S", (Paragraph(line("see")),)),))
    document.numbers["table", "x"] = 3
    assert plain(line("in ", Reference("table", "x"), "."), document.numbers) == "in Table\u00a03."


@pytest.mark.parametrize("design", ["single_arm", "non_randomized"])
def test_other_designs_have_reports_too(design, tmp_path):
    context = build(tmp_path, plan(design), synthetic=False)
    page = (context.results.report / "report.html").read_text(encoding="utf-8")
    assert "SYNTHETIC" not in page
    if design == "single_arm":
        visible = " ".join(page.split())
        assert "effect of" not in visible.lower()
        assert "all participants received ACT workshop" in visible


def test_same_inputs_same_bytes(report, tmp_path):
    again = build(tmp_path, plan())
    for name in ("report.html", "report.docx", "report.pdf", "report.json"):
        assert (report.results.report / name).read_bytes() == (again.results.report / name).read_bytes(), name


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("ab", "Table 4 and Table 5"),
        ("abc", "Table 4 to Table 6"),
        ("abd", "Table 4, Table 5 and Table 9"),
        ("dabc", "Table 9 and Table 4 to Table 6"),
        ("abcd", "Table 4 to Table 6 and Table 9"),
    ],
)
def test_references_in_a_row_become_a_range(names, said):
    numbers = {("table", "a"): 4, ("table", "b"): 5, ("table", "c"): 6, ("table", "d"): 9}
    joints = ["", *[", "] * (len(names) - 2), " and "]
    told = line("In ", *(p for j, n in zip(joints, names, strict=True) for p in (j, Reference("table", n))), ".")
    assert plain(with_ranges(told, numbers), numbers).replace("\u00a0", " ") == f"In {said}."
