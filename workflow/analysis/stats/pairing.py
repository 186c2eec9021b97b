"""Which runs are paired: a rule that is fixed before any score is known.

A seed decides the order of rows by a generator of its own, and initial weights and dropout by
another. So two runs of one seed share

- the batches, where they train on the same rows with the same batch size;
- the initial weights and the dropout too, where they also have the same architecture.

The rule: pair where all of it is shared and one kind of machine computed all runs, as rounding is
luck, too; Welch otherwise. The paired test is right whatever is
shared, but it estimates one spread from n − 1 degrees of freedom where Welch has up to 2n − 2; it
gives the narrower interval only if the pairs correlate by more than 1 − (t(2n − 2) / t(n − 1))²,
with t the critical values at 5 %: 0.31 with five seeds. Runs that share everything but a loss or
one of its constants can be hoped to; runs that share batches alone hardly. There Welch supposes
independence, and what little they share, being positive, makes it careful rather than sure.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Arm:
    """What decides the random draws of a configuration's runs."""

    data: str  # identity of the prepared training rows
    batch_rows: int
    architecture: str  # identity of all that draws initial weights or dropout: model, widths, dropout rate
    seeds: tuple[int, ...]  # one per run, in the order of their scores
    machine: str  # the kind that computed all of them; empty where there are several


def is_paired(x: Arm, y: Arm) -> bool:
    """Whether the runs of two configurations are compared in pairs rather than by Welch's test.

    They are if a seed gives both the same batches, initial weights, dropout and rounding.

    Examples
    --------
    >>> log, focal = (Arm("frappe", 10_000, "DNN", (2020, 2021, 2022), "a CPU") for _ in range(2))
    >>> is_paired(log, focal)
    True
    """
    return x == y and x.machine != "" and len(set(x.seeds)) == len(x.seeds)
