"""Which runs are pairs: a rule that is fixed before any score is known.

A seed decides the order of rows by a generator of its own, and initial weights and dropout by
another. So two runs of one seed share

- the batches, where they train on the same rows with the same batch size;
- the initial weights and the dropout too, where they also have the same architecture.

The rule: pair where all of it is shared, Welch otherwise. The paired test is right whatever is
shared, but it estimates one spread from n − 1 degrees of freedom where Welch has up to 2n − 2; it
gives the narrower interval only if the pairs correlate by more than `break_even` (0.31 with five
seeds). Runs that share everything but a loss or one of its constants can be hoped to; runs that
share batches alone hardly. There Welch supposes independence, and what little they share, being
positive, makes it careful rather than sure.
"""

from dataclasses import dataclass

from scipy import special

from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.samples import MIN_SEEDS


@dataclass(frozen=True)
class Arm:
    """What decides how the runs of a configuration draw their luck.

    Parameters
    ----------
    data : str
        Identity of the prepared training rows.
    batch_rows : int
        Batch size.
    architecture : str
        Identity of everything that draws initial weights or dropout: model, widths, dropout rate.
    seeds : tuple of int
        One per run, in the order of their scores.
    """

    data: str
    batch_rows: int
    architecture: str
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Pairing:
    """Whether to pair, and why."""

    paired: bool
    reason: str


def pairing(x: Arm, y: Arm) -> Pairing:
    """Choose between the paired test and Welch's.

    Parameters
    ----------
    x, y : Arm
        The two configurations.

    Returns
    -------
    Pairing
        The reason is a clause for readers, of what is shared or what is not.

    Examples
    --------
    >>> log, focal = (Arm("frappe", 10_000, "DNN", (2020, 2021, 2022)) for _ in range(2))
    >>> pairing(log, focal)
    Pairing(paired=True, reason='paired: a seed gives both the same batches, initial weights and dropout')
    """
    if x.seeds != y.seeds:
        return _welch("the seeds are not the same")
    if len(set(x.seeds)) < len(x.seeds):
        return _welch("a seed stands twice")
    if x.data != y.data:
        return _welch("the training rows are not the same")
    if x.batch_rows != y.batch_rows:
        return _welch(f"batches of {x.batch_rows:,} and of {y.batch_rows:,} rows are not the same")
    if x.architecture != y.architecture:
        least = f"{break_even(max(len(x.seeds), MIN_SEEDS)):.2f}"
        return _welch(f"a seed gives both the same batches only, and pairs pay from a correlation of {least} on")
    return Pairing(True, "paired: a seed gives both the same batches, initial weights and dropout")


def break_even(seeds: int) -> float:
    """Correlation from which pairs of runs give a narrower interval than Welch's test.

    Parameters
    ----------
    seeds : int
        Runs on each side, at least 2; spreads are supposed equal.

    Returns
    -------
    float
        1 − (t(2n − 2) / t(n − 1))² for n seeds, with t the critical values at 5 %; in (0, 1).

    Examples
    --------
    >>> round(break_even(5), 2), round(break_even(30), 2)
    (0.31, 0.04)
    """
    unpaired, paired = (-float(special.stdtrit(df, ALPHA / 2)) for df in (2 * seeds - 2, seeds - 1))
    return 1 - (unpaired / paired) ** 2


def _welch(reason: str) -> Pairing:
    return Pairing(False, f"Welch: {reason}")
