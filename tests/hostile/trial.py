"""The small trials that are damaged: the three design twins with few people and few questionnaires, in several formats.

`hosts` makes them once; a change gets a copy (`Trial.copy`), alters it in place and says what must come of it.
"""

from __future__ import annotations

import contextlib
import copy
import csv
import io
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyreadstat
import yaml

from compassion_trials.simulate.stage import run as simulate
from compassion_trials.study.layout import Study, locate

ROOT = Path(__file__).resolve().parents[2]
STUDY = Path("config/studies/trial/study.yaml")
RAW = Path("data/trial/raw")


@dataclass(slots=True)
class Roles:
    """What the columns of the damaged file are for.

    Attributes
    ----------
    id, visit, arm : str
        Column names; empty where the file has none.
    items : dict of str to list of str
        Columns of the answers by measure.
    range : dict of str to (int, int)
        Lowest and highest answer by measure, as the file codes them.
    numbers, words, totals, unused : list of str
        Baseline numbers, recoded baseline variables, stored totals, columns that the plan does not use.
    """

    id: str
    visit: str = ""
    arm: str = ""
    items: dict[str, list[str]] = field(default_factory=dict)
    range: dict[str, tuple[int, int]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    totals: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Writing:
    """How the rows of a file become bytes."""

    delimiter: str = ","
    quote: int = csv.QUOTE_MINIMAL
    newline: str = "\n"
    encoding: str = "utf-8"
    before: bytes = b""


@dataclass(slots=True)
class Trial:
    """A plan, the rows of the file that is damaged, and the other files.

    Attributes
    ----------
    host : str
        Name of the trial.
    plan : dict
        The plan as loaded YAML.
    file : str
        Name of the damaged file.
    rows : list of list of str
        Its cells, ``heads`` header rows first.
    heads : int
    roles : Roles
    others : dict of str to bytes
        Files that stay as they are.
    writing : Writing
    content : bytes or None
        Bytes in place of the written rows.
    plan_text : str or None
        Text in place of the dumped plan.
    plan_encoding : str
    """

    host: str
    plan: dict[str, Any]
    file: str
    rows: list[list[str]]
    heads: int
    roles: Roles
    others: dict[str, bytes] = field(default_factory=dict)
    writing: Writing = field(default_factory=Writing)
    content: bytes | None = None
    plan_text: str | None = None
    plan_encoding: str = "utf-8"

    def copy(self) -> Trial:
        """A copy that can be altered."""
        return copy.deepcopy(self)

    @property
    def header(self) -> list[str]:
        """Column names."""
        return self.rows[0]

    @property
    def raw(self) -> dict[str, Any]:
        """The part of the plan about the damaged file."""
        return next(part for part in self.plan["data"] if part["file"] == self.file)

    def place(self, column: str) -> int:
        """Position of a column."""
        return self.header.index(column)

    def cells(self, column: str) -> list[str]:
        """Cells of a column."""
        at = self.place(column)
        return [row[at] for row in self.rows[self.heads :]]

    def filled(self, column: str) -> list[int]:
        """Positions of the rows with a value in a column, header rows counted."""
        at = self.place(column)
        return [n for n in range(self.heads, len(self.rows)) if self.rows[n][at] not in ("", "-99")]

    def encoded(self) -> bytes:
        """The damaged file as bytes."""
        if self.content is not None:
            return self.content
        how, text = self.writing, io.StringIO(newline="")
        csv.writer(text, delimiter=how.delimiter, quoting=how.quote, lineterminator=how.newline).writerows(self.rows)
        return how.before + text.getvalue().encode(how.encoding)

    def yaml(self) -> str:
        """The plan as text."""
        if self.plan_text is not None:
            return self.plan_text
        return yaml.safe_dump(self.plan, sort_keys=False, allow_unicode=True, width=1000)

    def write(self, folder: Path) -> None:
        """Plan and raw files below a project folder."""
        for path in (folder / STUDY, folder / RAW / "x"):
            path.parent.mkdir(parents=True, exist_ok=True)
        for old in (folder / RAW).iterdir():
            old.unlink()
        (folder / STUDY).write_bytes(self.yaml().encode(self.plan_encoding))
        for name, content in {**self.others, self.file: self.encoded()}.items():
            (folder / RAW / name).write_bytes(content)


SMALL = {
    "yadavaia2014": (
        {"act": 12, "waitlist": 12},
        {"post": {"act": 11, "waitlist": 11}, "fu2m": {"act": 10, "waitlist": 10}},
    ),
    "frostadottir2019": (
        {"mbct": 9, "cft": 9, "control": 9},
        {"post": {"mbct": 9, "cft": 8, "control": 8}, "fu": {"mbct": 8, "cft": 8, "control": 8}},
    ),
    "raab2015": ({"mbsr": 22}, None),
}  # fmt: skip
"""People of the small twins, and how many are assessed later."""

MEASURES = {"yadavaia2014": ("scs", "aaq"), "frostadottir2019": ("scs", "dass"), "raab2015": ("scs", "qoli")}
"""Questionnaires that stay where files are damaged; plans are damaged whole."""


@cache
def _twin(name: str, whole: bool) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Plan and raw files of a small twin."""
    source = ROOT / "config" / "studies" / name
    plan = yaml.safe_load((source / "study.yaml").read_text(encoding="utf-8"))
    recipe = yaml.safe_load((source / "simulate.yaml").read_text(encoding="utf-8"))
    recipe["arms"], assessed = SMALL[name]
    if assessed is not None:
        recipe["assessed"] = assessed
    recipe["plant"] = {"missing_items": 0.01}
    for key in ("withdrawn", "stopped"):
        if key in recipe:
            recipe[key] = {"no time": 2} if key == "withdrawn" else 1
    if not whole:
        plan = {key: part for key, part in plan.items() if key in ("title", "design", "data", "measures")}
        plan["measures"] = {key: part for key, part in plan["measures"].items() if key in MEASURES[name]}
        recipe["measures"] = {key: recipe["measures"][key] for key in plan["measures"]}
        for part in recipe["measures"].values():
            part.pop("moderated", None)
        plan["measures"]["scs"]["scales"] = ["total"]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / STUDY.parent
        home.mkdir(parents=True)
        (home / "study.yaml").write_text(yaml.safe_dump(plan, sort_keys=False, allow_unicode=True), "utf-8")
        (home / "simulate.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False), "utf-8")
        with contextlib.chdir(folder):
            found: Study = locate(STUDY)
            files = {path.name: path.read_bytes() for path in simulate(found)}
    return plan, files


def _rows(content: bytes) -> list[list[str]]:
    """Cells of a CSV file."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _sav(content: bytes) -> list[list[str]]:
    """Cells of an SPSS file, whole numbers without decimals."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sav"
        path.write_bytes(content)
        frame, _ = pyreadstat.read_sav(path, user_missing=True)

    def text(value: object) -> str:
        if isinstance(value, float):
            return "" if np.isnan(value) else f"{value:g}"
        return str(value)

    return [list(frame.columns), *([text(value) for value in row] for row in frame.itertuples(index=False))]


def _items(name: str, columns: list[str]) -> list[str]:
    return [column for column in columns if column.startswith(f"{name}_") and column.split("_")[-1].isdigit()]


def _roles(rows: list[list[str]], **known: Any) -> Roles:
    """Roles with everything not named as unused."""
    ranges: dict[str, tuple[int, int]] = known.pop("range")
    roles = Roles(**known, items={key: _items(key, rows[0]) for key in ranges}, range=ranges)
    used = {roles.id, roles.visit, roles.arm, *roles.numbers, *roles.words, *roles.totals, "SYNTHETIC"}
    used |= {column for columns in roles.items.values() for column in columns} | set(known.get("unused", ()))
    roles.unused = [column for column in rows[0] if column not in used]
    return roles


@cache
def hosts() -> dict[str, Trial]:
    """The undamaged trials by name.

    ``qualtrics`` and ``list`` are the export and the allocation list of one trial, ``long`` is its export as a plain
    file; ``redcap`` is a trial with three arms, ``wide`` one with a row per person.
    """
    plan, files = _twin("yadavaia2014", False)
    export, people = _rows(files["qualtrics_export.csv"]), _rows(files["randomization.csv"])
    asked: dict[str, Any] = {"id": "ParticipantCode", "visit": "wave", "range": {"scs": (1, 5), "aaq": (1, 7)}}
    found = {
        "qualtrics": Trial("qualtrics", plan, "qualtrics_export.csv", export, 3, _roles(export, **asked), files),
        "list": Trial(
            "list", plan, "randomization.csv", people, 1,
            _roles(people, id="code", arm="condition", numbers=["age", "trauma_events"], words=["gender"], range={}),
            files,
        ),
    }  # fmt: skip
    found["long"] = _long(found["qualtrics"])
    plan, files = _twin("frostadottir2019", False)
    rows = _rows(files["redcap_export.csv"])
    roles = _roles(
        rows, id="record_id", visit="redcap_event_name", arm="arm", numbers=["age"], words=["gender", "education"],
        range={"scs": (1, 5), "dass": (0, 3)},
    )  # fmt: skip
    roles.unused = ["notes", "email", "date_of_birth"]
    found["redcap"] = Trial("redcap", plan, "redcap_export.csv", rows, 1, roles, files)
    plan, files = _twin("raab2015", False)
    plan = copy.deepcopy(plan)
    plan["data"][0] |= {"file": "mbsr.csv", "missing_values": [-99]}
    rows = _sav(files["mbsr.sav"])
    roles = _roles(
        rows, id="code", numbers=["age", "years_experience"], totals=["qoli_pre", "qoli_post"], range={"scs": (1, 5)}
    )
    roles.unused = [name for name in roles.unused if name != "course"]
    found["wide"] = Trial("wide", plan, "mbsr.csv", rows, 1, roles)
    return found


def _long(export: Trial) -> Trial:
    """The export as a plain file with one header row."""
    found = export.copy()
    found.host, found.heads, found.file = "long", 1, "answers.csv"
    part = found.plan["data"][0]
    part["file"] = "answers.csv"
    del part["format"], part["keep_if"]
    keep = [
        n
        for n, name in enumerate(found.header)
        if name in _used(export) or name in ("comments", "UserLanguage", "Progress")
    ]
    found.rows = [[row[n] for n in keep] for n, row in enumerate(found.rows) if n not in (1, 2)]
    found.roles.unused = ["UserLanguage", "Progress", "comments"]
    found.others = {name: content for name, content in export.others.items() if name != export.file}
    return found


def _used(trial: Trial) -> set[str]:
    return {trial.roles.id, trial.roles.visit, *(c for columns in trial.roles.items.values() for c in columns)}


SHARED = ROOT.parent / "shared" / "data"
"""Real trials beside the project, read in place."""
PEOPLE = 30
"""People of a real trial whose rows are taken: a change has then the size that it has in the small twins."""


@cache
def real() -> dict[str, Trial]:
    """Real trials where they are present: one long with items, one wide with totals."""
    if not SHARED.is_dir():
        return {}
    plan = _real_plan("woodworth2017")
    folder = SHARED / "woodworth2017"
    rows, info = _rows((folder / "ahi-cesd.csv").read_bytes()), (folder / "participant-info.csv").read_bytes()
    chosen = {str(row[0]) for row in _rows(info)[1 : PEOPLE + 1]} | {"id"}
    rows = [row for row in rows if row[0] in chosen]
    lines = [line for line in info.decode().splitlines(keepends=True) if line.split(",")[0] in chosen]
    roles = Roles(
        "id", "occasion", "intervention", range={"ahi": (1, 5), "cesd": (1, 4)}, unused=["elapsed.days"],
        items={key: [n for n in rows[0] if n.startswith(key) and n[-1].isdigit()] for key in ("ahi", "cesd")},
    )  # fmt: skip
    others = {"participant-info.csv": "".join(lines).encode()}
    found = {"woodworth2017": Trial("woodworth2017", plan, "ahi-cesd.csv", rows, 1, roles, others)}
    rows = _rows((SHARED / "btheb" / "BtheB.csv").read_bytes())
    roles = Roles("rownames", "", "treatment", words=["drug", "length"], totals=rows[0][4:])
    found["btheb"] = Trial("btheb", _real_plan("btheb"), "BtheB.csv", rows, 1, roles)
    return found


def _real_plan(name: str) -> dict[str, Any]:
    """The part of a real trial's plan that is about its data."""
    plan = yaml.safe_load((ROOT / "config" / "studies" / name / "study.yaml").read_text(encoding="utf-8"))
    return {key: part for key, part in plan.items() if key in ("title", "design", "data", "measures")}


@cache
def plans() -> dict[str, Trial]:
    """The whole plans of the twins, whose data have few people."""
    found = {}
    for name in SMALL:
        plan, files = _twin(name, True)
        file = plan["data"][0]["file"]
        others = {key: content for key, content in files.items() if key != file}
        found[name] = Trial(name, plan, file, [], 0, Roles(""), others, content=files[file])
    return found
