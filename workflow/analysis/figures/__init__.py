"""The figures of the paper, and one beyond it: each as PDF and PNG, with the CSV that it draws."""

from collections.abc import Mapping

# Figure → module: Figures 6 to 9 are one kind.
MODULES: Mapping[str, str] = {
    **{f"figure_{number}": f"figure_{number}" for number in (2, 4, 5)},
    **dict.fromkeys((f"figure_{number}" for number in (6, 7, 8, 9)), "sweeps"),
    "figure_10": "figure_10",
    "figure_11": "tuned",
}
