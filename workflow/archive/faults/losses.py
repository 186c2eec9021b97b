"""Bounds on a log loss, from the AUC and from counts of sample classes.

The sums by user hold ranks but no probabilities, so a log loss cannot be recomputed. It is checked
against everything else in the archive, and `verify` lists it among the fields that only training again checks.
"""

from collections.abc import Iterator
from math import log

import numpy as np

from workflow.archive.faults.records import evaluation_is_random
from workflow.data.store import Meta
from workflow.train.metrics import LOGLOSS_CLIP
from workflow.train.record import MISCLASSIFIED_BELOW, WELL_FROM, ClassCounts, Record

WORST_LOG_LOSS = -float(np.log(LOGLOSS_CLIP))
ROUNDING = 1e-6  # ŷ is in float32


def least_log_loss(auc: float, positives: int, negatives: int) -> float:
    """Smallest log loss of scores with this AUC.

    A pair in the wrong order, or tied, loses at least 2 ln 2 together, whatever its scores. There are at least
    (1 − AUC)·P·N such pairs, and a row is in at most max(P, N) of them: the rows lose
    2 ln 2·(1 − AUC)·P·N / max(P, N) at least, in all.

    >>> least_log_loss(1.0, 3, 5), round(least_log_loss(0.0, 4, 4), 6)
    (0.0, 0.693147)
    """
    return 2 * log(2) * (1 - auc) * min(positives, negatives) / (positives + negatives)


def class_bounds(counts: ClassCounts) -> tuple[float, float]:
    """Smallest and largest log loss, given the numbers of rows with p_t below 0.3, up to 0.6, and above."""
    wrong, poor, well = (
        positives + negatives for positives, negatives in zip(counts.positives, counts.negatives, strict=True)
    )
    rows = wrong + poor + well
    at_wrong, at_well = -log(MISCLASSIFIED_BELOW), -log(WELL_FROM)
    return (wrong * at_wrong + poor * at_well) / rows, (
        wrong * WORST_LOG_LOSS + poor * at_wrong + well * at_well
    ) / rows


def loss_faults(record: Record, meta: Meta) -> Iterator[str]:
    """Log losses that are impossible given the AUC and the sample classes of the record."""
    counts = {(one.epoch, str(one.split)): one for one in record.probes.class_counts}
    splits = {str(name): split for name, split in meta.splits.items()}
    of_epochs = [(f"epoch {one.epoch}: validation", "valid", one.epoch, one.valid) for one in record.epochs]
    best = (("validation", "valid", record.valid), ("test", "test", record.test))
    of_best = [(name, split, record.best_epoch or 0, metrics) for name, split, metrics in best if metrics is not None]
    for name, split, epoch, metrics in (*of_epochs, *of_best):
        positives, rows = splits[split].positives, splits[split].rows
        low, high = least_log_loss(metrics.auc, positives, rows - positives), WORST_LOG_LOSS
        if (epoch, split) in counts and not evaluation_is_random(record.spec.model):
            of_classes = class_bounds(counts[epoch, split])
            low, high = max(low, of_classes[0]), min(high, of_classes[1])
        if not low - ROUNDING <= metrics.logloss <= high + ROUNDING:
            yield f"{name} log loss is {metrics.logloss:.6f}, its other numbers allow {low:.6f} to {high:.6f}"
