"""All benchmarks, in one process on one core: ``python benchmarks/run.py [--quick]``."""

from __future__ import annotations

import argparse
import os


def main() -> None:
    """Run and print all benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what takes longer than a few seconds")
    quick = parser.parse_args().quick
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # before numpy is imported, hence the import below
    import speed

    speed.sizes(quick)
    speed.refits(quick)
    speed.many_patterns()


if __name__ == "__main__":
    main()
