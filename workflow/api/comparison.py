"""Compare one configuration with another, with the verdicts of the audit."""

from dataclasses import dataclass

from workflow.analysis.compare.gains import gain, opposite
from workflow.analysis.evidence.cells import Observed, sample
from workflow.analysis.evidence.standing import Standing, ground_of
from workflow.analysis.stats.testset import ClusterSums
from workflow.api.training import Metric, Runs, require_metric
from workflow.errors import UserError
from workflow.train.keep import read_user_sums


@dataclass(frozen=True)
class Comparison:
    """Mean of one configuration minus mean of another, in the unit of the metric, with its 95 % interval.

    `word` is `gain` or `loss` where a two-sided t test shows one, `no difference` where the whole
    interval lies within ± 0.001, else `open`, with the `reason` where there can be no test; `failed`
    where a run failed. For AUC and gAUC interval and test hold the errors of seeds and of the test
    set, for log loss of seeds alone. `p` is not corrected: for many comparisons see Table IV.
    """

    metric: Metric
    mean: float | None
    low: float | None
    high: float | None
    p: float | None
    word: str
    reason: str = ""


def compare(of: Runs, over: Runs, metric: Metric = "auc") -> Comparison:
    """Compare two configurations on one dataset, with the verdicts of the audit.

    Parameters
    ----------
    of, over : Runs
        Three finished runs or more each.
    metric : str
        "auc", "gauc" or "logloss". A lower logloss is a `gain`.

    Raises
    ------
    UserError
        When the two were tested on different data, or the metric is none of these.
    """
    require_metric(metric)
    data = {record.provenance.data_fingerprint for record in (*of.finished, *over.finished)}
    if len(data) > 1:
        raise UserError(f"{of.label} and {over.label}: were trained on different data; fit both on one dataset")
    found = gain(sample(_observed(of), metric), sample(_observed(over), metric))
    better = opposite(found) if metric == "logloss" else found
    low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
    return Comparison(metric, found.mean, low, high, found.p, better.verdict.word, found.why_no_test)


def _observed(runs: Runs) -> Observed:
    """The runs in the form that the analysis reads."""
    sums = {record.spec.key: read_user_sums(record) for record in runs.finished}
    return Observed(
        cell=runs.cell,
        records=runs.records,
        ground=ground_of([record.status for record in runs.records], [Standing.OWN]),
        sums={key: ClusterSums(**vars(one)) for key, one in sums.items() if one is not None},
    )
