"""What was measured, joined with what is printed, and what the two come to."""
