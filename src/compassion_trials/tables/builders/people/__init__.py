"""Tables of the people: flow, baseline, missing data, harms, dose, feasibility, provenance."""
