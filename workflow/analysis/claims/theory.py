"""The paper's formulas against its own loss: gradients, monotonicity, weights. In float64.

p is the probability of the true class, z its logit, γ and c the paper's hyperparameters,
m = 2 − c. Arrays over a grid of p carry the suffix _P.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise, product

import numpy as np

from workflow.analysis.claims.cases import PAPER, Check
from workflow.analysis.claims.results import Item, Outcome
from workflow.analysis.evidence.formulas import Curve, Head, bracket, printed, slope, term

Settings = Sequence[tuple[float, float]]  # c, γ
TOLERANCE = 1e-6  # of a ratio; central differences in float64 reach 1e-9 here
STEP = 1e-5  # of z
P_GRID: Curve = np.linspace(0.02, 0.98, 97)
NEAR_ENDS: Curve = np.exp(np.linspace(np.log(1e-6), np.log(1 - 1e-6), 20_001))
WRITTEN: dict[Head, str] = {"simple": "c + p + γ p log p", "complex": "m - p - γ p log p"}


def slope_by_differences(loss: Callable[[Curve], Curve], z_P: Curve) -> Curve:
    """Size of a loss's gradient at the logit: −dL/dz, positive where p is pushed up."""
    return -(loss(z_P + STEP) - loss(z_P - STEP)) / (2 * STEP)


def numeric_gradient(head: Head, p_P: Curve, c: float, gamma: float) -> Curve:
    """Size of a head's gradient at the logit, by central differences."""
    return slope_by_differences(lambda z_P: term(head, _sigmoid(z_P), c, gamma), np.log(p_P) - np.log1p(-p_P))


def gradient(head: Head, form: Head, settings: Settings) -> Outcome:
    """Check whether a head's gradient is the form printed for `form`, up to a factor without p."""

    def proportional(c: float, gamma: float) -> tuple[bool, str]:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio_P = numeric_gradient(head, P_GRID, c, gamma) / printed(form, P_GRID, c, gamma)
        factor = float(np.median(ratio_P))
        if np.all(np.abs(ratio_P - factor) <= TOLERANCE * max(1.0, abs(factor))):
            return True, f"true gradient / form is {factor:.6f} for every p"
        return False, f"true gradient / form runs from {ratio_P.min():.3f} to {ratio_P.max():.3f} over p"

    complete = sum(
        np.allclose(slope(form, P_GRID, *each), numeric_gradient(head, P_GRID, *each), rtol=TOLERANCE, atol=1e-8)
        for each in settings
    )
    extra = f"With the factor [{WRITTEN[form]}] the form is the gradient at {complete} of {len(settings)} settings."
    return _at_each(settings, proportional, "one factor for every p", extra)


def fused_gradient() -> Outcome:
    """Check eq. 13: the gradient of −log σ(z_s + z_c) is 1 − p in size at both logits."""
    simple_P, complex_P = np.linspace(-4, 4, 81), np.linspace(3, -2, 81)
    of_heads = {
        "simple": slope_by_differences(lambda z_P: -np.log(_sigmoid(z_P + complex_P)), simple_P),
        "complex": slope_by_differences(lambda z_P: -np.log(_sigmoid(simple_P + z_P)), complex_P),
    }
    rows = []
    for name, gradient_P in of_heads.items():
        error = float(np.abs(gradient_P - (1 - _sigmoid(simple_P + complex_P))).max())
        measured = f"largest error below {TOLERANCE:g}" if error <= TOLERANCE else f"largest error {error:.3g}"
        rows.append(PAPER.item(name, error <= TOLERANCE, measured, "1 − σ(z_s + z_c)"))
    return _outcome(rows)


def forms(left: Head, right: Head, equal: bool, settings: Settings) -> Outcome:
    """Check whether the forms printed for two heads are equal, or differ, at every setting."""

    def compared(c: float, gamma: float) -> tuple[bool, str]:
        gap = float(np.abs(printed(left, P_GRID, c, gamma) - printed(right, P_GRID, c, gamma)).max())
        same = gap <= TOLERANCE
        return same is equal, "equal for every p" if same else f"differ by up to {gap:.3f}"

    return _at_each(settings, compared, "equal" if equal else "differ")


def monotone(head: Head, settings: Settings) -> Outcome:
    """Check whether the loss falls with p: its gradient never pushes p away from the label."""

    def falls(c: float, gamma: float) -> tuple[bool, str]:
        wrong_P = NEAR_ENDS[bracket(head, NEAR_ENDS, c, gamma) < 0]
        if wrong_P.size:
            return False, f"rises with p from {wrong_P[0]:.2f} to {wrong_P[-1]:.2f}"
        return True, "falls everywhere"

    gammas = dict.fromkeys(gamma for _, gamma in settings)
    bounds = ", ".join(f"{gamma:g}: {smallest_c(head, gamma):.3f}" for gamma in gammas)
    extra = f"Smallest c at which it falls everywhere, by γ: {bounds}."
    return _at_each(settings, falls, "falls with p everywhere", extra)


def smallest_c(head: Head, gamma: float) -> float:
    """Smallest c ≥ 0 for which a head's loss falls with p everywhere: the simple head's derivative grows with c.

    0 where it falls at c = 0 already, as the complex head's does. For the simple head the closed form is
    γ·exp(−(1 + 1/γ)).
    """
    return max(0.0, -float(bracket(head, NEAR_ENDS, 0.0, gamma).min()))


def with_gamma(head: Head, between: tuple[float, float], rises: bool, settings: Settings) -> Outcome:
    """Check whether the loss rises (or falls) with γ over a whole range of p, from each γ to the next."""
    p_P = np.linspace(*between, 301)[1:-1]
    way, other = ("rises", "falls") if rises else ("falls", "rises")

    def changes(c: float, gamma: float) -> tuple[bool, str]:
        change_P = term(head, p_P, c, gamma + 1) - term(head, p_P, c, gamma)
        against_P = p_P[(change_P < 0) if rises else (change_P > 0)]
        if against_P.size:
            return False, f"{other} for p from {against_P[0]:.2f} to {against_P[-1]:.2f}"
        return True, f"{way} everywhere"

    wanted = f"{way} for p from {between[0]:g} to {between[1]:g}"
    extra = "The loss changes by the factor c + p (simple) or 2 − c − p (complex) with γ."
    return _at_each(settings, changes, wanted, extra, "c {0:g}, γ {1:g} to {2:g}")


def crossing(cs: Sequence[float], gammas: Sequence[float]) -> Outcome:
    """Check whether the two losses cross at a p that rises as c falls; below it the complex one is larger."""
    rows = []
    for gamma in gammas:
        cross_C = [crosspoint(c, gamma) for c in cs]
        holds = all(above > below for above, below in pairwise(cross_C))
        measured = "crosses at p " + ", ".join(f"{p:.2f} (c {c:g})" for c, p in zip(cs, cross_C, strict=True))
        rows.append(PAPER.item(f"γ {gamma:g}", holds, measured, "p grows as c falls"))
    return _outcome(rows)


def crosspoint(c: float, gamma: float) -> float:
    """The p at which the two losses are equal, to 0.0001: below it the complex one is larger."""
    p_P = np.linspace(0, 1, 10_001)[1:-1]
    return float(p_P[term("complex", p_P, c, gamma) > term("simple", p_P, c, gamma)].max())


def hard_gradient(head: Head, smaller: bool, settings: Settings) -> Outcome:
    """Check whether a head's gradient at hard samples (p below 0.3) is smaller, or larger, than log loss's 1 − p."""
    p_P = np.linspace(0.0, 0.3, 301)[1:-1]

    def beside_log_loss(c: float, gamma: float) -> tuple[bool, str]:
        ratio_P = np.abs(numeric_gradient(head, p_P, c, gamma)) / (1 - p_P)
        holds = bool(np.all(ratio_P < 1) if smaller else np.all(ratio_P > 1))
        return holds, f"{ratio_P.min():.2f} to {ratio_P.max():.2f} times that of log loss"

    return _at_each(settings, beside_log_loss, f"{'below' if smaller else 'above'} 1 for p below 0.3")


def weight(below: float, gammas: Sequence[float]) -> Outcome:
    """Check the bound of the focal factor (1 − p)^γ."""
    largest = {gamma: float(((1 - P_GRID) ** gamma).max()) for gamma in gammas}
    return _outcome(
        PAPER.item(f"γ {gamma:g}", most < below, f"at most {most:.3f}", f"< {below:g}")
        for gamma, most in largest.items()
    )


def _sigmoid(z_P: Curve) -> Curve:
    return 1 / (1 + np.exp(-z_P))


def _at_each(
    settings: Settings,
    look: Callable[[float, float], tuple[bool, str]],
    expected: str,
    extra: str = "",
    name: str = "c {0:g}, γ {1:g}",
) -> Outcome:
    """For each c and γ, whether it holds there and what was found."""
    rows = (PAPER.item(name.format(c, gamma, gamma + 1), *look(c, gamma), expected) for c, gamma in settings)
    return _outcome(rows, extra)


def _outcome(rows: Iterable[Item], extra: str = "") -> Outcome:
    return PAPER.many(rows, extra=extra, evidence=("computed in float64",))


SWEPT_C, USED_C = (0.5, 0.7, 0.8, 0.9, 1.0), (0.7, 0.8, 0.9)
ALLOWED_C = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
GAMMAS, SWEPT_GAMMAS = (1.0, 2.0, 3.0), (1.0, 2.0, 3.0, 4.0, 5.0)
USED, SWEPT = list(product(USED_C, GAMMAS)), list(product(SWEPT_C, GAMMAS))
STEPS = list(product(USED_C, GAMMAS[:-1]))  # each γ that the paper selects to the next
APART = list(product(SWEPT_C[:-1], GAMMAS))  # at c = 1 the two heads are one
ON_PAPER: Mapping[str, Check] = {
    "E13": lambda _: fused_gradient(),
    "E14.simple": lambda _: gradient("simple", "simple", SWEPT),
    "E14.complex": lambda _: gradient("complex", "complex", SWEPT),
    "E14.distinct": lambda _: forms("simple", "complex", False, [(0.7, 1.0), (0.9, 1.0)]),
    "E15.sign": lambda _: forms("simple", "complex", True, list(product(SWEPT_C[:-1], GAMMAS[1:]))),
    "E15.gradient": lambda _: gradient("complex", "simple", APART),
    "E15.simple": lambda _: forms("simple", "simple", True, APART),
    "E07.simple": lambda _: monotone("simple", list(product(ALLOWED_C, SWEPT_GAMMAS))),
    "E07.complex": lambda _: monotone("complex", list(product((0.0, *ALLOWED_C), SWEPT_GAMMAS))),
    "P23": lambda _: weight(1.0, GAMMAS),
    "P56.monotone": lambda _: monotone("simple", USED),
    "F4.simple": lambda _: with_gamma("simple", (0.0, 0.3), False, STEPS),
    "F4.simple-others": lambda _: with_gamma("simple", (0.3, 1.0), True, STEPS),
    "F4.complex": lambda _: with_gamma("complex", (0.0, 0.3), True, STEPS),
    "F4.complex-others": lambda _: with_gamma("complex", (0.3, 1.0), False, STEPS),
    "F4.c": lambda _: crossing(SWEPT_C[:-1], GAMMAS),
    "E14.hard-simple": lambda _: hard_gradient("simple", True, USED),
    "E14.hard-complex": lambda _: hard_gradient("complex", False, USED),
}
