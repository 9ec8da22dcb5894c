"""Pictures of mechanisms and of what the answer depends on."""
