"""What the harness costs, measured against other ways of doing the same work."""
