"""What a questionnaire file may say: items, answers, scales, variants, and what is known about the numbers."""

from __future__ import annotations

from math import ceil
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from compassion_trials.instruments.fields import OutcomeField

ScaleKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""Short name of an instrument, a scale or a variant: small letters, digits, underscores."""

Better = Literal["higher", "lower", "neither"]
"""Direction of benefit; ``neither`` where more is not clearly better or worse."""

Method = Literal["mean", "sum"]
"""How items (or part scales) become a score."""

Status = Literal["verified in two sources", "one source", "not read at source", "verified on data"]
"""How sure a fact is; ``verified on data`` was checked against stored scores of a published data set."""


class InstrumentPart(BaseModel):
    """A part of a questionnaire file: frozen, and every unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Response(InstrumentPart):
    """The answers a person can tick."""

    min: int = Field(description="Lowest answer.")
    max: int = Field(description="Highest answer.")
    anchors: str = Field("", description="Meaning of the two ends, no item wording.")


class Missing(InstrumentPart):
    """When a scale with unanswered items is still scored, prorated by the mean of the answered ones."""

    rule: str = Field("at least half of the items answered, then prorated", description="The rule in words.")
    min_fraction: float = Field(
        0.5, gt=0, le=1, description="Smallest share of answered items, unless a scale says more."
    )
    source: str = Field(
        "half rule as in the SF-36 (Fairclough & Cella 1996, doi:10.1007/BF00433916, ask for more than half)",
        description="Whose rule it is.",
    )
    status: Status = Field("not read at source", description="How sure this is.")


class Bands(InstrumentPart):
    """Severity bands or a cut-off; a score belongs to the band whose lower end it has reached."""

    name: str = Field("severity", description="What the bands say: severity, case, ...")
    levels: dict[str, tuple[float, float]] = Field(
        description="Label and [lowest, highest] score, ascending.", min_length=1
    )
    source: str = Field("", description="Who proposed them.")
    status: Status = Field("not read at source", description="How sure this is.")
    applied: bool = Field(True, description="false: for the record only; scores are not sorted into these bands.")


class Recode(InstrumentPart):
    """Points for answers, where they are not the answers themselves (GHQ 0-0-1-1)."""

    items: tuple[int, ...] = Field((), description="Items with these points; all items of the scale when left out.")
    points: dict[int, float] = Field(description="Answer and its points, every answer named.", min_length=2)


class ScalePatch(InstrumentPart):
    """What a variant changes in a scale; keys left out stay as they are."""

    label: str | None = Field(None, description="What the scale measures.")
    short: str | None = Field(None, description="Short name in narrow tables and figures.")
    items: tuple[int, ...] = Field((), description="Item numbers of the questionnaire.")
    reverse: tuple[int, ...] = Field((), description="Items reversed for this scale, and only for this one.")
    recode: tuple[Recode, ...] = Field((), description="Points for answers, when not the answers themselves.")
    of: tuple[ScaleKey, ...] = Field((), description="Part scales of a composite, instead of items.")
    reverse_of: tuple[ScaleKey, ...] = Field((), description="Part scales recoded for this composite only.")
    method: Method = Field("sum", description="mean or sum of items, or of part scales.")
    factor: float = Field(1.0, gt=0, description="Multiplies the score (DASS-21: 2, WHO-5: 4).")
    offset: float = Field(0.0, description="Added after the factor (WHOQOL-BREF: mean times 25, less 25, is 0 to 100).")
    lookup: dict[int, float] = Field({}, description="Conversion table from the sum to the score (SWEMWBS).")
    min_answered: int | None = Field(
        None, ge=1, description="Fewest answered items for a score; default the missing rule."
    )
    range: tuple[float, float] | None = Field(None, description="Lowest and highest possible score.")
    better: Better | None = Field(None, description="Direction of benefit: higher, lower or neither.")
    field: OutcomeField | None = Field(
        None, description="Field in whose evidence across trials the score belongs: self_compassion, depression, ..."
    )
    bands: tuple[Bands, ...] = Field((), description="Bands; the first applied one gives the band of a score.")


class Scale(ScalePatch):
    """One score of a questionnaire: from items, or a composite of other scales."""

    label: str = Field(description="What the scale measures.")
    range: tuple[float, float] = Field(description="Lowest and highest possible score.")
    better: Better = Field(description="Direction of benefit: higher, lower or neither.")

    @property
    def composite(self) -> bool:
        """Whether it is made of other scales."""
        return bool(self.of)


class Variant(InstrumentPart):
    """Another way of scoring the same questionnaire that is in use."""

    label: str = Field(description="The variant in words, as the report prints it.")
    response: Response | None = Field(None, description="Other coding of the answers.")
    scales: dict[ScaleKey, ScalePatch | None] = Field({}, description="Changed or new scales; null takes a scale away.")
    source: str = Field("", description="Who uses it.")
    status: Status = Field("not read at source", description="How sure this is.")


class Reliability(InstrumentPart):
    """A published reliability."""

    scale: ScaleKey = Field("total", description="Scale it belongs to.")
    alpha: float | None = Field(None, gt=0, lt=1, description="Cronbach's alpha.")
    retest: float | None = Field(None, gt=0, lt=1, description="Retest correlation.")
    interval: str = Field("", description="Retest interval.")
    source: str = Field("", description="Where it stands.")
    status: Status = Field("not read at source", description="How sure this is.")


class Norm(InstrumentPart):
    """Mean and SD in a named population."""

    scale: ScaleKey = Field("total", description="Scale it belongs to.")
    population: str = Field(description="Who, where, n.")
    mean: float = Field(description="Mean.")
    sd: float | None = Field(None, gt=0, description="Standard deviation.")
    note: str = Field("", description="Metric, when not that of the scale.")
    source: str = Field("", description="Where it stands.")
    status: Status = Field("not read at source", description="How sure this is.")


class PublishedReliableChange(InstrumentPart):
    """A reliable-change index from published numbers, a fallback for the trial's own (Jacobson & Truax 1991)."""

    scale: ScaleKey = Field("total", description="Scale it belongs to.")
    sd: float = Field(gt=0, description="Standard deviation.")
    reliability: float = Field(gt=0, lt=1, description="Reliability.")
    type: Literal["alpha", "retest"] = Field(description="Kind of reliability.")
    rci95: float = Field(gt=0, description="1.96 * sd * sqrt(2) * sqrt(1 - reliability).")
    status: Status = Field("not read at source", description="How sure this is.")


class Subset(InstrumentPart):
    """A questionnaire whose items are a selection of a longer one."""

    instrument: ScaleKey = Field(description="The longer questionnaire.")
    items: tuple[int, ...] = Field(description="Its item numbers, in the order of this questionnaire.")


class Confidence(InstrumentPart):
    """How sure the key and the numbers are."""

    key: Status = Field("not read at source", description="Items, scales, reversal.")
    numbers: Status = Field("not read at source", description="Cut-offs, reliability, norms.")


class Instrument(InstrumentPart):
    """One questionnaire."""

    id: ScaleKey = Field(description="Short name used in study plans; the name of the file.")
    short: str = Field(description="Acronym in tables.")
    name: str = Field(description="Full name.")
    citation: str = Field(description="Paper or manual as an APA reference; *...* sets the title of a book in italics.")
    doi: str | None = Field(None, description="DOI of the paper, without https.")
    also: tuple[str, ...] = Field((), description="Further references, such as the manual beside the paper.")
    unconfirmed: str = Field(
        "", description="What of the references was not found at a second source; authors are told."
    )
    unconfirmed_facts: tuple[str, ...] = Field(
        (), description="Facts of the key that lack a second source, one sentence each; users are told."
    )
    enabled: bool = Field(True, description="false: shipped for the record, not usable.")
    disabled_reason: str = Field("", description="Why it is not usable and what to do instead.")
    replaces: bool = Field(False, description="true lets a user's file take the place of a shipped one.")
    items: int = Field(gt=0, description="Number of items.")
    response: Response = Field(description="Answers.")
    open_items: tuple[int, ...] = Field(
        (), description="Items that enter no score and hold answers of another kind, such as counts of days."
    )
    recall: str = Field("", description="Time the answers speak of.")
    constructs: tuple[str, ...] = Field((), description="What it measures, in words that name and scales do not hold.")
    scales: dict[ScaleKey, Scale] = Field({}, description="Scores by short name; the overall score is called total.")
    analyse: tuple[ScaleKey, ...] = Field((), description="Scales analysed by default; the total, or all without one.")
    variants: dict[ScaleKey, Variant] = Field({}, description="Other ways of scoring.")
    missing: Missing = Field(default_factory=Missing, description="Rule for unanswered items.")
    risk_items: tuple[int, ...] = Field((), description="Items on self-harm: never published by row.")
    subset_of: Subset | None = Field(None, description="The longer questionnaire its items come from.")
    reliability: tuple[Reliability, ...] = Field((), description="Published reliabilities.")
    norms: tuple[Norm, ...] = Field((), description="Published means.")
    rci: tuple[PublishedReliableChange, ...] = Field((), description="Reliable change from published numbers.")
    change_rules: tuple[str, ...] = Field((), description="Published rules for relevant change.")
    licence: str = Field("", description="Who may use it.")
    notes: tuple[str, ...] = Field((), description="Choices of this file among those in use.")
    pitfalls: tuple[str, ...] = Field((), description="What goes wrong with it.")
    confused_with: tuple[str, ...] = Field((), description="What the literature or an export takes it for.")
    sources: tuple[str, ...] = Field((), description="Where the key was read.")
    confidence: Confidence = Field(default_factory=Confidence, description="How sure key and numbers are.")

    @property
    def references(self) -> tuple[str, ...]:
        """All references as plain text, without marks of italics."""
        return tuple(reference.replace("*", "") for reference in (self.citation, *self.also))

    @property
    def default_scales(self) -> tuple[str, ...]:
        """Scales analysed unless the plan says otherwise: the file's choice, the total, or all."""
        if self.analyse:
            return self.analyse
        return ("total",) if "total" in self.scales else tuple(self.scales)

    def with_variant(self, name: str | None) -> Instrument:
        """The questionnaire as a variant scores it; itself for None.

        Raises
        ------
        KeyError
            No variant of that name; plans are checked before.
        """
        if name is None:
            return self
        variant = self.variants[name]
        scales = dict(self.scales)
        for key, patch in variant.scales.items():
            if patch is None:
                scales.pop(key, None)
            else:
                changed = {field: getattr(patch, field) for field in patch.model_fields_set}
                scales[key] = scales[key].model_copy(update=changed) if key in scales else Scale(**changed)
        analyse = tuple(key for key in self.analyse if key in scales)
        response = variant.response or self.response
        return self.model_copy(update={"scales": scales, "response": response, "analyse": analyse})

    def items_of(self, scale: str) -> tuple[int, ...]:
        """Items behind a scale, in order; those of all parts for a composite."""
        found = self.scales[scale]
        if not found.composite:
            return found.items
        return tuple(dict.fromkeys(item for part in found.of for item in self.items_of(part)))

    def min_answered(self, scale: str) -> int:
        """Fewest answered items for which an item scale is scored."""
        found = self.scales[scale]
        return found.min_answered or ceil(self.missing.min_fraction * len(found.items))

    def scale_label(self, scale: str, name: str | None = None) -> str:
        """Name of a scale in tables and sentences, such as ``Self-kindness (SCS)``; ``name`` is the plan's own name."""
        label = self.scales[scale].label
        if name is not None:
            return name if scale == "total" else f"{name}: {label}"
        total = " total" if scale == "total" and len(self.scales) > 1 else ""
        return f"{label} ({self.short}{total})"

    def scale_short(self, scale: str, short: str | None = None) -> str:
        """Short name of a scale for figures and narrow tables, such as ``SCS self-kindness``."""
        own = self.scales[scale].short
        head = short or self.short
        if scale == "total":
            return head if short or not own else own
        label = self.scales[scale].label
        return own if own and short is None else f"{head} {label[:1].lower()}{label[1:]}"
