"""The mean of gains over datasets, whose test sets are not the same rows: their errors are independent."""

from collections.abc import Sequence
from decimal import Decimal
from statistics import fmean

from workflow.analysis.compare.gains import NO_SUMS, Gain
from workflow.analysis.evidence.standing import joined
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.uncertainty import Estimate, satterthwaite


def mean_over_datasets(gains: Sequence[Gain], paper_points: Decimal | None = None) -> Gain:
    """The mean of gains on several datasets; it has no interval where one of them has none."""
    ground, paired = joined(each.ground for each in gains), all(each.paired for each in gains)
    terms = tuple((weight / len(gains), sample) for each in gains for weight, sample in each.terms)
    means = [each.mean for each in gains if each.mean is not None]
    mean = fmean(means) if len(means) == len(gains) else None
    found = [each.estimate for each in gains if isinstance(each.estimate, Estimate) and not each.one_error]
    if len(found) < len(gains):
        reason = next((each.why_no_test for each in gains if each.why_no_test), NO_SUMS)
        return Gain(terms, paper_points, mean, NoTest(reason), NoTest(reason), paired, None, ground)
    estimate = mean_of(found)
    p = None if ground.obstacle else estimate.p
    return Gain(terms, paper_points, mean, estimate, estimate, paired, p, ground)


def mean_of(found: Sequence[Estimate]) -> Estimate:
    """Mean of independent estimates, with Satterthwaite's degrees of freedom.

    Examples
    --------
    >>> found = mean_of([Estimate(0.2, 0.04, 0.0, 4), Estimate(0.4, 0.04, 0.0, 4)])
    >>> round(found.value, 6), found.seed_variance, round(found.df, 6)
    (0.3, 0.02, 8.0)
    """
    share = 1 / len(found) ** 2
    seeds = share * sum(one.seed_variance for one in found)
    testset = share * sum(one.testset_variance for one in found)
    df = satterthwaite([(share * one.se**2, one.df) for one in found])
    return Estimate(fmean(one.value for one in found), seeds, testset, df)
