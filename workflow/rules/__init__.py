"""Snakemake's rules and their Python helpers."""
