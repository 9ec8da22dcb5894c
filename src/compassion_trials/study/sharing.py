"""The key of what is shared about a study: from a secret beside its raw data, never from the plan."""

from __future__ import annotations

from compassion_trials.core.files import read_json, sha256
from compassion_trials.core.keeping.secret import derived, sharing_secret
from compassion_trials.study.inputs import MARK
from compassion_trials.study.layout import Study
from compassion_trials.study.plan.study_plan import StudyPlan


def sharing_key(study: Study, plan: StudyPlan, use: str) -> bytes:
    """The key for one use of a study's secret.

    Raw data that the simulation made protect nobody: their secret is the seed, so that a twin is the same everywhere.

    Parameters
    ----------
    study : Study
    plan : StudyPlan
    use : {"share", "blind"}
        Numbers of shared participants, letters of arms; they tell nothing of each other.

    Raises
    ------
    InputError
        No key, and none can be made (`core.keeping.secret.sharing_secret`).
    """
    made_up = simulated(study, plan)
    secret = f"SYNTHETIC/{plan.analysis.seed}".encode() if made_up else sharing_secret(study.raw(plan.data_root))
    return derived(secret, f"{use}/{study.name}")


def simulated(study: Study, plan: StudyPlan) -> bool:
    """Whether every raw file of a plan is, byte by byte, one that the simulation made: a mark alone proves nothing."""
    folder = study.raw(plan.data_root)
    if not (folder / MARK).is_file():
        return False
    content = read_json(folder / MARK)
    made = content.get("files", {}) if isinstance(content, dict) else {}
    names = [name for raw in plan.data for name in (raw.file, raw.dictionary) if name]
    return all((folder / name).is_file() and made.get(name) == sha256(folder / name) for name in names)
