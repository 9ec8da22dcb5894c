"""Pictures of the outcomes: trajectories, effects, change, model checks."""
