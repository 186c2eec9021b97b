"""Compare two records of one run."""

from collections.abc import Sequence
from math import sqrt
from statistics import stdev

from scipy import special

from workflow.train.record import Record


def result_of(record: Record) -> dict[str, object]:
    """A record without its times: identical, bit for bit, on one kind of machine."""
    epochs = [epoch.model_dump(exclude={"train_s", "eval_s"}) for epoch in record.epochs]
    parts = record.model_dump(include={"status", "failure", "best_epoch", "valid", "test", "parameters", "files"})
    return {**parts, "epochs": epochs, "probes": record.probes.model_dump()}


def compare(own: Record, other: Record, siblings: Sequence[Record]) -> str | None:
    """How two records of one run compare; `siblings` are the configuration's other seeds. None if they conflict.

    "equal", "failed in both", or a difference of test AUC within the 95 % prediction interval of a difference of two
    runs, t(n - 1)·s·√2 with the standard deviation s of all n seeds.
    """
    if result_of(own) == result_of(other):
        return "equal"
    if own.test is None or other.test is None:  # where two fail, their messages may name paths and sizes
        return "failed in both" if own.status == other.status else None
    values = [own.test.auc, *(record.test.auc for record in siblings if record.test)]
    if len(values) < 2:
        return None
    allowed = float(special.stdtrit(len(values) - 1, 0.975)) * stdev(values) * sqrt(2)
    difference = abs(own.test.auc - other.test.auc)
    if difference > allowed:
        return None
    return f"test AUC differs by {difference:.6f}, within the seeds' {allowed:.6f}"
