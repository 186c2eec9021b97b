"""Synthetic twins of datasets: archives in their own format, with labels from a known model."""
