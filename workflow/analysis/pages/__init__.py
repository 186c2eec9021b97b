"""Rendered pages and their formats."""
