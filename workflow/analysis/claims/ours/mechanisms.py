"""What the paper says its figures show of the models at work, as tests on what probes recorded.

Each test was fixed before its data were looked at: what is measured, over what, and the bar. One
value a seed: shares of a split's rows in percent, so that all rows of a seed are one observation;
t tests over seeds then say how sure a sign is, as rows of one run depend on each other. Both labels
count unless a test says otherwise. Holm's correction spans the family that the claim names.

Shapes: S seeds.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from workflow.analysis.claims.ours.cells import Runs, Target
from workflow.analysis.claims.ours.trials import Trial
from workflow.analysis.claims.ours.weigh import OnRuns
from workflow.analysis.evidence.standing import joined
from workflow.analysis.paper.facts import Frame
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.trends import gradual
from workflow.analysis.stats.uncertainty import Estimate, estimate
from workflow.train.record import HISTOGRAM_BINS, MISCLASSIFIED_BELOW, WELL_FROM, ClassCounts, Histogram, Record

CLASSES = ("misclassified", "poorly classified", "well classified")
LABELS = ("negatives", "positives")
DRAWN = ("frappe", "ml-tag")  # what Figures 2 and 10 draw
KEPT = 0.9  # of a share: less of it left is a fall that counts
NO_CHANGE = 0.1  # of a series' median: a change within it over the epoch is none
STABLE_FROM = {"frappe": 6, "ml-tag": 8}  # epochs that section 4.4.1 names
SETTLED_points = 0.1  # the bar from which on the paper counts a gain
Trials = Callable[[Frame, Runs], Iterator[Trial]]
Measure = Callable[[Record], float]

# -- Figure 2 -------------------------------------------------------------------------


def easy_outnumber_hard(_: Frame, runs: Runs) -> Iterator[Trial]:
    """Figure 2 (a–d): on train after the first recorded epoch more rows are well classified than misclassified."""
    for dataset in DRAWN:
        target = runs.at({"figure": "2", "dataset": dataset, "model": "DNN"})

        def surplus(record: Record) -> float:
            shares = _drawn(record, "train")[0]
            return shares[2] - shares[0]

        yield _one(target, surplus, f"{dataset}: well classified less misclassified on train, first epoch")


def hard_stay_hard(_: Frame, runs: Runs) -> Iterator[Trial]:
    """Figure 2 (e–l): from the first to the last recorded epoch neither class loses a tenth of its validation share.

    Misclassified and poorly classified rows apart; measured is the last share less 0.9 of the first.
    """
    for dataset in DRAWN:
        target = runs.at({"figure": "2", "dataset": dataset, "model": "DNN"})
        for index in (0, 1):

            def left(record: Record, index: int = index) -> float:
                shares = _drawn(record, "valid")
                return shares[-1][index] - KEPT * shares[0][index]

            yield _one(target, left, f"{dataset}: {CLASSES[index]} on validation, last less {KEPT} of first")


def worse_on_validation(_: Frame, runs: Runs) -> Iterator[Trial]:
    """Figure 2 (e, i): on Frappe more rows are misclassified on validation than on train, at the last epoch.

    The weakest reading, as nearly every network shows some of it.
    """
    target = runs.at({"figure": "2", "dataset": "frappe", "model": "DNN"})

    def gap(record: Record) -> float:
        return _drawn(record, "valid")[-1][0] - _drawn(record, "train")[-1][0]

    yield _one(target, gap, "frappe: misclassified on validation less on train, last epoch")


# -- Figure 5 -------------------------------------------------------------------------


def gradients(datasets: Sequence[str], expected: Mapping[tuple[str, str], str]) -> Trials:
    """Figure 5: how the gradient norm of a logit moves over the steps of the first epoch.

    Parameters
    ----------
    datasets : sequence of str
        Where.
    expected : mapping of (str, str) to str
        By loss and branch: increasing, decreasing or no change.

    Returns
    -------
    callable
        Mann and Kendall's test on block means of the seeds' mean at each step (`stats.trends.gradual`).
        A change that surely lies within a tenth of the median over the whole epoch is none.
    """

    def trials(_: Frame, runs: Runs) -> Iterator[Trial]:
        for dataset in datasets:
            for (loss, branch), wanted in expected.items():
                target = runs.at({"figure": "5", "dataset": dataset, "loss": loss})
                sign = "z_s" if branch == "simple" else "z_c"
                trial = Trial(f"{dataset}, {_LOSSES[loss]}: gradient at {sign}", target.ground, target.keys, wanted)
                if target.ground.obstacle is None:
                    _move(trial, [_norms(record, branch) for record in _finished(target)], wanted)
                yield trial

    return trials


def _move(trial: Trial, curves_S: Sequence[Sequence[float]], wanted: str) -> None:
    found = gradual(np.mean(np.asarray(curves_S, dtype=np.float64), axis=0))
    if isinstance(found, NoTest):
        trial.reason = found.reason
        return
    trial.difference, trial.unit = 100 * found.change.value, " % over the epoch"
    still = found.finding(NO_CHANGE) == "no change"
    if wanted == "no change":
        trial.asks = ()
        trial.agrees, trial.fails = still, min(abs(found.change.low), abs(found.change.high)) > NO_CHANGE and not still
        return
    trial.fails = still
    trial.above = (found.tau > 0) is (wanted == "increasing")
    if not still:
        trial.tests["bar"] = found.p


# -- Figure 10 ------------------------------------------------------------------------


def classes_of_models(index: int, sign: int) -> Trials:
    """Figure 10: TF4CTR's share of a class against DualMLP's, mean over all epochs, on validation and test.

    The models differ, so that seeds are no pairs (Welch). `sign` is 1 where TF4CTR has to have more.
    """

    def trials(_: Frame, runs: Runs) -> Iterator[Trial]:
        for dataset in DRAWN:
            own, other = (
                runs.at({"figure": "10", "dataset": dataset, "model": name}) for name in ("TF4CTR", "DualMLP")
            )
            for split, where in _SPLITS.items():
                ground = joined((own.ground, other.ground))
                label = f"{dataset}: {CLASSES[index]} on {where}, TF4CTR less DualMLP"
                trial = Trial(label, ground, (*own.keys, *other.keys), "> 0" if sign > 0 else "< 0")
                if ground.obstacle is None:
                    sides = [[_overall(one, split)[index] for one in _finished(side)] for side in (own, other)]
                    _settle(trial, estimate(*sides, paired=False), sign)
                yield trial

    return trials


def positives_are_worse(_: Frame, runs: Runs) -> Iterator[Trial]:
    """Section 4.4.1: a larger share of positives than of negatives is misclassified, mean over all epochs."""
    for dataset in DRAWN:
        for model in ("TF4CTR", "DualMLP"):
            target = runs.at({"figure": "10", "dataset": dataset, "model": model})
            for split, where in _SPLITS.items():

                def gap(record: Record, split: str = split) -> float:
                    return _overall(record, split, "positives")[0] - _overall(record, split, "negatives")[0]

                label = f"{dataset} {model}: misclassified on {where}, positives less negatives"
                yield _one(target, gap, label)


def refines_on(_: Frame, runs: Runs) -> Iterator[Trial]:
    """Section 4.4.1: after the epoch where DualMLP settles, TF4CTR's share not well classified still falls.

    On validation and test, from epoch 6 (Frappe) or 8 (ML-tag) to the last.
    """
    for dataset, start in STABLE_FROM.items():
        target = runs.at({"figure": "10", "dataset": dataset, "model": "TF4CTR"})
        for split, where in _SPLITS.items():

            def change(record: Record, split: str = split, start: int = start) -> float:
                counts = _counted(record, split)
                first = max(epoch for epoch in counts if epoch <= start)
                return _shares(counts[first])[2] - _shares(counts[max(counts)])[2]  # what is not well classified

            label = f"{dataset} TF4CTR: not well classified on {where}, last epoch less epoch {start}"
            yield _one(target, change, label, sign=-1)


def settles(_: Frame, runs: Runs) -> Iterator[Trial]:
    """Section 4.4.1: after epoch 6 (Frappe) or 8 (ML-tag) DualMLP's validation AUC gains less than the paper's bar.

    Measured is the best AUC of the later epochs less that of the named one, in points; none later is no gain.
    """
    for dataset, start in STABLE_FROM.items():
        target = runs.at({"figure": "10", "dataset": dataset, "model": "DualMLP"})

        def gained(record: Record, start: int = start) -> float:
            auc_E = [epoch.valid.auc for epoch in record.epochs]
            return 100 * (max(auc_E[start - 1 :]) - auc_E[start - 1]) if len(auc_E) >= start else 0.0

        label = f"{dataset} DualMLP: validation AUC, best later less epoch {start}"
        trial = Trial(label, target.ground, target.keys, f"< {SETTLED_points}", unit=" points", asks=())
        if target.ground.obstacle is None:
            value_S = [gained(record) for record in _finished(target)]
            trial.difference = float(np.mean(value_S))
            found = estimate(value_S, [0.0] * len(value_S), paired=True)
            if isinstance(found, NoTest):
                trial.reason = found.reason
            else:
                above = found.p_above(SETTLED_points)
                trial.agrees, trial.fails = 1 - above < ALPHA, above < ALPHA
        yield trial


# -- parts ----------------------------------------------------------------------------

_SPLITS = {"valid": "validation", "test": "test"}
_LOSSES = {"twin_focus": "L_ctr + L_TF", "log": "L_ctr"}


def _finished(target: Target) -> Sequence[Record]:
    return target.observed.finished if target.observed else ()


def _one(target: Target, measure: Measure, label: str, sign: int = 1) -> Trial:
    """A trial that something of each run is above 0, or below."""
    trial = Trial(label, target.ground, target.keys, "> 0" if sign > 0 else "< 0")
    if target.ground.obstacle is None:
        value_S = [measure(record) for record in _finished(target)]
        _settle(trial, estimate(value_S, [0.0] * len(value_S), paired=True), sign, float(np.mean(value_S)))
    return trial


def _settle(trial: Trial, found: Estimate | NoTest, sign: int, value: float | None = None) -> None:
    trial.unit = " %"
    if isinstance(found, NoTest):
        trial.difference, trial.reason = value, found.reason
        return
    trial.difference, trial.above = found.value, found.value * sign > 0
    trial.tests["bar"] = found.test().p


def _drawn(record: Record, split: str) -> list[Sequence[float]]:
    """Shares of the three classes in percent, at each recorded epoch."""
    found = sorted((each for each in record.probes.histograms if each.split == split), key=lambda each: each.epoch)
    return [_of_bins(each) for each in found]


def _of_bins(drawn: Histogram) -> Sequence[float]:
    """Shares of the classes; class bounds are edges of bins."""
    wrong, well = round(MISCLASSIFIED_BELOW * HISTOGRAM_BINS), round(WELL_FROM * HISTOGRAM_BINS)
    rows = np.asarray(drawn.positives) + np.asarray(drawn.negatives)[::-1]  # by p_t
    counts = np.array([rows[:wrong].sum(), rows[wrong:well].sum(), rows[well:].sum()])
    return 100 * counts / max(counts.sum(), 1)


def _counted(record: Record, split: str) -> dict[int, ClassCounts]:
    return {each.epoch: each for each in record.probes.class_counts if each.split == split}


def _shares(counted: ClassCounts, *labels: str) -> Sequence[float]:
    rows = np.sum([getattr(counted, label) for label in labels or LABELS], axis=0)
    return 100 * rows / max(rows.sum(), 1)


def _overall(record: Record, split: str, *labels: str) -> Sequence[float]:
    """Shares of the classes, mean over all epochs."""
    return np.mean([_shares(each, *labels) for each in _counted(record, split).values()], axis=0)


def _norms(record: Record, branch: str) -> Sequence[float]:
    return getattr(record.probes.gradient_norms[0], branch)


_PARTED = {("twin_focus", "complex"): "increasing", ("twin_focus", "simple"): "decreasing"}
_STILL = {("log", "complex"): "no change", ("log", "simple"): "no change"}
AS_SAID = "every comparison as the claim says"
ON_RUNS: Mapping[str, OnRuns] = {
    "F2.easy": OnRuns("more easy than hard samples", AS_SAID, easy_outnumber_hard),
    "F2.fit": OnRuns("hard and challenging samples stay", AS_SAID, hard_stay_hard),
    "F2.frappe": OnRuns("", AS_SAID, worse_on_validation),
    "F5.part": OnRuns("gradients of figure 5", AS_SAID, gradients(("criteo",), _PARTED)),
    "F5.stay": OnRuns("gradients of figure 5", AS_SAID, gradients(("criteo",), _STILL)),
    "F5.part-elsewhere": OnRuns("gradients beyond figure 5", AS_SAID, gradients(("frappe", "ml-1m"), _PARTED)),
    "F5.stay-elsewhere": OnRuns("gradients beyond figure 5", AS_SAID, gradients(("frappe", "ml-1m"), _STILL)),
    "F10.well": OnRuns("classes of figure 10, well", AS_SAID, classes_of_models(2, 1)),
    "F10.poorly": OnRuns("classes of figure 10, poorly", AS_SAID, classes_of_models(1, -1)),
    "F10.refines": OnRuns("refinement of figure 10", AS_SAID, refines_on),
    "F10.positives": OnRuns("positives of figure 10", AS_SAID, positives_are_worse),
    "P61": OnRuns("", AS_SAID, settles),
}
