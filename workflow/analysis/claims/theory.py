"""The paper's formulas against its own loss: gradients, monotonicity, weights. In float64.

p is the probability of the true class, z its logit, γ and c the paper's hyperparameters,
m = 2 − c. Arrays over a grid of p carry the suffix _P.
"""

from fractions import Fraction
from itertools import product

import numpy as np
from numpy.typing import NDArray

from workflow.analysis.claims import checks
from workflow.analysis.claims.relation import Words
from workflow.analysis.claims.results import AuditItem, Finding, enough

Array = NDArray[np.float64]
Setting = tuple[float, float]  # c, γ
TOLERANCE = 1e-6  # of a ratio; central differences in float64 reach 1e-9 here
STEP = 1e-5  # of z
P_GRID: Array = np.linspace(0.02, 0.98, 97)


def loss(head: str, p_P: Array, c: float, gamma: float) -> Array:
    """Eq. 7 of one sample: (c + p)^γ or (2 − c − p)^γ, times −log p.

    Examples
    --------
    >>> loss("simple", np.array([0.5]), 0.5, 2.0).round(6)
    array([0.693147])
    """
    base_P = c + p_P if head == "simple" else 2 - c - p_P
    return -(base_P**gamma) * np.log(p_P)


def numeric_gradient(head: str, p_P: Array, c: float, gamma: float) -> Array:
    """Size of the loss's gradient at the logit, by central differences: −dL/dz, positive where p is pushed up.

    Examples
    --------
    >>> numeric_gradient("simple", np.array([0.5]), 0.5, 0.0).round(6)  # plain log loss: 1 − p
    array([0.5])
    """
    z_P = np.log(p_P) - np.log1p(-p_P)
    upper_P, lower_P = _sigmoid(z_P + STEP), _sigmoid(z_P - STEP)
    return -(loss(head, upper_P, c, gamma) - loss(head, lower_P, c, gamma)) / (2 * STEP)


def form_value(form: checks.Form, p_P: Array, c: float, gamma: float) -> Array:
    """Evaluate a printed closed form."""
    offset = c if form.offset == "c" else 2 - c
    sign = 1 if form.sign == "+" else -1
    base_P = offset + sign * p_P
    value_P = base_P ** (gamma + form.shift) * (1 - p_P)
    return value_P * (base_P + sign * gamma * p_P * np.log(p_P)) if form.bracket else value_P


def gradient(check: checks.Gradient, words: Words) -> Finding:
    """Compare a printed form with the loss's own gradient, at every setting."""

    def ratio(setting: Setting) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            return numeric_gradient(check.head, P_GRID, *setting) / form_value(check.form, P_GRID, *setting)

    rows, complete = [], 0
    bracketed = check.form.model_copy(update={"bracket": True})
    for setting in _settings(check.c, check.gamma):
        ratio_P = ratio(setting)
        target = 1.0 if check.relation == "equal" else float(np.median(ratio_P))
        holds = bool(np.all(np.abs(ratio_P - target) <= TOLERANCE * max(1.0, abs(target))))
        exact_P = form_value(bracketed, P_GRID, *setting)
        true_P = numeric_gradient(check.head, P_GRID, *setting)
        complete += bool(np.allclose(exact_P, true_P, rtol=TOLERANCE, atol=1e-8))
        measured = f"true gradient / form runs from {ratio_P.min():.3f} to {ratio_P.max():.3f} over p"
        if holds:
            measured = f"true gradient / form is {target:.6f} for every p"
        expected = "1 for every p" if check.relation == "equal" else "one factor for every p"
        rows.append(AuditItem(_name(setting), words.good if holds else words.bad, measured, expected))
    sign = check.form.sign
    extra = (
        f"With the factor [{check.form.offset} {sign} p {sign} γ p log p] the form is the gradient "
        f"at {complete} of {len(rows)} settings."
    )
    return _finding(rows, words, "" if check.form.bracket else extra)


def fused_gradient(words: Words) -> Finding:
    """Check eq. 13: the gradient of −log σ(z_s + z_c) is 1 − p in size at both logits."""
    z_P = np.linspace(-4, 4, 81)
    other_P = np.linspace(3, -2, 81)

    def fused(a_P: Array, b_P: Array) -> Array:
        return -np.log(_sigmoid(a_P + b_P))

    simple_P = -(fused(z_P + STEP, other_P) - fused(z_P - STEP, other_P)) / (2 * STEP)
    complex_P = -(fused(z_P, other_P + STEP) - fused(z_P, other_P - STEP)) / (2 * STEP)
    claimed_P = 1 - _sigmoid(z_P + other_P)
    rows = []
    for name, gradient_P in (("simple", simple_P), ("complex", complex_P)):
        error = float(np.abs(gradient_P - claimed_P).max())
        verdict = words.good if error <= TOLERANCE else words.bad
        rows.append(
            AuditItem(
                name,
                verdict,
                f"largest error below {TOLERANCE:g}" if error <= TOLERANCE else f"largest error {error:.3g}",
                "1 − σ(z_s + z_c)",
            )
        )
    return _finding(rows, words, "")


def forms(check: checks.Forms, words: Words) -> Finding:
    """Compare two printed forms with each other."""
    rows = []
    for setting in _settings(check.c, check.gamma):
        left_P, right_P = (form_value(form, P_GRID, *setting) for form in (check.left, check.right))
        gap = float(np.abs(left_P - right_P).max())
        equal = gap <= TOLERANCE
        holds = equal == (check.relation == "equal")
        measured = "equal for every p" if equal else f"differ by up to {gap:.3f}"
        rows.append(AuditItem(_name(setting), words.good if holds else words.bad, measured, check.relation))
    return _finding(rows, words, "")


def monotone(check: checks.Monotone, words: Words) -> Finding:
    """Check that the loss falls with p: that its gradient never pushes p away from the label."""
    rows = []
    fine_P = np.exp(np.linspace(np.log(1e-6), np.log(1 - 1e-6), 4001))
    for c, gamma in _settings(check.c, check.gamma):
        force_P = _force(check.head, fine_P, c, gamma)
        wrong_P = fine_P[force_P < 0]
        measured = "falls everywhere"
        if wrong_P.size:
            measured = f"rises with p from {wrong_P[0]:.2f} to {wrong_P[-1]:.2f}"
        rows.append(
            AuditItem(_name((c, gamma)), words.bad if wrong_P.size else words.good, measured, "falls with p everywhere")
        )
    bounds = ", ".join(f"{g}: {smallest_c(check.head, float(Fraction(g))):.3f}" for g in check.gamma)
    return _finding(rows, words, f"Smallest c at which it falls everywhere, by γ: {bounds}.")


def smallest_c(head: str, gamma: float) -> float:
    """Smallest c ≥ 0 for which a head's loss falls with p everywhere; 0 where all do.

    Found by bisection on the sign of the derivative; for the simple head the closed form
    is γ·exp(−(1 + 1/γ)).

    Examples
    --------
    >>> [round(smallest_c("simple", gamma), 3) for gamma in (1.0, 2.0, 3.0)]
    [0.135, 0.446, 0.791]
    """
    fine_P = np.exp(np.linspace(np.log(1e-6), 0.0, 20_001)[:-1])

    def fine(c: float) -> bool:
        return bool(np.all(_force(head, fine_P, c, gamma) >= 0))

    if fine(0.0):
        return 0.0
    low, high = 0.0, max(2.0, gamma)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if fine(middle) else (middle, high)
    return high


def weight(check: checks.Weight, words: Words) -> Finding:
    """Check the bound of the focal factor (1 − p)^γ."""
    rows = []
    for gamma in map(Fraction, check.gamma):
        largest = float(((1 - P_GRID) ** float(gamma)).max())
        holds = largest < float(Fraction(check.below))
        rows.append(
            AuditItem(f"γ {gamma}", words.good if holds else words.bad, f"at most {largest:.3f}", f"< {check.below}")
        )
    return _finding(rows, words, "")


def _force(head: str, p_P: Array, c: float, gamma: float) -> Array:
    """Sign of −dL/dp times p, by the analytic derivative; positive factors are left out."""
    base_P, sign = (c + p_P, 1) if head == "simple" else (2 - c - p_P, -1)
    return base_P + sign * gamma * p_P * np.log(p_P)


def _sigmoid(z_P: Array) -> Array:
    return 1 / (1 + np.exp(-z_P))


def _settings(c: tuple[str, ...], gamma: tuple[str, ...]) -> list[Setting]:
    return [(float(Fraction(a)), float(Fraction(b))) for a, b in product(c, gamma)]


def _name(setting: Setting) -> str:
    return f"c {setting[0]:g}, γ {setting[1]:g}"


def _finding(rows: list[AuditItem], words: Words, extra: str) -> Finding:
    holding = sum(row.verdict == words.good for row in rows)
    failing = [row for row in rows if row.verdict != words.good]
    text = f"{holding} of {len(rows)} settings hold."
    if failing:
        text += " Not: " + "; ".join(f"{row.label}: {row.measured}" for row in failing[:4]) + "."
    return Finding(
        words.good if enough("all", holding, len(rows)) else words.bad,
        f"{holding} of {len(rows)}",
        f"all {len(rows)}",
        f"{text} {extra}".strip(),
        ("computed in float64",),
        tuple(rows),
    )
