"""Every comparison of the project: declared once, computed once, corrected once, in one vocabulary."""
