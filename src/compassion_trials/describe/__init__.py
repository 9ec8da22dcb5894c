"""Description of a trial before any model: flow, baseline, observed means, missing data, drop-out, reliability."""
