"""Pictures of the people: flow, missing scores, balance at baseline, single participants."""
