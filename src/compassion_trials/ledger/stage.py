"""The verb reproduce: every printed number that is known, recomputed; one ledger, its page, its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from compassion_trials.core.files import write_bytes, write_csv
from compassion_trials.core.findings import FINDING_COLUMNS, as_rows
from compassion_trials.ledger.ledger import Ledger, read_ledger


def run(
    root: Path, study: str | None = None, extra: Sequence[Path] = (), progress: Callable[[str], None] | None = None
) -> Ledger:
    """Write the ledger of everything, or of one study.

    Parameters
    ----------
    root : Path
        The project folder.
    study : str, optional
        Name of a published file or of a study plan with printed numbers.
    extra : sequence of Path
        CSV files with further effects for the evidence across trials.
    progress : callable, optional
        Told which published tables are used, and the path of each file written.

    Returns
    -------
    Ledger
        ``results/ledger/ledger.{csv,html,docx,pdf}`` with findings, evidence and figures; for one study
        ``results/ledger/<study>.{csv,html,docx,pdf}``.
    """
    ledger = read_ledger(root, (study,) if study else (), extra)
    if progress is not None:
        progress(ledger.place.said())
    write_ledger(ledger, root, study, progress)
    return ledger


def write_ledger(
    ledger: Ledger, root: Path, study: str | None = None, progress: Callable[[str], None] | None = None
) -> None:
    """Write the files of a ledger: of everything, or of its one study.

    Parameters
    ----------
    ledger : Ledger
    root : Path
        The project folder.
    study : str, optional
        Name of the one study.
    progress : callable, optional
        Told the path of each file written.
    """
    import pandas as pd

    from compassion_trials.ledger.page.figures import draw_all
    from compassion_trials.ledger.page.frames import evidence_table, ledger_table, pooled_table
    from compassion_trials.ledger.page.page import assemble
    from compassion_trials.report.writers.docx import to_word
    from compassion_trials.report.writers.html import to_page
    from compassion_trials.report.writers.pdf import to_pdf

    folder, stem = root / "results" / "ledger", study or "ledger"
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / f"{stem}.csv"]
    write_csv(ledger_table(ledger.lines), written[0])
    findings = pd.DataFrame(as_rows(ledger.findings), columns=list(FINDING_COLUMNS)).rename(
        columns={"file": "study", "column": "table"}
    )
    written.append(folder / (f"{stem}.findings.csv" if study else "findings.csv"))
    write_csv(findings, written[-1])
    figures = []
    if ledger.evidence:
        figures = draw_all(ledger.evidence, folder)
        for name, table in (
            ("evidence.csv", evidence_table(ledger.evidence)),
            ("pooled.csv", pooled_table(ledger.evidence)),
        ):
            write_csv(table, folder / name)
            written.append(folder / name)
    document = assemble(ledger, figures, study)
    for suffix, write in (("html", to_page), ("docx", to_word), ("pdf", to_pdf)):
        written.append(folder / f"{stem}.{suffix}")
        write_bytes(write(document, folder), written[-1])
    if progress is not None:
        for path in written:
            progress(path.as_posix())
