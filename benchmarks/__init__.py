"""The cost of the harness, compared with other ways of doing the same work."""
