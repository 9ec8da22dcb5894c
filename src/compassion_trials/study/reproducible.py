"""What the ledger of published numbers reads, for the workflow. Light: no models are built."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compassion_trials.study.inputs import raw_files


def published_files(root: Path = Path()) -> list[str]:
    """Files of published numbers, as paths relative to the project."""
    return [f"data/published/{path.name}" for path in sorted((root / "data" / "published").glob("*.yaml"))]


def plans(root: Path = Path()) -> list[str]:
    """Study plans that list printed numbers."""
    folder = root / "config" / "studies"
    return [
        f"config/studies/{path.parent.name}/study.yaml"
        for path in sorted(folder.glob("*/study.yaml"))
        if "\nprinted:" in path.read_text(encoding="utf-8")
    ]


def results(studies: Sequence[str], root: Path = Path()) -> list[str]:
    """Results that the ledger waits for: of the studies run, and of plans with printed numbers whose data are here."""
    printed = [Path(plan).parent.name for plan in plans(root)]
    here = [study for study in printed if all((root / file).is_file() for file in raw_files(study, root))]
    return [f"results/{study}/effects/results.parquet" for study in sorted({*studies, *here})]
