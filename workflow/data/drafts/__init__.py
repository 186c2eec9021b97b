"""What `init` writes: a dataset and its campaign, guessed from a table or taken from FuxiCTR's files."""
