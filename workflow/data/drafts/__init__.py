"""The configuration that `init` writes: a dataset and its campaign, guessed from a table or from FuxiCTR's files."""
