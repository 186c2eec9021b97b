"""From raw values to arrays: codes, tokens and ids, labels, splits."""
