"""What keeps results whole and true: one run at a time, hashes of what was read and written."""
