"""``python -m compassion_trials``."""

from compassion_trials.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
