"""Figure 4: the two terms of L_TF and their gradients, from the formula.

Shapes: P points of p_t.
"""

import numpy as np
import pandas as pd

from workflow.analysis.evidence.formulas import Curve, Head, monotone_from, printed, slope, term
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import style

HEADS: tuple[Head, ...] = ("simple", "complex")
# The corners of what the authors used (c .7 and .9, γ 1 and 2), and one term that is not monotone.
SETTINGS = ((0.7, 1.0, style.BLUE), (0.7, 2.0, style.ORANGE), (0.9, 2.0, style.GREEN), (0.7, 3.0, style.VERMILLION))


def build(evidence: Evidence, experiment: str) -> tuple[style.Figure, pd.DataFrame]:
    """Draw both terms and, below, their true and printed gradients."""
    del evidence, experiment  # a formula has no runs
    p_P = np.linspace(0.005, 1.0, 200)
    frame = pd.concat([_rows(p_P, c, gamma) for c, gamma, _ in SETTINGS], ignore_index=True)
    figure, axes = style.canvas(2, 2, height_in=4.6, sharex=True, sharey="row")
    for column, head in enumerate(HEADS):
        _losses(axes[0, column], p_P, head)
        _slopes(axes[1, column], p_P, head)
    axes[0, 0].set_ylabel("loss of one sample")
    axes[1, 0].set_ylabel("gradient towards the label")
    style.legend(figure, 6)
    return figure, frame


def _label(c: float, gamma: float) -> str:
    note = "" if c >= monotone_from(gamma) else " (not monotone)"
    return f"c = {c}, γ = {gamma:.0f}{note}"


def _rows(p_P: Curve, c: float, gamma: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "c": c,
            "gamma": gamma,
            "simple_monotone": c >= monotone_from(gamma),
            "p_t": p_P,
            **{f"{head}_loss": term(head, p_P, c, gamma) for head in HEADS},
            **{f"{head}_gradient": slope(head, p_P, c, gamma) for head in HEADS},
            **{f"{head}_gradient_eq14": printed(head, p_P, c, gamma) for head in HEADS},
        }
    )


def _losses(axis: style.Axes, p_P: Curve, head: Head) -> None:
    for c, gamma, colour in SETTINGS:
        axis.plot(p_P, term(head, p_P, c, gamma), color=colour, label=_label(c, gamma))
    axis.plot(p_P, -np.log(p_P), color=style.INK, linestyle=":", label="log loss")
    axis.set_ylim(0, 3)
    axis.set_title(f"{head} encoder")


def _slopes(axis: style.Axes, p_P: Curve, head: Head) -> None:
    for c, gamma, colour in SETTINGS:
        axis.plot(p_P, slope(head, p_P, c, gamma), color=colour)
        axis.plot(p_P, printed(head, p_P, c, gamma), color=colour, linestyle="--", linewidth=0.8)
    axis.plot([], [], color=style.GREY, linestyle="--", label="paper's eq. 14")
    axis.plot(p_P, 1 - p_P, color=style.INK, linestyle=":")
    axis.axhline(0, color=style.GREY, linewidth=0.6, zorder=0)
    axis.set_ylim(-0.2, 2.7)
    axis.set_xlabel("$p_t$, probability given to the true class")
