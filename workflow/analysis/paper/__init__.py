"""What the paper prints, what its authors logged and what others published, as rows of one frame."""
