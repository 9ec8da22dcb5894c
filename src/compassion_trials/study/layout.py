"""Where the files of a study live. The only place where paths below results/ are spelled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from compassion_trials.study.shipped import STUDIES, TWINS, twin_plan

PLAN: Final = "study.yaml"
"""Name of a plan."""


@dataclass(frozen=True, slots=True)
class ResultPaths:
    """Paths inside ``results/<study>``.

    Attributes
    ----------
    root : Path
        ``results/<study>``.
    """

    root: Path

    @property
    def participants(self) -> Path:
        """One row per participant: arm, baseline variables, clusters, sessions."""
        return self.root / "data" / "participants.parquet"

    @property
    def responses(self) -> Path:
        """Tidy item answers (`core.columns.RESPONSES`)."""
        return self.root / "data" / "responses.parquet"

    @property
    def stored(self) -> Path:
        """Totals of the raw file (`core.columns.STORED`)."""
        return self.root / "data" / "stored.parquet"

    @property
    def flow(self) -> Path:
        """Participants by planned visit (`core.columns.FLOW`)."""
        return self.root / "data" / "flow.parquet"

    @property
    def scores(self) -> Path:
        """Scale scores (`core.columns.SCORES`)."""
        return self.root / "data" / "scores.parquet"

    @property
    def descriptives(self) -> Path:
        """Result rows of the describe stage."""
        return self.root / "data" / "descriptives.parquet"

    @property
    def models(self) -> Path:
        """Result rows of the fit stage."""
        return self.root / "models" / "models.parquet"

    @property
    def diagnostics(self) -> Path:
        """Residuals and covariances of the primary model."""
        return self.root / "models" / "diagnostics.json"

    @property
    def results(self) -> Path:
        """The one results table of the study, all stages together."""
        return self.root / "effects" / "results.parquet"

    @property
    def figures(self) -> Path:
        """Folder of figures."""
        return self.root / "figures"

    @property
    def tables(self) -> Path:
        """Folder of tables."""
        return self.root / "tables"

    @property
    def report(self) -> Path:
        """Folder of the report."""
        return self.root / "report"

    @property
    def blinded(self) -> Path:
        """Mark of a study whose arms were masked in a run."""
        return self.root / "blinded.json"

    @property
    def deliverables(self) -> Path:
        """Folder of the package for readers: one zip."""
        return self.root / "deliverables"

    def record(self, stage: str) -> Path:
        """A stage's account of itself (`core.record.Record`); figures and tables leave their index instead."""
        folder = {"fit": "models", "effects": "effects", "report": "report"}
        return self.root / folder.get(stage, "data") / f"{stage}.json"

    def seal(self, stage: str) -> Path:
        """Hashes of what a stage read and wrote (`core.keeping.seal.Seal`)."""
        return self.root / "seals" / f"{stage}.json"

    def findings(self, stage: str) -> Path:
        """A stage's issues table (`core.findings.FINDING_COLUMNS`), CSV."""
        return self.root / "data" / f"issues.{stage}.csv"


@dataclass(frozen=True, slots=True)
class Study:
    """A study by name and the folders that belong to it.

    Attributes
    ----------
    name : str
        Folder name of the plan, ``<folder>.<plan>`` for a plan that is not called ``study``; names the results folder,
        so that two plans of a folder have results of their own.
    root : Path
        The project folder, to which ``data_root`` is relative.
    plan_file : Path
        The study plan.
    shipped : bool
        Whether the plan is that of a design twin in the package, as the project has none of this name.
    """

    name: str
    root: Path
    plan_file: Path
    shipped: bool = False

    @property
    def results(self) -> ResultPaths:
        """Results folder ``<root>/results/<study>``."""
        return ResultPaths(self.root / "results" / self.name)

    @property
    def instruments(self) -> Path:
        """Folder of the user's own questionnaires."""
        return self.root / "config" / "instruments"

    def raw(self, data_root: str | None) -> Path:
        """Folder of the raw files; ``data_root`` of the plan or ``data/<study>/raw``."""
        return self.root / data_root if data_root else self.root / "data" / self.folder / "raw"

    @property
    def folder(self) -> str:
        """Name of the plan's folder: plans of one folder share their raw data."""
        return self.name.removesuffix(_suffix(self.plan_file))

    @property
    def word(self) -> str:
        """What to write after a verb to name this study."""
        return self.name if self.shipped or self.plan_file == STUDIES / self.name / PLAN else self.plan_file.as_posix()

    def beside(self, file: str) -> Path:
        """A file that belongs to this plan alone, beside it: ``frozen.json``, ``<plan>.frozen.json`` of others."""
        return self.plan_file.with_name(f"{_suffix(self.plan_file).lstrip('.')}.{file}".lstrip("."))


def locate(study: str | Path) -> Study:
    """Find a study by name or by the path of its plan.

    Parameters
    ----------
    study : str or Path
        A name (see `named`) in the current folder, or a YAML file or the folder that holds ``study.yaml``.

    Returns
    -------
    Study
        For a plan in ``<root>/config/studies/<folder>`` the root is the project; for any other plan the root is the
        plan's own folder. The name is that of the folder; ``<folder>.<plan>`` for a file not called ``study.yaml``.
    """
    path = Path(study)
    if path.suffix not in {".yaml", ".yml"}:
        inside = path / PLAN
        if not inside.is_file() and path.name == str(study):
            return named(path.name, Path())
        path = inside if inside.is_file() else STUDIES / path / PLAN
    folder = path.parent
    in_project = folder.parent.name == "studies" and folder.parent.parent.name == "config"
    root = folder.parent.parent.parent if in_project else folder
    name = folder.name if in_project else folder.resolve().name
    return Study(name + _suffix(path), root, path)


def _suffix(plan_file: Path) -> str:
    """What a plan adds to the name of its folder."""
    return "" if plan_file.stem == Path(PLAN).stem else f".{plan_file.stem}"


def named(name: str, root: Path) -> Study:
    """A study of a project by its name.

    Parameters
    ----------
    name : str
    root : Path
        The project folder.

    Returns
    -------
    Study
        With the plan ``<root>/config/studies/<name>/study.yaml``, which need not exist. A design twin without a plan in
        the project has the shipped one; data and results belong to the project all the same.
    """
    plan_file = root / STUDIES / name / PLAN
    if name in TWINS and not plan_file.is_file():
        return Study(name, root, twin_plan(name), shipped=True)
    return Study(name, root, plan_file)
