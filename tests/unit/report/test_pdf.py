import shutil
import subprocess

import pytest
from tests.unit.report.small_study import NASTY

from compassion_trials.report.assemble import assemble
from compassion_trials.report.source import read_source
from compassion_trials.report.writers.pdf import to_source


def text_of(path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext")
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode("utf-8").replace("\u00a0", " ").split())


def test_pdf_is_one_and_holds_no_date(report):
    content = (report.results.report / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"CreationDate" not in content
    assert b"CreateDate" not in content


def test_text_can_be_read_out(report):
    shown = text_of(report.results.report / "report.pdf")
    assert "A compassion course" in shown
    assert "SYNTHETIC DATA" in shown
    assert "95% CI [0.05, 0.35]" in shown


def test_names_from_the_data_are_shown_as_they_are(nasty):
    shown = text_of(nasty.results.report / "report.pdf").replace(" ", "")
    for part in ("<script>alert('x')</script>", "#letx=1[a](http://evil.test)*b*$c$_d_`e`", "\\f@g~h~^i^", "æøå|{{j}}"):
        assert part in shown, part


def test_source_holds_no_name_outside_strings(nasty):
    source = to_source(assemble(read_source(nasty)))
    assert "\n#let x" not in source.replace('"', "")
    assert NASTY not in source  # its quotes and backslashes are escaped
