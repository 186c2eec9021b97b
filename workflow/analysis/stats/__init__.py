"""Statistics of samples: pure functions that know nothing of the paper."""
