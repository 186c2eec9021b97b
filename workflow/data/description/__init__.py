"""Facts about a dataset before training, remarks on them, and both as tables of text."""
