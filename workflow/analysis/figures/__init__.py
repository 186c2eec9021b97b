"""The figures of the paper, and one beyond it: each as PDF and PNG, with the CSV that it draws."""

SWEEPS = ("figure_6", "figure_7", "figure_8", "figure_9")
FIGURES = ("figure_2", "figure_4", "figure_5", *SWEEPS, "figure_10", "figure_11")


def module_for(figure: str) -> str:
    """The module that draws a figure: its own, but for the sweeps, which are one kind."""
    return "sweeps" if figure in SWEEPS else figure
