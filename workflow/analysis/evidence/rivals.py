"""One model against many: the gain over the best of them, honestly tested.

The best rival is known only after the fact. A gain over it counts as shown only if the model
beats every rival: the claim's p-value is the largest of the single ones (an intersection-union
test, which needs no further correction). A loss to the best rival pays for the choice: its
p-value is multiplied by the number of rivals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from workflow.analysis.evidence.gains import Claim, Gain, gain, with_p
from workflow.analysis.evidence.number import ResultCell
from workflow.analysis.stats.samples import NoTest

UNFINISHED = (Claim.FAILED, Claim.NOT_RUN, Claim.MISSING)


@dataclass(frozen=True)
class Contest:
    """A model against its rivals on one dataset.

    `best` is the rival with the highest mean of ours, `paper_best` by the paper's prints.
    `gain.p` is the p-value of the claim about all rivals, `p_best` the plain one against `best`.
    """

    best: str | None
    paper_best: str | None
    gain: Gain
    p_best: float | None
    rivals: int


def contest(
    cells: Mapping[str, ResultCell], model: str, rivals: Sequence[str], paper_points: Mapping[str, Decimal]
) -> Contest | None:
    """Let a model meet its rivals.

    Parameters
    ----------
    cells : mapping of str to ResultCell
        By label; all with a planned run.
    model : str
        Label of the challenger.
    rivals : sequence of str
        Labels that it must beat; at least one.
    paper_points : mapping of str to Decimal
        What the paper prints, by label.

    Returns
    -------
    Contest or None
        None where the model or every rival is missing from `cells`. Where a rival lacks
        runs, the gain has no verdict: it might have been the best.

    Notes
    -----
    All p-values are two-sided, which is conservative for a claimed gain.
    """
    present = [label for label in rivals if label in cells]
    if model not in cells or not present:
        return None
    printed = {label: paper_points[label] for label in present if label in paper_points}
    paper_best = max(printed, key=lambda label: printed[label]) if printed else None
    paper_gain = None
    if paper_best is not None and model in paper_points:
        paper_gain = paper_points[model] - printed[paper_best]
    means = {label: mean for label in present if (mean := cells[label].mean) is not None}
    best = max(means, key=lambda label: means[label]) if means else None
    single = {label: gain(cells[model], cells[label]) for label in present}
    claim = gain(cells[model], cells[best or present[0]], paper_gain)
    unfinished = next((each.claim for each in single.values() if each.claim in UNFINISHED), None)
    if unfinished:
        claim = Gain(paper_gain, claim.mean, claim.comparison, claim.permutation, None, unfinished)
        return Contest(best, paper_best, claim, None, len(present))
    return Contest(best, paper_best, _judged(claim, list(single.values())), claim.p, len(present))


def _judged(claim: Gain, single: Sequence[Gain]) -> Gain:
    if claim.p is None or claim.mean is None:
        return claim
    if claim.mean <= 0:
        return with_p(claim, min(1.0, claim.p * len(single)))
    tested = [each.p for each in single if each.p is not None]
    # A rival without any spread beside a model without any gives no p; the claim then has none either.
    return with_p(claim, max(tested) if len(tested) == len(single) else 1.0)


def power_line(title: str, each: Gain) -> str | None:
    """What gain these seeds would have noticed; None where nothing was tested."""
    if isinstance(each.comparison, NoTest):
        return None
    noticed = 100 * each.comparison.detectable
    return f"{title}: these seeds and their spread would notice a true gain of {noticed:.2f} four times in five."
