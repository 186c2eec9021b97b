"""What a rendered page is, and its formats."""
