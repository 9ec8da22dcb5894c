"""The pages on the models run as written and name every option."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from compassion_trials.models.options import COVARIANCES, DESIGNS, DF_METHODS, ROBUST

DOCS = Path(__file__).resolve().parents[3] / "docs"
PLAIN, SPECIFICATION = ((DOCS / name).read_text(encoding="utf-8") for name in ("mixed-models.md", "stat-spec.md"))


def data() -> pd.DataFrame:
    """A trial with the columns and labels of the page."""
    random = np.random.default_rng(3)
    n, visits = 48, ["pre", "post", "fu"]
    y = 20 + 3 * random.standard_normal((n, 1)) + 2 * random.standard_normal((n, 3))
    group = [None if i < 24 else f"g{(i - 24) // 2}" for i in range(n)]
    return pd.DataFrame(
        {
            "id": np.repeat(np.arange(n), 3),
            "arm": np.repeat(["Control", "Course"], 72),
            "visit": np.tile(visits, n),
            "therapy_group": np.repeat(group, 3),
            "y": y.ravel(),
        }
    )


def test_the_code_of_the_page_runs():
    names: dict[str, object] = {"data": data()}
    blocks = re.findall(r"```python\n(.*?)```", PLAIN, re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        exec(block, names)
    assert names["crosscheck"](names["fit"]).agrees


@pytest.mark.parametrize("word", [*COVARIANCES, *DESIGNS, *DF_METHODS, *ROBUST])
def test_the_specification_names_every_option(word: str):
    assert re.search(rf"`{re.escape(word)}`|\b{re.escape(word)}\b", SPECIFICATION)


@pytest.mark.parametrize(
    "field", ["gradient_norm", "newton_decrement", "smallest_eigenvalue", "condition", "boundary", "maxima"]
)
def test_the_page_explains_the_certificate(field: str):
    from compassion_trials.models import Certificate

    assert field in Certificate.__dataclass_fields__
    assert f"`{field}`" in PLAIN


def test_limits_of_the_certificate_are_those_of_the_code():
    from compassion_trials.models.likelihood import certificate

    for limit in (certificate.MAX_DECREMENT, certificate.MIN_EIGENVALUE, certificate.MAX_CONDITION):
        written = f"{limit:.0e}".replace("e-0", "e-").replace("e+0", "e")
        assert written in PLAIN
        assert written in SPECIFICATION
