"""The design of a trial: arms, visits, clusters."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from compassion_trials.core.errors import nearest
from compassion_trials.core.folding import fold
from compassion_trials.study.plan.base import Key, Part, text_keys

DesignType = Literal["randomized", "non_randomized", "single_arm"]
"""How participants came into their arms; decides the default analysis and the wording of the report."""


VISIT_NOUNS: Final = (
    "baseline",
    "follow-up",
    "followup",
    "pretest",
    "posttest",
    "post-treatment",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "visit",
    "assessment",
)
"""Last words of visit names that can stand after "at" alone."""


class Visit(Part):
    """One planned assessment."""

    week: float = Field(description="Weeks since baseline, real time; decimals allowed.")
    label: str | None = Field(None, description="Name in tables and figures; the key when left out.")


class Cluster(Part):
    """Therapy groups, courses or other units in which participants met."""

    arms: tuple[Key, ...] = Field((), description="Arms that met in these clusters; all arms when left out.")
    label: str | None = Field(None, description="Name in the report, such as 'therapy group'.")
    nested: bool | None = Field(
        None,
        description="Needed where a label occurs in two arms. true: groups of one arm, numbered anew in each arm; "
        "false: one site, school or therapist with people in several arms.",
    )


class Design(Part):
    """Arms, control, visits with real weeks, strata and clusters of a trial."""

    type: DesignType = Field(description="randomized, non_randomized or single_arm.")
    pilot: bool = Field(False, description="A pilot or feasibility trial: estimates with intervals, no efficacy claim.")
    arms: Annotated[dict[Key, str], BeforeValidator(text_keys)] = Field(
        description="Short key of each arm and its name in the report, treated arms first or last as you like.",
        min_length=1,
    )
    control: Key | None = Field(None, description="Key of the control arm; not for a single arm.")
    visits: Annotated[dict[Key, Visit], BeforeValidator(text_keys)] = Field(
        description="Visits in order: key and weeks since baseline; the first is the baseline.", min_length=1
    )
    control_until: Key | None = Field(
        None,
        description="Last visit with an untreated control arm (wait-list that crosses over); default: the last visit.",
    )
    enrolled: Literal["baseline", "any"] = Field(
        "baseline",
        description="Who is counted: people with a row at the baseline or in a file without visits (an allocation "
        "list); any: also people who are seen later only, such as late entrants.",
    )
    strata: tuple[str, ...] = Field((), description="Baseline variables by which randomisation was stratified.")
    clusters: dict[Key, Cluster] = Field({}, description="Therapy groups or courses, by name.")

    @field_validator("visits", mode="before")
    @classmethod
    def _weeks_alone(cls, value: object) -> object:
        """Let ``pre: 0`` stand for ``pre: {week: 0}``."""
        if not isinstance(value, dict):
            return value
        return {k: v if isinstance(v, dict) else {"week": v} for k, v in value.items()}

    @model_validator(mode="after")
    def _coherent(self) -> Design:
        _check_design(self)
        return self

    @property
    def baseline(self) -> str:
        """Key of the first visit."""
        return next(iter(self.visits))

    @property
    def treated(self) -> tuple[str, ...]:
        """Keys of all arms but the control."""
        return tuple(arm for arm in self.arms if arm != self.control)

    @property
    def controlled_visits(self) -> tuple[str, ...]:
        """Visits at which a concurrent control exists, in order; all visits unless ``control_until`` says otherwise."""
        keys = tuple(self.visits)
        return keys[: keys.index(self.control_until) + 1] if self.control_until else keys

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Pairs of arms to compare, (arm, compared with): each treated arm with control, then the treated arms."""
        if self.control is None:
            return ()
        return (*((arm, self.control) for arm in self.treated), *combinations(self.treated, 2))

    def pairs_at(self, visit: str) -> tuple[tuple[str, str], ...]:
        """Pairs of arms to compare at a visit, all for ``""``: a control that has crossed over is not a control."""
        concurrent = not visit or visit in self.controlled_visits
        return tuple(pair for pair in self.pairs if concurrent or self.control not in pair)

    def visit_label(self, visit: str) -> str:
        """Name of a visit in tables and figures."""
        return self.visits[visit].label or visit

    def visit_at(self, *visits: str) -> str:
        """Visits after the word "at" in running text: their names where these are nouns, else with one.

        Examples
        --------
        ``at baseline``, ``at 2-month follow-up``, ``at the assessment After``, ``at the assessments T1 and T2``.
        """
        names = [self.visit_label(visit) for visit in visits]
        joined = " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])}, and {names[-1]}"
        if all(name.split()[-1].lower() in VISIT_NOUNS for name in names):
            return joined
        return f"the assessment{'s' * (len(names) > 1)} {joined}"


def _check_design(design: Design) -> None:
    """Arms, control, visits, strata and clusters fit together.

    Raises
    ------
    ValueError
        The first rule that does not hold, in words; pydantic turns it into one finding.
    """
    arms, visits = list(design.arms), list(design.visits)
    if design.type == "single_arm":
        if len(arms) != 1:
            raise ValueError(f"a single_arm design has exactly one arm, not {len(arms)} ({', '.join(arms)})")
        if design.control is not None:
            raise ValueError("a single_arm design has no control; delete the key control")
    else:
        if len(arms) < 2:
            raise ValueError(f"a {design.type} design needs at least two arms; for one arm write type: single_arm")
        if design.control is None:
            raise ValueError(f"control is missing: name the control arm, one of {', '.join(arms)}")
        if design.control not in arms:
            raise ValueError(f'control "{design.control}" is not an arm; {nearest(design.control, arms)}')
    _check_names("arms", design.arms)
    _check_names("visits", {key: design.visit_label(key) for key in visits})
    _check_visits(design, visits)
    for name, cluster in design.clusters.items():
        for arm in cluster.arms:
            if arm not in arms:
                raise ValueError(f'clusters.{name}.arms names "{arm}", which is not an arm; {nearest(arm, arms)}')


def _check_names(what: str, names: dict[str, str]) -> None:
    """Nobody could tell two arms or two visits with one name apart, in a table or in a raw file."""
    seen: dict[str, str] = {}
    for key, name in names.items():
        looks = fold(name).casefold()
        other = next((k for k in names if k != key and k.casefold() == looks), None)
        if looks in seen or other is not None:
            raise ValueError(
                f'{what}: "{seen.get(looks, other)}" and "{key}" have the same name, "{name}"; give each its own'
            )
        seen[looks] = key


def _check_visits(design: Design, visits: list[str]) -> None:
    """Visits are in order of time and ``control_until`` is one of them."""
    weeks = [visit.week for visit in design.visits.values()]
    if any(later <= earlier for earlier, later in pairwise(weeks)):
        raise ValueError(
            f"visits must be in order of time, each with its own week; found weeks {', '.join(f'{w:g}' for w in weeks)}"
        )
    if design.control_until is not None and design.control_until not in visits:
        raise ValueError(
            f'control_until "{design.control_until}" is not a visit; {nearest(design.control_until, visits)}'
        )
