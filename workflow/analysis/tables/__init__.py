"""The tables of the paper and beyond it, as documents."""
