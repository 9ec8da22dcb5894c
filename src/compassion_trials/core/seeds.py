"""Seeds by name: the same plan gives the same draws, and no two analyses share theirs."""

from __future__ import annotations

from zlib import crc32


def named_seed(seed: int, *names: str) -> int:
    """A seed made from the plan's seed and the names of an analysis.

    Parameters
    ----------
    seed : int
        Seed of the plan, 0 or above.
    names : str
        Such as ``"mediation"``, ``"aaq.total"``.
    """
    return (seed << 32) + crc32("|".join(names).encode("utf-8"))
