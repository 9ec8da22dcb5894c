"""Rules between keys of one part of the plan that a type cannot say; a failure names key, value and what is valid."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from compassion_trials.core.errors import nearest

if TYPE_CHECKING:
    from compassion_trials.study.plan.design import Design


def check_design(design: Design) -> None:
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
            raise ValueError(f'control "{design.control}" is no arm; {nearest(design.control, arms)}')
    _check_visits(design, visits)
    for name, cluster in design.clusters.items():
        for arm in cluster.arms:
            if arm not in arms:
                raise ValueError(f'clusters.{name}.arms names "{arm}", which is no arm; {nearest(arm, arms)}')


def _check_visits(design: Design, visits: list[str]) -> None:
    """Visits are in order of time and ``control_until`` is one of them."""
    weeks = [visit.week for visit in design.visits.values()]
    if any(later <= earlier for earlier, later in pairwise(weeks)):
        raise ValueError(
            f"visits must be in order of time, each with its own week; found weeks {', '.join(f'{w:g}' for w in weeks)}"
        )
    if design.control_until is not None and design.control_until not in visits:
        raise ValueError(f'control_until "{design.control_until}" is no visit; {nearest(design.control_until, visits)}')
