"""The verb ``deliver``: everything a reader gets in one zip per study."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from compassion_trials.core.archive import zip_bytes
from compassion_trials.core.errors import InputError
from compassion_trials.core.files import read_table, write_bytes
from compassion_trials.core.findings import Finding
from compassion_trials.core.record import Record
from compassion_trials.deliver import codebook
from compassion_trials.deliver.data import Shared, long, wide
from compassion_trials.deliver.people import SharedPeople, share
from compassion_trials.deliver.readme import readme
from compassion_trials.deliver.scan import identifying
from compassion_trials.deliver.shared_view import shared_view
from compassion_trials.deliver.writers import to_csv, to_sav, to_xlsx
from compassion_trials.study.context import Context
from compassion_trials.study.frozen import canonical, frozen_file

Parts = dict[str, bytes]
"""Files of the zip by name."""


def run(context: Context, progress: Callable[[str], None] | None = None) -> Path:
    """Write ``deliverables/<study>.zip``.

    Parameters
    ----------
    context : Context
        All stages to the report must have run.
    progress : callable, optional
        Told the name of the zip.

    Returns
    -------
    Path
        The zip, byte-equal for the same results.

    Raises
    ------
    InputError
        A stage has not run, or something identifying stands in the data to be shared.
    """
    _refuse_unfinished(context)
    synthetic = bool(Record.read(context.results.record("ingest")).facts.get("synthetic"))
    people, tables = shared_data(context)
    with shared_view(context, people, progress) as view:
        parts = {**_made(view), **_plan(context), **_data(context, people, tables, synthetic)}
    _refuse_identifying({name: content for name, content in parts.items() if name.startswith(("data/", "codebook/"))})
    parts["README.md"] = readme(context, people, parts, synthetic=synthetic).encode("utf-8")
    target = context.results.deliverables / f"{context.study.name}.zip"
    write_bytes(zip_bytes({f"{context.study.name}/{name}": content for name, content in parts.items()}), target)
    if progress is not None:
        progress(target.name)
    return target


def shared_data(context: Context) -> tuple[SharedPeople, tuple[Shared, Shared]]:
    """De-identified participants, and the data wide and long."""
    people = share(context, read_table(context.results.participants))
    scores = read_table(context.results.scores)
    return people, (wide(context, people, scores), long(context, people, scores))


def _made(context: Context) -> Parts:
    """What earlier stages made."""
    paths = context.results
    wanted = {
        "report": (paths.report, ("html", "docx", "pdf")),
        "tables": (paths.tables, ("docx", "csv")),
        "figures": (paths.figures, ("svg", "pdf", "png")),
    }
    parts = {
        f"{name}/{path.name}": path.read_bytes()
        for name, (folder, suffixes) in wanted.items()
        for suffix in suffixes
        for path in sorted(folder.glob(f"*.{suffix}"))
    }
    parts["results/results.csv"] = paths.results.with_suffix(".csv").read_bytes()
    return parts


def _plan(context: Context) -> Parts:
    """The plan as the researcher wrote it; while arms are masked, the masked plan."""
    if context.blind:
        text = json.dumps(canonical(context.plan), indent=2, sort_keys=True, ensure_ascii=False)
        return {"plan/study.masked.json": f"{text}\n".encode()}
    frozen = frozen_file(context.study)
    kept = {"plan/frozen.json": frozen.read_bytes()} if frozen.is_file() else {}
    return {"plan/study.yaml": context.study.plan_file.read_bytes(), **kept}


def _data(context: Context, people: SharedPeople, tables: tuple[Shared, Shared], synthetic: bool) -> Parts:
    """Data files and codebook."""
    k = context.plan.privacy.k
    book = {
        "variables": codebook.variables_table(*tables),
        "k_anonymity": codebook.anonymity_table(people, k),
        "classes": codebook.classes_table(people, k),
        "counts": codebook.counts_table(people, k),
    }
    parts = {f"codebook/{name}.csv": to_csv(table) for name, table in book.items()}
    parts["codebook/codebook.xlsx"] = to_xlsx(book)
    for shared in tables:
        table = _marked(shared.table) if synthetic else shared.table
        label = f"{'SYNTHETIC, ' * synthetic}{context.study.name}, {shared.label}"
        parts[f"data/{shared.name}.csv"] = to_csv(table)
        parts[f"data/{shared.name}.xlsx"] = to_xlsx({shared.name: table, "variables": codebook.variables_table(shared)})
        parts[f"data/{shared.name}.sav"] = to_sav(shared, label)
    return parts


def _marked(table: pd.DataFrame) -> pd.DataFrame:
    """A table of made-up data says so in its first column, as the raw files do."""
    return pd.concat([pd.Series("SYNTHETIC", index=table.index, name="SYNTHETIC", dtype="str"), table], axis=1)


def _refuse_unfinished(context: Context) -> None:
    """Refuse to pack what is not there."""
    paths = context.results
    needed = (paths.participants, paths.scores, paths.results, paths.report / "report.html", paths.record("ingest"))
    missing = [path for path in needed if not path.is_file()]
    if missing:
        advice = f"run it first: compassion-trials run {context.study.word}"
        message = "the study has no such result yet"
        raise InputError([Finding("error", "not_run", message, path.name, advice=advice) for path in missing])


def _refuse_identifying(parts: Parts) -> None:
    """Refuse data in which an address, a phone number or a place stands."""
    texts = {name: content.decode("utf-8") for name, content in parts.items() if name.endswith(".csv")}
    found = [(name, kind) for name, text in texts.items() for kind in identifying(text)]
    if found:
        advice = "drop or recode the column: privacy.drop, or baseline values in the plan"
        message = "the data to be shared hold something like a"
        raise InputError(
            [Finding("error", "identifying", f"{message} {kind}", name, advice=advice) for name, kind in found]
        )
