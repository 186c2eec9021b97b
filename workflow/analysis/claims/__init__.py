"""The claims of the paper, and what holds of them."""
