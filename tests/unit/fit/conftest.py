"""R is left out of the primary model's cross-check here: starting it takes longer than all fits of a made trial."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(scope="package", autouse=True)
def _without_r():
    found = shutil.which
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            shutil, "which", lambda name, *args, **more: None if name == "Rscript" else found(name, *args, **more)
        )
        yield
