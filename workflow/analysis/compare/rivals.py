"""One model against many: the gain over the best of them, honestly tested.

The best rival is known only after the fact. A gain over it counts as shown only if the model
beats every rival: the claim's p-value is the largest of the single ones (an intersection-union
test, which needs no further correction). A loss to the best rival pays for the choice: its
p-value is multiplied by the number of rivals. With one rival it is that gain itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from workflow.analysis.compare.gains import Gain, gain
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.standing import joined
from workflow.analysis.stats.moderation import Prior


def over_best(
    own: Sample,
    rivals: Mapping[str, Sample],
    prior: Prior | None = None,
    paper_points: Decimal | None = None,
    bar: Fraction = Fraction(0),
) -> tuple[str | None, Gain]:
    """Compare a model with the best of its rivals.

    Parameters
    ----------
    own : Sample
        The challenger.
    rivals : mapping of str to Sample
        By name, all that it must beat; at least one.
    prior : Prior, optional
        Of the variances of cells on the same data.
    paper_points : Decimal, optional
        The gain that the paper prints.
    bar : Fraction
        What the gain has to pass, in AUC; it is taken off.

    Returns
    -------
    tuple of (str or None, Gain)
        The rival with the highest mean of ours, and the gain over it with the p-value of the claim about all
        rivals. Where the model or a rival lacks a run the gain has no finding: it might have been the best.

    Notes
    -----
    All p-values are two-sided, which is conservative for a claimed gain.
    """
    means = {name: sum(rival.values) / len(rival.values) for name, rival in rivals.items() if rival.values}
    best = max(means, key=lambda name: means[name]) if means else None
    best_gain = gain(own, rivals[best] if best else next(iter(rivals.values())), prior, paper_points, bar)
    ground = joined((own.ground, *(rival.ground for rival in rivals.values())))
    if ground.obstacle is not None:
        return best, replace(best_gain, p=None, ground=ground)
    singles = [gain(own, rival, prior, bar=bar) for rival in rivals.values()]
    return best, replace(best_gain, p=_p(best_gain, singles), ground=ground)


def _p(best_gain: Gain, singles: list[Gain]) -> float | None:
    if best_gain.p is None or best_gain.mean is None:
        return None
    if best_gain.mean <= 0:
        return min(1.0, best_gain.p * len(singles))
    tested = [each.p for each in singles if each.p is not None]
    # A rival without any spread beside a model without any gives no p; the claim then has none either.
    return max(tested) if len(tested) == len(singles) else 1.0
