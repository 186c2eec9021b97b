"""Snakemake's rules and what they ask of Python."""
