"""Claims beside our runs: trials of every claim, their correction, and what they come to."""
