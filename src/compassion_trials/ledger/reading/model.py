"""What a file of published numbers may say: citation, design, tables as printed, counts, claims, pooled effects."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field

from compassion_trials.core.texttable import TextLine, read_text_table
from compassion_trials.study.plan.base import Key, Part

Status = Literal["read", "secondary", "not read"]
"""read: in the paper or its abstract. secondary: on a page about it. not read: from memory; never compared."""

Model = Literal[
    "t_test", "ancova", "anova", "mixed_anova", "mixed_model", "paired", "adjusted_means", "standardized", "other"
]
"""What the printed tests of a table are; it decides which formulas apply."""

ROWS = ("measure", "arm", "visit", "n", "mean", "sd", "se", "lower", "upper", "r")
"""Columns of printed rows; r is the correlation with the first visit."""

NUMBERS = (
    "estimate",
    "se",
    "lower",
    "upper",
    "t",
    "F",
    "df",
    "df2",
    "chi2",
    "p",
    "d",
    "d_lower",
    "d_upper",
    "g",
    "g_se",
    "eta2",
)
"""Columns of effects that are printed numbers."""

EFFECTS = ("measure", "arm", "versus", "visit", "from", "n", *NUMBERS, "note")
"""Columns of printed effects and tests; ``from`` is the visit that change counts from."""

COUNTS = ("what", "arm", "visit", "n")
"""Columns of printed counts; without an arm it is the total of the arms."""


class PrintedMeasure(Part):
    """An outcome as the paper scores it."""

    label: str = Field(description="Name as printed.")
    range: tuple[float, float] | None = Field(None, description="Lowest and highest possible score.")
    better: Literal["higher", "lower", "neither"] = Field("neither", description="Direction of benefit.")
    step: float | None = Field(
        None, gt=0, description="Smallest possible difference of two persons' scores: 1 for a sum, 1/items for a mean."
    )
    field: str | None = Field(None, description="Field for pooling over trials: self_compassion, depression, ...")
    trial: str = Field("", description="Trial, in a file that holds rows of several trials.")


class Table(Part):
    """A table of a paper: rows and tests of one set of participants."""

    name: Key = Field(description="Short name.")
    label: str = Field("", description="What it holds.")
    source: str = Field(description="Where it stands: table, page, address.")
    status: Status = Field("read", description="read, secondary or not read; only what was read is compared.")
    model: Model = Field("other", description="What the printed tests are.")
    sign: Literal["absolute", "difference"] = Field(
        "absolute", description="Whether standardized differences are printed without sign or as arm minus versus."
    )
    repeats: str = Field("", description="Name of another table whose rows these effects belong to.")
    rows: str = Field("", description="Printed rows: measure arm visit n mean sd se lower upper r.")
    effects: str = Field("", description="Printed effects and tests.")
    pooled_at: Key | None = Field(None, description="Visit whose rows enter the evidence across trials.")
    note: str = Field("", description="What a reader must know.")

    @cached_property
    def row_lines(self) -> list[TextLine]:
        """Rows as cells."""
        return read_text_table(self.rows, ROWS, ("measure", "visit")) if self.rows.strip() else []

    @cached_property
    def effect_lines(self) -> list[TextLine]:
        """Effects as cells."""
        return read_text_table(self.effects, EFFECTS, ("measure",)) if self.effects.strip() else []


class Claim(Part):
    """A printed statement that is not a row, count or test of a table: it stands in the ledger with its reason."""

    what: str = Field(description="What it is about.")
    value: str = Field(description="As printed.")
    status: Status = Field("read", description="How it was read.")
    reason: str = Field(description="Why it cannot be recomputed.")


class PooledNumbers(Part):
    """Printed results of a meta-analysis whose effects stand in the same file."""

    name: Key = Field(description="Short name.")
    source: str = Field(description="Where it stands.")
    kind: Literal["all", "without", "subgroup", "between", "egger", "trim_and_fill"] = Field(
        description="Which analysis: all trials, without some, one subgroup, between subgroups, Egger, trim and fill."
    )
    without: tuple[str, ...] = Field((), description="Trials left out.")
    by: str | None = Field(None, description="Column of the subgroups.")
    group: str | None = Field(None, description="Value of that column.")
    numbers: dict[str, str] = Field(description="Statistic and printed number.", min_length=1)


class TrialEffects(Part):
    """Effects of single trials with standard errors, as a meta-analysis prints them."""

    source: str = Field(description="Where they stand.")
    metric: str = Field(description="What the effect is, such as Hedges g.")
    field: str | None = Field(None, description="Field for pooling over trials.")
    columns: tuple[Key, ...] = Field((), description="Further columns: risk of bias, control, ...")
    rows: str = Field(description="Table: trial estimate se and the further columns.")

    @cached_property
    def lines(self) -> list[TextLine]:
        """Effects as cells."""
        return read_text_table(self.rows, ("trial", "estimate", "se", *self.columns), ("trial", "estimate", "se"))


class Published(Part):
    """Numbers of one publication."""

    label: str = Field(description="Author and year.")
    citation: str = Field(description="Full citation.")
    doi: str = Field("", description="DOI.")
    status: Literal["read", "partly read", "not read"] = Field("read", description="How much was read at a source.")
    design: str = Field("", description="Design in words.")
    randomized: bool | None = Field(None, description="Whether participants were randomized.")
    arms: dict[Key, str] = Field({}, description="Arms: key and name.")
    control: Key | None = Field(None, description="Key of the comparison arm.")
    visits: dict[Key, str] = Field({}, description="Visits in order: key and name.")
    measures: dict[Key, PrintedMeasure] = Field({}, description="Outcomes.")
    sources: tuple[str, ...] = Field((), description="Where the numbers were read.")
    tables: tuple[Table, ...] = Field((), description="Printed tables.")
    counts: str = Field("", description="Printed numbers of participants: what arm visit n.")
    count_source: str = Field("", description="Where the counts stand.")
    count_status: Status = Field("read", description="How the counts were read.")
    claims: tuple[Claim, ...] = Field((), description="Other printed statements.")
    trials: TrialEffects | None = Field(None, description="Effects of single trials (meta-analyses).")
    results: tuple[PooledNumbers, ...] = Field((), description="Printed results of the meta-analysis of these trials.")
    reference: dict[str, str] = Field(
        {}, description="Pooled effects by field, drawn as reference lines in forest plots."
    )
    note: str = Field("", description="What a reader must know.")

    @cached_property
    def count_lines(self) -> list[TextLine]:
        """Counts as cells."""
        return read_text_table(self.counts, COUNTS, ("what", "n")) if self.counts.strip() else []
