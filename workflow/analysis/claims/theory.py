"""The paper's formulas against its own loss: gradients, monotonicity, weights. In float64.

p is the probability of the true class, z its logit, γ and c the paper's hyperparameters,
m = 2 − c. Arrays over a grid of p carry the suffix _P.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, product

import numpy as np

from workflow.analysis.claims.cases import PAPER, Check, Seen
from workflow.analysis.claims.results import Outcome
from workflow.analysis.evidence.formulas import Curve, Head, bracket, printed, slope, term

Settings = Sequence[tuple[float, float]]  # c, γ
TOLERANCE = 1e-6  # of a ratio; central differences in float64 reach 1e-9 here
STEP = 1e-5  # of z
P_GRID: Curve = np.linspace(0.02, 0.98, 97)
WRITTEN: dict[Head, str] = {"simple": "c + p + γ p log p", "complex": "m - p - γ p log p"}


def grid(c: Sequence[float], gamma: Sequence[float]) -> Settings:
    """Every pair of c and γ."""
    return list(product(c, gamma))


def numeric_gradient(head: Head, p_P: Curve, c: float, gamma: float) -> Curve:
    """Size of the loss's gradient at the logit, by central differences: −dL/dz, positive where p is pushed up.

    Examples
    --------
    >>> numeric_gradient("simple", np.array([0.5]), 0.5, 0.0).round(6)  # plain log loss: 1 − p
    array([0.5])
    """
    z_P = np.log(p_P) - np.log1p(-p_P)
    upper_P, lower_P = _sigmoid(z_P + STEP), _sigmoid(z_P - STEP)
    return -(term(head, upper_P, c, gamma) - term(head, lower_P, c, gamma)) / (2 * STEP)


def gradient(head: Head, form: Head, settings: Settings) -> Outcome:
    """Ask whether a head's gradient is, up to a factor without p, the form that is printed for `form`."""
    rows: list[Seen] = []
    complete = 0
    for setting in settings:
        true_P = numeric_gradient(head, P_GRID, *setting)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio_P = true_P / printed(form, P_GRID, *setting)
        factor = float(np.median(ratio_P))
        holds = bool(np.all(np.abs(ratio_P - factor) <= TOLERANCE * max(1.0, abs(factor))))
        complete += bool(np.allclose(slope(form, P_GRID, *setting), true_P, rtol=TOLERANCE, atol=1e-8))
        measured = f"true gradient / form runs from {ratio_P.min():.3f} to {ratio_P.max():.3f} over p"
        if holds:
            measured = f"true gradient / form is {factor:.6f} for every p"
        rows.append(Seen(_name(setting), holds, measured, "one factor for every p"))
    extra = f"With the factor [{WRITTEN[form]}] the form is the gradient at {complete} of {len(rows)} settings."
    return _outcome(rows, extra)


def fused_gradient() -> Outcome:
    """Check eq. 13: the gradient of −log σ(z_s + z_c) is 1 − p in size at both logits."""
    z_P = np.linspace(-4, 4, 81)
    other_P = np.linspace(3, -2, 81)

    def fused(a_P: Curve, b_P: Curve) -> Curve:
        return -np.log(_sigmoid(a_P + b_P))

    simple_P = -(fused(z_P + STEP, other_P) - fused(z_P - STEP, other_P)) / (2 * STEP)
    complex_P = -(fused(z_P, other_P + STEP) - fused(z_P, other_P - STEP)) / (2 * STEP)
    claimed_P = 1 - _sigmoid(z_P + other_P)
    rows = []
    for name, gradient_P in (("simple", simple_P), ("complex", complex_P)):
        error = float(np.abs(gradient_P - claimed_P).max())
        holds = error <= TOLERANCE
        measured = f"largest error below {TOLERANCE:g}" if holds else f"largest error {error:.3g}"
        rows.append(Seen(name, holds, measured, "1 − σ(z_s + z_c)"))
    return _outcome(rows)


def forms(left: Head, right: Head, equal: bool, settings: Settings) -> Outcome:
    """Ask whether the forms printed for two heads are equal, or differ, at every setting."""
    rows = []
    for setting in settings:
        gap = float(np.abs(printed(left, P_GRID, *setting) - printed(right, P_GRID, *setting)).max())
        holds = (gap <= TOLERANCE) is equal
        measured = "equal for every p" if gap <= TOLERANCE else f"differ by up to {gap:.3f}"
        rows.append(Seen(_name(setting), holds, measured, "equal" if equal else "differ"))
    return _outcome(rows)


def monotone(head: Head, settings: Settings) -> Outcome:
    """Ask whether the loss falls with p: whether its gradient never pushes p away from the label."""
    rows = []
    fine_P = np.exp(np.linspace(np.log(1e-6), np.log(1 - 1e-6), 4001))
    for setting in settings:
        wrong_P = fine_P[bracket(head, fine_P, *setting) < 0]
        measured = "falls everywhere"
        if wrong_P.size:
            measured = f"rises with p from {wrong_P[0]:.2f} to {wrong_P[-1]:.2f}"
        rows.append(Seen(_name(setting), not wrong_P.size, measured, "falls with p everywhere"))
    gammas = dict.fromkeys(gamma for _, gamma in settings)
    bounds = ", ".join(f"{gamma:g}: {smallest_c(head, gamma):.3f}" for gamma in gammas)
    return _outcome(rows, f"Smallest c at which it falls everywhere, by γ: {bounds}.")


def smallest_c(head: Head, gamma: float) -> float:
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
        return bool(np.all(bracket(head, fine_P, c, gamma) >= 0))

    if fine(0.0):
        return 0.0
    return _bisected(fine, 0.0, max(2.0, gamma))


def crosspoint(c: float, gamma: float) -> float:
    """The p at which the two losses are equal: below it the complex one is larger."""
    return _bisected(lambda p: _gap(p, c, gamma) <= 0, 0.0, 1.0)


def _bisected(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Where something begins to hold that does not hold at `low` and does at `high`."""
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def with_gamma(head: Head, between: tuple[float, float], rises: bool, settings: Settings) -> Outcome:
    """Ask whether the loss rises (or falls) with γ over a whole range of p, from each γ to the next."""
    rows = []
    p_P = np.linspace(*between, 301)[1:-1]
    for c, gamma in settings:
        change_P = term(head, p_P, c, gamma + 1) - term(head, p_P, c, gamma)
        against_P = p_P[(change_P < 0) if rises else (change_P > 0)]
        way, other = ("rises", "falls") if rises else ("falls", "rises")
        measured = f"{way} everywhere"
        if against_P.size:
            measured = f"{other} for p from {against_P[0]:.2f} to {against_P[-1]:.2f}"
        name = f"c {c:g}, γ {gamma:g} to {gamma + 1:g}"
        wanted = f"{way} for p from {between[0]:g} to {between[1]:g}"
        rows.append(Seen(name, not against_P.size, measured, wanted))
    return _outcome(rows, "The loss changes by the factor c + p (simple) or 2 − c − p (complex) with γ.")


def crossing(settings: Settings) -> Outcome:
    """Ask whether the two losses cross at a p that grows as c falls, so that the complex one is larger below it."""
    rows = []
    by_gamma: dict[float, list[tuple[float, float]]] = {}
    for c, gamma in settings:
        by_gamma.setdefault(gamma, []).append((c, crosspoint(c, gamma)))
    for gamma, crosses in by_gamma.items():
        ordered = [p for _, p in sorted(crosses)]
        holds = all(above > below for above, below in pairwise(ordered))
        measured = "crosses at p " + ", ".join(f"{p:.2f} (c {c:g})" for c, p in sorted(crosses))
        rows.append(Seen(f"γ {gamma:g}", holds, measured, "p grows as c falls"))
    return _outcome(rows)


def hard_gradient(head: Head, smaller: bool, settings: Settings) -> Outcome:
    """Ask whether a head's gradient at hard samples (p below 0.3) is smaller, or larger, than log loss's 1 − p."""
    rows = []
    p_P = np.linspace(0.0, 0.3, 301)[1:-1]
    for setting in settings:
        ratio_P = np.abs(numeric_gradient(head, p_P, *setting)) / (1 - p_P)
        holds = bool(np.all(ratio_P < 1) if smaller else np.all(ratio_P > 1))
        measured = f"{ratio_P.min():.2f} to {ratio_P.max():.2f} times that of log loss"
        expected = f"{'below' if smaller else 'above'} 1 for p below 0.3"
        rows.append(Seen(_name(setting), holds, measured, expected))
    return _outcome(rows)


def weight(below: float, gammas: Sequence[float]) -> Outcome:
    """Check the bound of the focal factor (1 − p)^γ."""
    rows = []
    for gamma in gammas:
        largest = float(((1 - P_GRID) ** gamma).max())
        rows.append(Seen(f"γ {gamma:g}", largest < below, f"at most {largest:.3f}", f"< {below:g}"))
    return _outcome(rows)


def _gap(p: float, c: float, gamma: float) -> float:
    """How much larger the complex loss is."""
    p_P = np.array([p])
    return float((term("complex", p_P, c, gamma) - term("simple", p_P, c, gamma))[0])


def _sigmoid(z_P: Curve) -> Curve:
    return 1 / (1 + np.exp(-z_P))


def _name(setting: tuple[float, float]) -> str:
    return f"c {setting[0]:g}, γ {setting[1]:g}"


def _outcome(rows: Sequence[Seen], extra: str = "") -> Outcome:
    return PAPER.many(rows, extra=extra, evidence=("computed in float64",))


SWEPT_C, USED_C = (0.5, 0.7, 0.8, 0.9, 1.0), (0.7, 0.8, 0.9)
ALLOWED_C = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
GAMMAS, SWEPT_GAMMAS = (1.0, 2.0, 3.0), (1.0, 2.0, 3.0, 4.0, 5.0)
USED, SWEPT = grid(USED_C, GAMMAS), grid(SWEPT_C, GAMMAS)
STEPS = grid(USED_C, GAMMAS[:-1])  # each γ that the paper selects to the next
APART = grid(SWEPT_C[:-1], GAMMAS)  # at c = 1 the two heads are one
ON_PAPER: Mapping[str, Check] = {
    "E13": lambda _: fused_gradient(),
    "E14.simple": lambda _: gradient("simple", "simple", SWEPT),
    "E14.complex": lambda _: gradient("complex", "complex", SWEPT),
    "E14.distinct": lambda _: forms("simple", "complex", False, grid((0.7, 0.9), (1.0,))),
    "E15.sign": lambda _: forms("simple", "complex", True, grid(SWEPT_C[:-1], GAMMAS[1:])),
    "E15.gradient": lambda _: gradient("complex", "simple", APART),
    "E15.simple": lambda _: forms("simple", "simple", True, APART),
    "E07.simple": lambda _: monotone("simple", grid(ALLOWED_C, SWEPT_GAMMAS)),
    "E07.complex": lambda _: monotone("complex", grid((0.0, *ALLOWED_C), SWEPT_GAMMAS)),
    "P23": lambda _: weight(1.0, GAMMAS),
    "P56.monotone": lambda _: monotone("simple", USED),
    "F4.simple": lambda _: with_gamma("simple", (0.0, 0.3), False, STEPS),
    "F4.simple-others": lambda _: with_gamma("simple", (0.3, 1.0), True, STEPS),
    "F4.complex": lambda _: with_gamma("complex", (0.0, 0.3), True, STEPS),
    "F4.complex-others": lambda _: with_gamma("complex", (0.3, 1.0), False, STEPS),
    "F4.c": lambda _: crossing(APART),
    "E14.hard-simple": lambda _: hard_gradient("simple", True, USED),
    "E14.hard-complex": lambda _: hard_gradient("complex", False, USED),
}
