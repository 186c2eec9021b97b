"""Figure 4: the two terms of L_TF and their gradients, from the formula.

Shapes: P points of p_t.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from workflow.analysis.figures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    VERMILLION,
    Axes,
    Figure,
    canvas,
    legend,
    line_handle,
)
from workflow.plan import Plan

Curve = npt.NDArray[np.float64]
# The corners of what the authors used (c .7 and .9, γ 1 and 2), and one term that is not monotone.
SETTINGS = ((0.7, 1.0, BLUE), (0.7, 2.0, ORANGE), (0.9, 2.0, GREEN), (0.7, 3.0, VERMILLION))


def simple_term(p_P: Curve, c: float, gamma: float) -> Curve:
    """(c + p)^γ · (-log p)."""
    return -((c + p_P) ** gamma) * np.log(p_P)


def complex_term(p_P: Curve, c: float, gamma: float) -> Curve:
    """(m - p)^γ · (-log p), m = 2 - c."""
    return -((2 - c - p_P) ** gamma) * np.log(p_P)


def simple_slope(p_P: Curve, c: float, gamma: float) -> Curve:
    """Minus the derivative of the simple term by the logit of the true class.

    Below zero the loss pushes p away from the label.
    """
    return (c + p_P) ** (gamma - 1) * (1 - p_P) * (c + p_P + gamma * p_P * np.log(p_P))


def complex_slope(p_P: Curve, c: float, gamma: float) -> Curve:
    """Minus the derivative of the complex term by the logit of the true class."""
    m = 2 - c
    return (m - p_P) ** (gamma - 1) * (1 - p_P) * (m - p_P - gamma * p_P * np.log(p_P))


def simple_printed(p_P: Curve, c: float, gamma: float) -> Curve:
    """What eq. 14 and 15 print for the simple encoder, up to a factor."""
    return (c + p_P) ** (gamma - 1) * (1 - p_P)


def complex_printed(p_P: Curve, c: float, gamma: float) -> Curve:
    """What eq. 14 prints for the complex encoder, up to a factor; eq. 15 has (c + p) in place of (m - p)."""
    return (2 - c - p_P) ** (gamma - 1) * (1 - p_P)


def monotone_from(gamma: float) -> float:
    """Smallest c with which the simple term falls wherever p grows: γ·e^{-(1 + 1/γ)}.

    Examples
    --------
    >>> [round(float(monotone_from(gamma)), 3) for gamma in (0, 1, 2, 3, 4, 5)]
    [0.0, 0.135, 0.446, 0.791, 1.146, 1.506]
    """
    return gamma * np.exp(-(1 + 1 / gamma)) if gamma > 0 else 0.0


def build(plan: Plan, experiment: str) -> tuple[Figure, pd.DataFrame]:
    """Draw both terms and, below, their true and printed gradients."""
    del plan, experiment  # a formula has no runs
    p_P = np.linspace(0.005, 1.0, 200)
    frame = pd.concat([_rows(p_P, c, gamma) for c, gamma, _ in SETTINGS], ignore_index=True)
    figure, axes = canvas(2, 2, height_in=4.6, sharex=True, sharey="row")
    for column, branch in enumerate(("simple", "complex")):
        _losses(axes[0, column], p_P, branch)
        _slopes(axes[1, column], p_P, branch)
    axes[0, 0].set_ylabel("loss of one sample")
    axes[1, 0].set_ylabel("gradient towards the label")
    handles = [line_handle(_label(c, gamma), colour) for c, gamma, colour in SETTINGS]
    handles += [line_handle("log loss", INK, linestyle=":"), line_handle("paper's eq. 14", GREY, linestyle="--")]
    legend(figure, handles, 6)
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
            "simple_loss": simple_term(p_P, c, gamma),
            "complex_loss": complex_term(p_P, c, gamma),
            "simple_gradient": simple_slope(p_P, c, gamma),
            "complex_gradient": complex_slope(p_P, c, gamma),
            "simple_gradient_eq14": simple_printed(p_P, c, gamma),
            "complex_gradient_eq14": complex_printed(p_P, c, gamma),
        }
    )


def _losses(axis: Axes, p_P: Curve, branch: str) -> None:
    term = simple_term if branch == "simple" else complex_term
    for c, gamma, colour in SETTINGS:
        axis.plot(p_P, term(p_P, c, gamma), color=colour)
    axis.plot(p_P, -np.log(p_P), color=INK, linestyle=":")
    axis.set_ylim(0, 3)
    axis.set_title(f"{branch} encoder")


def _slopes(axis: Axes, p_P: Curve, branch: str) -> None:
    true, printed = (simple_slope, simple_printed) if branch == "simple" else (complex_slope, complex_printed)
    for c, gamma, colour in SETTINGS:
        axis.plot(p_P, true(p_P, c, gamma), color=colour)
        axis.plot(p_P, printed(p_P, c, gamma), color=colour, linestyle="--", linewidth=0.8)
    axis.plot(p_P, 1 - p_P, color=INK, linestyle=":")
    axis.axhline(0, color=GREY, linewidth=0.6, zorder=0)
    axis.set_ylim(-0.2, 2.7)
    axis.set_xlabel("$p_t$, probability given to the true class")
