"""Training: one loop, its metrics, and the record that it leaves."""
