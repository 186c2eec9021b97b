"""Statistics: pure functions of numbers. Knows no record, no paper, no table."""
