"""Independent engines that refit a model: what the core gives must come out of them too."""
