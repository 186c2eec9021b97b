"""A planned cell with the results of its runs, and one metric of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np

from workflow.analysis.evidence.standing import Ground, joined
from workflow.analysis.stats.pairing import Arm
from workflow.analysis.stats.testset import ClusterSums, auc_covariance, mean_sums, same_rows
from workflow.analysis.stats.uncertainty import TestSet
from workflow.files import sha256_json
from workflow.plan.cells import Cell
from workflow.spec import RunSpec
from workflow.train.record import Record
from workflow.train.timing_record import Timed

MEAN_OF_TWO = "mean-of-two"
SCORES = ("auc", "gauc")  # metrics that another test set would change


@dataclass(frozen=True)
class Sample:
    """Values of one metric over the runs of a cell, one per finished run that has it, and their standing."""

    values: tuple[float, ...]
    ground: Ground
    metric: str = "auc"  # auc, gauc, or another, of which no test-set error is known
    arm: Arm | None = None  # what decides the runs' random draws, and so whether they are paired with another cell's
    sums: tuple[ClusterSums, ...] = ()  # of each run on the test split, in the order of the values; empty if one lacks
    key: str = ""  # identity of the configuration, so that a cell in two tables counts once
    data: str = ""  # identity of the prepared data
    own_split: bool = False  # whether its test rows are drawn by us, not the paper's
    label: str = ""
    keys: tuple[str, ...] = ()  # of all planned runs

    @property
    def planned(self) -> int:
        """How many runs are planned."""
        return len(self.keys)


@dataclass(frozen=True)
class Observed:
    """One configuration on one dataset, with the record of each seed that has one."""

    cell: Cell
    records: tuple[Record | None, ...]
    ground: Ground
    timed: Timed | None = None  # its readings, if the cell is timed and not trained
    sums: Mapping[str, ClusterSums] = field(default_factory=dict)  # by run key, sums by user of the test split
    archive: str | None = None  # the file of all records, if they have no own files
    two: tuple[ClusterSums, ...] = ()  # by seed, if the cell is the mean of two runs' logits: see `evidence.pairs`

    def file_of(self, run: RunSpec) -> str:
        """The file that has a run's record."""
        return self.archive or run.record_path.as_posix()

    @property
    def places(self) -> tuple[str, ...]:
        """Where the records are: the files of all planned runs, or those that an archive has, by run key."""
        if self.archive is None:
            return tuple(map(self.file_of, self.cell.runs))
        found = zip(self.cell.runs, self.records, strict=False)
        return tuple(f"{self.archive}#{run.key}" for run, record in found if record)

    @property
    def label(self) -> str:
        """Its name for readers."""
        return self.cell.label

    @property
    def at(self) -> Mapping[str, str]:
        """Its coordinates."""
        return self.cell.at

    @property
    def keys(self) -> tuple[str, ...]:
        """Identities of its runs."""
        return tuple(run.key for run in self.cell.runs)

    @property
    def finished(self) -> tuple[Record, ...]:
        """Records of the runs that ended with a result."""
        return tuple(record for record in self.records if record and record.status == "ok")

    @property
    def is_of_two(self) -> bool:
        """Whether it is the mean of two runs' logits, and no run's."""
        return self.at.get("variant") == MEAN_OF_TWO

    @property
    def beyond(self) -> bool:
        """Whether the paper has no such row, although it may be compared with a printed number."""
        return self.cell.at != self.cell.print_at

    def values(self, metric: str, split: str = "test") -> tuple[float, ...]:
        """The metric of each finished run that has it."""
        if self.timed is not None:
            return tuple(getattr(self.timed, metric, ()))
        parts = self.two if self.two and split == "test" else [getattr(record, split) for record in self.finished]
        found = [getattr(part, metric, None) for part in parts]
        return tuple(value for value in found if value is not None)


def sample(observed: Observed, metric: str) -> Sample:
    """One metric of a cell, on the test split."""
    values = observed.values(metric)
    records = [record for record in observed.finished if getattr(record.test, metric, None) is not None]
    sums = observed.two or tuple(observed.sums[key] for record in records if (key := record.spec.key) in observed.sums)
    whole = sums if len(sums) == len(records) else ()
    run = observed.cell.runs[0]
    own_split = run.dataset.preparation.split is not None
    key = f"{run.id}, two" if observed.is_of_two else run.id
    arm, data, keys = _arm(records), run.dataset.id, observed.keys
    return Sample(values, observed.ground, metric, arm, whole, key, data, own_split, observed.label, keys)


def mean_sample(samples: Sequence[Sample]) -> Sample:
    """Mean of several cells, at least one, seed by seed, as one cell.

    A mean of AUCs is linear in what each run leaves of a user, and so are its errors over test sets. It has no values
    where the cells differ in the number of theirs, and no arm, as it is of several architectures.
    """
    ground, metric = joined(one.ground for one in samples), samples[0].metric
    if len({len(one.values) for one in samples}) > 1:
        return Sample((), ground, metric)
    values = tuple(fmean(at) for at in zip(*(one.values for one in samples), strict=True))
    if _sums_of(samples) is None:
        return Sample(values, ground, metric)
    means = (mean_sums(at) for at in zip(*(one.sums for one in samples), strict=True))
    return Sample(values, ground, metric, sums=tuple(means))


def _arm(records: Sequence[Record]) -> Arm | None:
    """What random draws the runs of a cell share with others; None if they were made from different data."""
    if len({record.provenance.data_fingerprint for record in records}) != 1:
        return None
    spec, machines = records[0].spec, {record.provenance.hardware for record in records}
    return Arm(
        data=records[0].provenance.data_fingerprint,
        batch_rows=spec.training.batch_size,
        architecture=sha256_json(spec.model.model_dump(mode="json")),
        seeds=tuple(record.spec.seed for record in records),
        machine=machines.pop() if len(machines) == 1 else "",
    )


def testset_of(*samples: Sample) -> TestSet | None:
    """Errors over test sets of all runs of some samples, in order.

    None where a run left no sums or of other rows, or where a class (of gAUC: both) is with a single user only.
    """
    sums = _sums_of(samples)
    if sums is None:
        return None
    if samples[0].metric == "auc":
        return TestSet(auc_covariance(sums), sums[0].clusters) if sums[0].clusters_of_each_class > 1 else None
    users = int(np.count_nonzero(sums[0].weight_U))
    if users < 2:
        return None
    draws_DR = np.stack([each.gauc_draws_D for each in sums], axis=1)
    return TestSet(np.cov(draws_DR, rowvar=False), users)


def _sums_of(samples: Sequence[Sample]) -> list[ClusterSums] | None:
    sums = [each for one in samples for each in one.sums]
    metrics = {one.metric for one in samples}
    whole = bool(sums) and len(sums) == sum(len(one.values) for one in samples)
    return sums if whole and len(metrics) == 1 and metrics <= set(SCORES) and same_rows(sums) else None
