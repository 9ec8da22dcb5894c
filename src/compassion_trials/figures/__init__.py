"""Result rows to pictures: one function per figure, each takes records and returns a matplotlib Figure."""
