"""Random streams by name: adding one never shifts another."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *names: str) -> np.random.Generator:
    """A generator of its own for a named purpose.

    Parameters
    ----------
    seed : int
        Seed of the study, at least 0.
    *names : str
        What it is for, such as ``"items", "scs"``.

    Returns
    -------
    numpy.random.Generator
        PCG64 seeded by ``seed`` and a hash of the names, so that the stream depends on nothing else.
    """
    digest = hashlib.sha256("/".join(names).encode("utf-8")).digest()
    words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))
