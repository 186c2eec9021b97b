"""The report: one HTML file with every verdict and, behind each, its evidence."""
