"""Where a record comes from: the code's fingerprint and the seal."""
