"""Printed numbers of participants: do the arms add up to the total?"""

from __future__ import annotations

from math import nan

from compassion_trials.ledger.ledger_line import LedgerLine, Verdict
from compassion_trials.ledger.reading.model import Published
from compassion_trials.ledger.reading.printed import printed


def count_lines(name: str, study: Published) -> list[LedgerLine]:
    """One line per printed count; a total is compared with its arms, an arm with the total less the other arms."""
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for line in study.count_lines:
        key = (line.cells["what"], line.cells.get("visit", ""))
        groups.setdefault(key, {})[line.cells.get("arm", "")] = line.cells["n"]
    found, start = [], allocated(study)
    for (what, visit), numbers in groups.items():
        for arm, text in numbers.items():
            found.append(_line(name, study, what, visit, arm, text, numbers, start.get(arm)))
    return found


def _line(
    name: str, study: Published, what: str, visit: str, arm: str, text: str, numbers: dict[str, str], start: int | None
) -> LedgerLine:
    """One count."""
    label = ", ".join(part for part in (what, study.arms.get(arm, ""), study.visits.get(visit, "")) if part)
    arms = {a: round(printed(n).value) for a, n in numbers.items() if a}
    whole = bool(numbers.get("")) and set(arms) == set(study.arms) and len(arms) > 1
    value = round(printed(text).value)

    def line(recomputed: float, formula: str, verdict: Verdict, note: str = "") -> LedgerLine:
        definition = "sum_of_arms" if formula else ""
        return LedgerLine(
            study=name,
            table="counts",
            source=study.count_source,
            status=study.count_status,
            what=label,
            statistic="n",
            printed=text,
            recomputed=recomputed,
            lower=recomputed,
            upper=recomputed,
            definition=definition,
            formula=formula,
            verdict=verdict,
            note=note,
        )

    if study.count_status == "not read":
        return line(nan, "", "cannot be checked", "not read at source")
    if not whole:
        if start is not None and visit and value > start:
            note = f"more than the {start} allocated to this arm"
            return line(float(start), "at most the number allocated", "contradicts", note)
        if visit and start is not None:
            note = f"at most the {start} allocated; nothing printed gives the number itself"
            return line(nan, "", "cannot be checked", note)
        return line(nan, "", "cannot be checked", _why(study, arm, numbers))
    total = round(printed(numbers[""]).value)
    fits = sum(arms.values()) == total
    if arm == "":
        text_sum = " + ".join(str(n) for n in arms.values())
        note = "" if fits else "somebody may have left before an arm was given, or a digit may be wrong"
        return line(
            float(sum(arms.values())), f"sum of the arms, {text_sum}", "agrees" if fits else "contradicts", note
        )
    if fits:
        return line(float(total - sum(arms.values()) + arms[arm]), f"{total} less the other arms", "agrees")
    return line(
        nan, "", "cannot be checked", "arms and total do not add up; which of them is wrong cannot be determined"
    )


def allocated(study: Published) -> dict[str, int]:
    """Participants by arm at the beginning: the counts named like the first one, without a visit."""
    first = next((line.cells["what"] for line in study.count_lines), "")
    return {
        line.cells["arm"]: round(printed(line.cells["n"]).value)
        for line in study.count_lines
        if line.cells["what"] == first and "arm" in line.cells and "visit" not in line.cells
    }


def counted(study: Published) -> dict[tuple[str, str], int]:
    """The largest printed number of participants of an arm at a visit, by arm and visit."""
    found: dict[tuple[str, str], int] = {}
    for line in study.count_lines:
        if "arm" in line.cells and "visit" in line.cells:
            key = (line.cells["arm"], line.cells["visit"])
            found[key] = max(found.get(key, 0), round(printed(line.cells["n"]).value))
    return found


def _why(study: Published, arm: str, numbers: dict[str, str]) -> str:
    """Why a count is not compared."""
    if len(study.arms) == 1:
        return "the only printed number of participants of the only arm"
    if not arm:
        return "the sizes of the arms were not read at a source"
    return "the other arms or the total are not printed" if "" not in numbers else "an arm is not printed"
