"""The Twin Focus loss in clean formulas (eq. 7), its gradients, and what the paper prints of them.

p is the probability of the true class, z its logit, m = 2 − c. Shapes: P points of p.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

Curve = npt.NDArray[np.float64]
Head = Literal["simple", "complex"]


def base(head: Head, p_P: Curve, c: float) -> tuple[Curve, int]:
    """C + p or m − p, and the sign of p in it."""
    return (c + p_P, 1) if head == "simple" else (2 - c - p_P, -1)


def term(head: Head, p_P: Curve, c: float, gamma: float) -> Curve:
    """(c + p)^γ or (m − p)^γ, times −log p."""
    return -(base(head, p_P, c)[0] ** gamma) * np.log(p_P)


def bracket(head: Head, p_P: Curve, c: float, gamma: float) -> Curve:
    """C + p + γ p log p, or m − p − γ p log p: its sign is that of the push towards the label."""
    base_P, sign = base(head, p_P, c)
    return base_P + sign * gamma * p_P * np.log(p_P)


def printed(head: Head, p_P: Curve, c: float, gamma: float) -> Curve:
    """What eq. 14 prints for the gradient, up to a factor: the base to the power γ − 1, times 1 − p."""
    return base(head, p_P, c)[0] ** (gamma - 1) * (1 - p_P)


def slope(head: Head, p_P: Curve, c: float, gamma: float) -> Curve:
    """Minus the derivative of the term by the logit of the true class; below zero it pushes p away from the label."""
    return printed(head, p_P, c, gamma) * bracket(head, p_P, c, gamma)


def monotone_from(gamma: float) -> float:
    """Smallest c with which the simple term falls wherever p grows: γ·e^{-(1 + 1/γ)}."""
    return gamma * np.exp(-(1 + 1 / gamma)) if gamma > 0 else 0.0
