"""Archives of finished runs: written, read, merged and verified. Loads torch only to train again."""
