"""One configuration against another, by the project's own statistics."""

from dataclasses import dataclass
from typing import Literal

from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.pairing import Arm, is_paired
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.testset import ClusterSums, auc_covariance, same_rows
from workflow.analysis.stats.uncertainty import TestSet, estimate
from workflow.api.training import Metric, Runs
from workflow.errors import UserError
from workflow.files import sha256_json
from workflow.train.keep import read_user_sums

MARGIN = 0.001  # AUC: the paper's own bar for a gain that counts
Word = Literal["gain", "loss", "no difference", "open"]


@dataclass(frozen=True)
class Comparison:
    """Mean of one configuration less mean of another, in the unit of the metric, with its 95 % interval.

    `word` is `gain` or `loss` where a two-sided t test shows one, `no difference` where the whole
    interval lies within ± 0.001, else `open`, with the `reason` where there can be no test. For AUC
    the interval holds the errors of seeds and of the test set, otherwise of seeds alone.
    """

    metric: Metric
    mean: float | None
    low: float | None
    high: float | None
    p: float | None
    word: Word
    reason: str = ""


def compare(of: Runs, over: Runs, metric: Metric = "auc") -> Comparison:
    """Compare two configurations on one dataset, in the words of the audit.

    Parameters
    ----------
    of, over : Runs
        Three finished runs or more each.
    metric : str
        "auc", "gauc" or "logloss". A lower logloss is a `gain`.

    Raises
    ------
    UserError
        When the two were tested on different data.
    """
    data = {record.provenance.data_fingerprint for record in (*of.finished, *over.finished)}
    if len(data) > 1:
        raise UserError(f"{of.label} and {over.label}: were trained on different data; fit both on one dataset")
    x, y = of.scores(metric), over.scores(metric)
    paired = is_paired(_luck(of), _luck(over)) and len(x) == len(y)
    found = estimate(x, y, paired=paired, testset=_testset(of, over) if metric == "auc" else None)
    if isinstance(found, NoTest):
        mean = sum(x) / len(x) - sum(y) / len(y) if x and y else None
        return Comparison(metric, mean, None, None, None, "open", found.reason)
    interval, p = found.interval(), found.test().p
    better = found.value < 0 if metric == "logloss" else found.value > 0
    word: Word = "open"
    if p < ALPHA:
        word = "gain" if better else "loss"
    elif found.equivalence_p(MARGIN) < ALPHA / 2:
        word = "no difference"
    return Comparison(metric, found.value, interval.low, interval.high, p, word)


def _luck(runs: Runs) -> Arm:
    records = runs.finished
    spec = records[0].spec if records else None
    machines = {record.provenance.hardware for record in records}
    return Arm(
        data=records[0].provenance.data_fingerprint if records else "",
        batch_rows=spec.training.batch_size if spec else 0,
        architecture=sha256_json(spec.model.model_dump(mode="json")) if spec else "",
        seeds=tuple(record.spec.seed for record in records),
        machine=machines.pop() if len(machines) == 1 else "",
    )


def _testset(of: Runs, over: Runs) -> TestSet | None:
    sums = [read_user_sums(record) for record in (*of.finished, *over.finished)]
    known = [ClusterSums(**vars(one)) for one in sums if one is not None]
    if len(known) != len(sums) or len(known) < 2 or not same_rows(known) or known[0].clusters < 2:
        return None
    return TestSet(auc_covariance(known), known[0].clusters)
