"""Tables of the outcomes: means, differences, tests, change, families, margins."""
