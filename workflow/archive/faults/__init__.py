"""Faults of an archive: every field that follows from others is computed again."""
