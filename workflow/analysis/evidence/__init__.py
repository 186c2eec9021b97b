"""Measured results, joined with the printed numbers."""
