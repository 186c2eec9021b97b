"""From raw archives to arrays: fetch, read, prepare, and synthetic twins."""
