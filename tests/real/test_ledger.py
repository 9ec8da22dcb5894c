"""The ledger of the real trials: reruns come out to the printed digits, but for the two F that the data contradict."""

from __future__ import annotations

import pytest

from compassion_trials.ledger.raw import rerun_lines


@pytest.mark.parametrize(
    ("study", "n", "rounded_twice"),
    [
        ("strom2013", 60, {("madrs", "4.25"), ("qoli", "0.28")}),
        ("garnaes_pgwbi", 20, set()),
        ("btheb", 16, set()),
        ("woodworth2017", 3, set()),
    ],
)
def test_printed_numbers_against_the_rerun(analysed, study, n, rounded_twice):
    context = analysed(study).context
    lines, _ = rerun_lines(study, context.study.root)
    assert len(lines) == n
    against = [line for line in lines if line.verdict != "agrees"]
    assert {line.verdict for line in against} <= {"rounded twice"}  # 4.2446 printed as 4.25, 0.2745 as 0.28
    found = {("madrs" if "Depression Rating" in line.what else "qoli", line.printed) for line in against}
    assert found == rounded_twice
    assert all(line.formula for line in lines)
