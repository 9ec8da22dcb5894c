"""What people write into YAML, and how it is told when it is not what was meant."""
