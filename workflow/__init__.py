"""Re-run the TF4CTR paper end to end and say, number by number, what holds."""

__version__ = "0.2.0"
