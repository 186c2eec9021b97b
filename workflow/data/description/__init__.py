"""What is known of a dataset before anything trains: facts, remarks on them, and both as tables of text."""
