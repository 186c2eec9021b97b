"""From configuration to cells, runs and packs."""
