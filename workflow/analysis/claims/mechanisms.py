"""What the paper says its figures show of the models at work, as tests on what probes recorded.

Each test was fixed before its data were looked at: what is measured, over what, and the bar. One
value a seed: shares of a split's rows in percent, so that all rows of a seed are one observation;
t tests over seeds then say how sure a sign is, as rows of one run depend on each other. Both labels
count unless a test says otherwise. The tests of one claim are corrected together.

Shapes: S seeds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from workflow.analysis.claims.runs import Case, Ours, Side, case
from workflow.analysis.claims.tested import Tested, family, signed
from workflow.analysis.claims.weigh import RunCheck, conclude
from workflow.analysis.compare.gains import BAR_points, Gain, gain_of
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.standing import NOT_RUN
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.trends import gradual
from workflow.analysis.stats.uncertainty import Estimate
from workflow.train.record import HISTOGRAM_BINS, MISCLASSIFIED_BELOW, WELL_FROM, ClassCounts, Histogram, Record

CLASSES = ("misclassified", "poorly classified", "well classified")
LABELS = ("negatives", "positives")
DRAWN = ("frappe", "ml-tag")  # what Figures 2 and 10 draw
KEPT = 0.9  # of a share: less of it left is a fall that counts
NO_CHANGE = 0.1  # of a series' median: a change within it over the epoch is none
STABLE_FROM = {"frappe": 6, "ml-tag": 8}  # epochs that section 4.4.1 names
SPLITS = {"valid": "validation", "test": "test"}
LOSSES = {"twin_focus": "L_ctr + L_TF", "log": "L_ctr"}
Measure = Callable[[Record], float]

# -- Figure 2 -------------------------------------------------------------------------


def easy_outnumber_hard(ours: Ours) -> Iterable[Tested]:
    """Figure 2 (a–d): on train after the first recorded epoch more rows are well classified than misclassified."""

    def surplus(record: Record) -> float:
        shares = _drawn(record, "train")[0]
        return shares[2] - shares[0]

    for dataset in DRAWN:
        name = f"{dataset}: well classified less misclassified on train, first epoch"
        yield _positive(name, _measured(ours, surplus, figure="2", dataset=dataset, model="DNN"))


def hard_stay_hard(ours: Ours) -> Iterable[Tested]:
    """Figure 2 (e–l): from the first to the last recorded epoch neither class loses a tenth of its validation share.

    Misclassified and poorly classified rows apart; measured is the last share less 0.9 of the first.
    """

    def left(index: int, record: Record) -> float:
        shares = _drawn(record, "valid")
        return shares[-1][index] - KEPT * shares[0][index]

    for dataset in DRAWN:
        for index in (0, 1):
            side = _measured(ours, partial(left, index), figure="2", dataset=dataset, model="DNN")
            yield _positive(f"{dataset}: {CLASSES[index]} on validation, last less {KEPT} of first", side)


def worse_on_validation(ours: Ours) -> Iterable[Tested]:
    """Figure 2 (e, i): on Frappe more rows are misclassified on validation than on train, at the last epoch.

    The weakest reading, as nearly every network shows some of it.
    """

    def gap(record: Record) -> float:
        return _drawn(record, "valid")[-1][0] - _drawn(record, "train")[-1][0]

    side = _measured(ours, gap, figure="2", dataset="frappe", model="DNN")
    yield _positive("frappe: misclassified on validation less on train, last epoch", side)


# -- Figure 5 -------------------------------------------------------------------------


def gradients(ours: Ours, datasets: Sequence[str], expected: Mapping[tuple[str, str], str]) -> Iterable[Tested]:
    """Figure 5: how the gradient norm of a logit moves over the steps of the first epoch.

    Mann and Kendall's test on block means of the seeds' mean at each step (`stats.trends.gradual`).
    A change that surely lies within a tenth of the median over the whole epoch is none. `expected` says by loss and
    branch: increasing, decreasing or no change.
    """
    for dataset in datasets:
        for (loss, branch), wanted in expected.items():
            at = {"figure": "5", "dataset": dataset, "loss": loss}
            logit = "z_s" if branch == "simple" else "z_c"
            made = Tested(f"{dataset}, {LOSSES[loss]}: gradient at {logit}", wanted, (ours.side(at),))
            cell = ours.cell(at)
            yield _moved(made, cell.finished, branch) if cell and cell.ground.obstacle is None else made


def _moved(made: Tested, records: Sequence[Record], branch: str) -> Tested:
    curves_S = [getattr(record.probes.gradient_norms[0], branch) for record in records]
    found = gradual(np.mean(np.asarray(curves_S, dtype=np.float64), axis=0))
    if isinstance(found, NoTest):
        return replace(made, reason=found.reason)
    made = replace(made, measured=f"{signed(100 * found.change.value)} % over the epoch")
    still = found.finding(NO_CHANGE) == "no change"
    if made.expected == "no change":
        moves = min(abs(found.change.low), abs(found.change.high)) > NO_CHANGE
        return replace(made, settled=True if still else False if moves else None)
    if still:
        return replace(made, settled=False)
    return replace(made, p=found.p, above=(found.tau > 0) is (made.expected == "increasing"))


# -- Figure 10 ------------------------------------------------------------------------


def classes_of_models(ours: Ours, index: int, sign: int) -> Iterable[Tested]:
    """Figure 10: TF4CTR's share of a class against DualMLP's, mean over all epochs, on validation and test.

    The models differ, so that seeds are no pairs (Welch). `sign` is 1 where TF4CTR has to have more.
    """
    for dataset in DRAWN:
        for split, where in SPLITS.items():
            own, other = (
                _measured(ours, lambda one, split=split: _overall(one, split)[index], dataset=dataset, model=model)
                for model in ("TF4CTR", "DualMLP")
            )
            yield _positive(f"{dataset}: {CLASSES[index]} on {where}, TF4CTR less DualMLP", own, other, sign=sign)


def positives_are_worse(ours: Ours) -> Iterable[Tested]:
    """Section 4.4.1: a larger share of positives than of negatives is misclassified, mean over all epochs."""

    def gap(split: str, record: Record) -> float:
        return _overall(record, split, "positives")[0] - _overall(record, split, "negatives")[0]

    for dataset in DRAWN:
        for model in ("TF4CTR", "DualMLP"):
            for split, where in SPLITS.items():
                side = _measured(ours, partial(gap, split), dataset=dataset, model=model)
                yield _positive(f"{dataset} {model}: misclassified on {where}, positives less negatives", side)


def refines_on(ours: Ours) -> Iterable[Tested]:
    """Section 4.4.1: after the epoch where DualMLP settles, TF4CTR's share not well classified still falls.

    On validation and test, from epoch 6 (Frappe) or 8 (ML-tag) to the last.
    """

    def change(split: str, start: int, record: Record) -> float:
        counts = _counted(record, split)
        first = max(epoch for epoch in counts if epoch <= start)
        return _shares(counts[first])[2] - _shares(counts[max(counts)])[2]  # what is not well classified

    for dataset, start in STABLE_FROM.items():
        for split, where in SPLITS.items():
            side = _measured(ours, partial(change, split, start), dataset=dataset, model="TF4CTR")
            name = f"{dataset} TF4CTR: not well classified on {where}, last epoch less epoch {start}"
            yield _positive(name, side, sign=-1)


def settles(ours: Ours) -> Iterable[Case]:
    """Section 4.4.1: after epoch 6 (Frappe) or 8 (ML-tag) DualMLP's validation AUC gains less than the paper's bar.

    Measured is the best AUC of the later epochs less that of the named one, in points; none later is no gain.
    """

    def gained(start: int, record: Record) -> float:
        auc_E = [epoch.valid.auc for epoch in record.epochs]
        return 100 * (max(auc_E[start - 1 :]) - auc_E[start - 1]) if len(auc_E) >= start else 0.0

    for dataset, start in STABLE_FROM.items():
        side = _measured(ours, partial(gained, start), dataset=dataset, model="DualMLP")
        found, holds = gain_of([(1.0, side.sample)]), None
        if isinstance(found.estimate, Estimate):
            above = found.estimate.p_above(float(BAR_points))
            holds = True if 1 - above < ALPHA else False if above < ALPHA else None
        name = f"{dataset} DualMLP: validation AUC, best later less epoch {start}"
        yield case(name, "< 0.1", [side], holds, _shown(found, " points"), reason=found.why_no_test)


# -- parts ----------------------------------------------------------------------------


def _measured(ours: Ours, measure: Measure, figure: str = "10", **at: str) -> Side:
    """Something of each run of a cell of a figure."""
    side, cell = ours.side({"figure": figure, **at}), ours.cell({"figure": figure, **at})
    if cell is None or cell.ground.obstacle is not None:
        return replace(side, sample=Sample((), cell.ground if cell else NOT_RUN, "share"))
    values = tuple(float(measure(record)) for record in cell.finished)
    return replace(side, sample=Sample(values, cell.ground, "share"))


def _positive(name: str, *sides: Side, sign: int = 1) -> Tested:
    """A test that something is above 0, or below, or that it is larger on the first side than on the second."""
    found = gain_of([(weight, one.sample) for weight, one in zip((1.0, -1.0), sides, strict=False)])
    return Tested(
        name,
        "> 0" if sign > 0 else "< 0",
        sides,
        found.p,
        found.mean is not None and found.mean * sign > 0,
        _shown(found, " %"),
        reason=found.why_no_test,
    )


def _shown(found: Gain, unit: str) -> str:
    return "" if found.mean is None else f"{signed(found.mean)}{unit}"


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


def _tests(tests: Callable[[Ours], Iterable[Tested]]) -> RunCheck:
    """A claim of tests as a check."""
    return lambda _, ours: conclude(family(tests(ours)))


PARTED = {("twin_focus", "complex"): "increasing", ("twin_focus", "simple"): "decreasing"}
STILL = {("log", "complex"): "no change", ("log", "simple"): "no change"}
ON_RUNS: Mapping[str, RunCheck] = {
    "F2.easy": _tests(easy_outnumber_hard),
    "F2.fit": _tests(hard_stay_hard),
    "F2.frappe": _tests(worse_on_validation),
    "F5.part": _tests(partial(gradients, datasets=("criteo",), expected=PARTED)),
    "F5.stay": _tests(partial(gradients, datasets=("criteo",), expected=STILL)),
    "F5.part-elsewhere": _tests(partial(gradients, datasets=("frappe", "ml-1m"), expected=PARTED)),
    "F5.stay-elsewhere": _tests(partial(gradients, datasets=("frappe", "ml-1m"), expected=STILL)),
    "F10.well": _tests(partial(classes_of_models, index=2, sign=1)),
    "F10.poorly": _tests(partial(classes_of_models, index=1, sign=-1)),
    "F10.refines": _tests(refines_on),
    "F10.positives": _tests(positives_are_worse),
    "P61": lambda _, ours: conclude(settles(ours)),
}
