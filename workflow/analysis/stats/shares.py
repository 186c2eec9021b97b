"""A share of independent trials."""

from scipy import special

from workflow.analysis.stats.effect import ALPHA


def exact_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share by Clopper and Pearson: the Beta quantiles that have α/2 beyond them.

    Examples
    --------
    >>> [round(end, 4) for end in exact_interval(9, 10)]
    [0.555, 0.9975]
    """
    misses = trials - successes
    low = special.betaincinv(successes, misses + 1, ALPHA / 2) if successes else 0.0
    high = special.betaincinv(successes + 1, misses, 1 - ALPHA / 2) if misses else 1.0
    return float(low), float(high)
