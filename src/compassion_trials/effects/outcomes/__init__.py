"""What the estimates mean for people: change, responders, harms, dose, families, margins, estimands."""
