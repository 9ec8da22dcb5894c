"""Tables copied from the page arrive in a word processor as tables with their rules."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from docx import Document
from docx.oxml.ns import qn

from compassion_trials.report.assemble import assemble
from compassion_trials.report.sections.appendix import with_appendix
from compassion_trials.report.source import read_source
from compassion_trials.tables.spec import TableSpec, spans

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
needs_programs = pytest.mark.skipif(
    BROWSER is None or shutil.which("soffice") is None, reason="a browser or LibreOffice is not installed"
)

COPY = """<script>
const KEEP = ["border-top", "border-right", "border-bottom", "border-left", "text-align", "vertical-align",
  "font-weight", "font-style", "font-size", "padding-left", "white-space", "color"];
function copied(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return node.cloneNode(true);
  const copy = node.cloneNode(false), style = getComputedStyle(node);
  copy.setAttribute("style", KEEP.map(name => `${name}: ${style.getPropertyValue(name)}`).join("; "));
  for (const child of node.childNodes) copy.appendChild(copied(child));
  return copy;
}
addEventListener("load", () => {
  const tables = [...document.querySelectorAll(".apa-table table")].map(copied);
  document.querySelectorAll("style, script").forEach(part => part.remove());
  document.body.replaceChildren(...tables);
});
</script>"""
"""What a browser puts on the clipboard: the selected elements with their computed styles, no style sheet."""


def tables_of(context) -> list[TableSpec]:
    source = read_source(context)
    return [block for block in with_appendix(assemble(source), source)[0].blocks() if isinstance(block, TableSpec)]


def as_plain(page: str, folder) -> str:
    """The tables as a browser without computed styles copies them: the markup alone."""
    return "<html><body>" + "".join(re.findall(r"<table>.*?</table>", page, flags=re.DOTALL)) + "</body></html>"


def as_styled(page: str, folder) -> str:
    """The tables as a browser with computed styles copies them."""
    (folder / "page.html").write_text(page.replace("</head>", COPY + "</head>"), encoding="utf-8")
    command = [
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}/browser",
        "--dump-dom",
    ]
    done = subprocess.run([*command, (folder / "page.html").as_uri()], check=True, capture_output=True, timeout=120)
    return done.stdout.decode("utf-8")


def pasted(fragment: str, folder) -> Document:
    """The fragment as LibreOffice takes it, saved for Word."""
    (folder / "fragment.html").write_text(fragment, encoding="utf-8")
    options = [f"-env:UserInstallation=file://{folder}/profile", "--headless", "--infilter=HTML (StarWriter)"]
    form = ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder)]
    command = ["soffice", *options, *form, str(folder / "fragment.html")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return Document(str(folder / "fragment.docx"))


def ruled(row, side: str) -> bool:
    """Whether every cell of a row has a rule on a side; cells that a merge continues do not count."""
    found = []
    for cell in row._tr.tc_lst:
        merge = cell.tcPr.find(qn("w:vMerge"))
        if merge is not None and merge.get(qn("w:val")) != "restart" and side == "top":
            continue
        rule = cell.tcPr.find(f"{qn('w:tcBorders')}/{qn(f'w:{side}')}")
        found.append(rule is not None and rule.get(qn("w:val")) == "single")
    return bool(found) and all(found)


@pytest.mark.slow
@needs_programs
@pytest.mark.parametrize("copy", [as_plain, as_styled])
@pytest.mark.parametrize("study", ["report", "nasty"])
def test_copied_tables_keep_rows_columns_spanners_and_rules(study, copy, request, tmp_path):
    context = request.getfixturevalue(study)
    page = (context.results.report / "report.html").read_text(encoding="utf-8")
    document, tables = pasted(copy(page, tmp_path), tmp_path), tables_of(context)
    assert len(document.tables) == len(tables)
    spanned = 0
    for found, table in zip(document.tables, tables, strict=True):
        heads = 2 if any(column.spanner for column in table.columns) else 1
        assert len(found.columns) == len(table.columns), table.name
        assert len(found.rows) == len(table.rows) + heads, table.name
        assert ruled(found.rows[0], "top"), table.name
        assert ruled(found.rows[heads - 1], "bottom"), table.name
        assert ruled(found.rows[-1], "bottom"), table.name
        assert not any(ruled(row, "bottom") for row in found.rows[heads:-1]), table.name
        if heads == 2:
            cells = [cell.text for cell in found.rows[0].cells]
            shown = [
                text for spanner, size in spans(table.columns) for text in ("".join(r.text for r in spanner),) * size
            ]
            for i, text in enumerate(shown):
                assert not text or cells[i] == " ".join(text.split()), table.name
            spanned += 1
        stub = [cell.text.strip("\u2007 ") for cell in found.columns[0].cells[heads:]]
        assert stub == [" ".join("".join(run.text for run in row.cells[0]).split(" ")).strip() for row in table.rows]
    assert spanned
