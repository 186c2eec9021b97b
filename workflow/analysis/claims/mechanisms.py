"""The paper's statements about its figures of models in training, tested on what probes recorded.

Each test was fixed before its data were looked at: what is measured, over what, and the bar. One
value a seed: shares of a split's rows in percent, so that all rows of a seed are one observation;
t tests over seeds then say how sure a sign is, as rows of one run depend on each other. Both labels
count unless a test says otherwise. The tests of one claim are corrected together.

Shapes: S seeds, C the three classes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np

from workflow.analysis.claims.order import signed
from workflow.analysis.claims.runs import Case, Ours, RunCheck
from workflow.analysis.compare.gains import BAR_points, gain_of
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.samples import Array, NoTest
from workflow.analysis.stats.trends import gradual
from workflow.analysis.stats.uncertainty import Estimate
from workflow.train.record import HISTOGRAM_BINS, MISCLASSIFIED_BELOW, WELL_FROM, ClassCounts, Histogram, Record

CLASSES = ("misclassified", "poorly classified", "well classified")
WRONG, POORLY, WELL = range(3)
LABELS = ("negatives", "positives")
DRAWN = ("frappe", "ml-tag")  # what Figures 2 and 10 draw
KEPT = 0.9  # of a share: less of it left is a fall that counts
NO_CHANGE = 0.1  # of a series' median: a change within it over the epoch is none
STABLE_FROM = {"frappe": 6, "ml-tag": 8}  # epochs that section 4.4.1 names
SPLITS = {"valid": "validation", "test": "test"}
LOSSES = {"twin_focus": "L_ctr + L_TF", "log": "L_ctr"}
Measure = Callable[[Record], float]
Share = tuple[str, int, int]  # of the rows of a split, at one of its recorded epochs: the place of a class

# -- Figure 2 -------------------------------------------------------------------------


def less(first: Share, second: Share, kept: float = 1.0) -> Measure:
    """A share minus a multiple of another."""

    def share(record: Record, split: str, epoch: int, index: int) -> float:
        return drawn(record, split)[epoch][index]

    return lambda record: share(record, *first) - kept * share(record, *second)


def histograms(ours: Ours, datasets: Sequence[str], above: Mapping[str, Measure]) -> Iterator[Case]:
    """Figure 2: differences that have to be above 0 on each dataset."""
    for name, (what, measure) in product(datasets, above.items()):
        yield positive(f"{name}: {what}", measured(ours, "2", name, "DNN", measure))


# (a–d): on train after the first recorded epoch more rows are well classified than misclassified.
EASY = {"well classified minus misclassified on train, first epoch": less(("train", 0, WELL), ("train", 0, WRONG))}
# (e–l): from the first to the last recorded epoch neither class loses a tenth of its validation share.
HARD = {
    f"{CLASSES[index]} on validation, last minus {KEPT} of first": less(("valid", -1, index), ("valid", 0, index), KEPT)
    for index in (WRONG, POORLY)
}
# (e, i): on Frappe more rows are misclassified on validation than on train at the last epoch, the weakest reading, as
# nearly every network shows some of it.
WORSE = {"misclassified on validation minus on train, last epoch": less(("valid", -1, WRONG), ("train", -1, WRONG))}

# -- Figure 5 -------------------------------------------------------------------------


def gradients(ours: Ours, datasets: Sequence[str], expected: Mapping[tuple[str, str], str]) -> Iterator[Case]:
    """Figure 5: how the gradient norm of a logit moves over the steps of the first epoch.

    Mann and Kendall's test on block means of the seeds' mean at each step (`stats.trends.gradual`).
    A change that surely lies within a tenth of the median over the whole epoch is none. `expected` says by loss and
    branch: increasing, decreasing or no change.
    """
    for dataset, ((loss, branch), wanted) in product(datasets, expected.items()):
        at = {"figure": "5", "dataset": dataset, "loss": loss}
        logit, cell = "z_s" if branch == "simple" else "z_c", ours.evidence.cell(at)
        made = Case(f"{dataset}, {LOSSES[loss]}: gradient at {logit}", wanted, [ours.sample(at)])
        yield moved(made, cell.finished, branch) if cell and cell.ground.obstacle is None else made


def moved(made: Case, records: Sequence[Record], branch: str) -> Case:
    """Whether the gradient norms of some runs change as expected."""
    curves_S = [getattr(record.probes.gradient_norms[0], branch) for record in records]
    found = gradual(np.mean(np.asarray(curves_S, dtype=np.float64), axis=0))
    if isinstance(found, NoTest):
        return replace(made, reason=found.reason)
    made = replace(made, measured=f"{signed(100 * found.change.value)} % over the epoch")
    still = found.finding(NO_CHANGE) == "no change"
    if made.expected == "no change":
        moves = min(abs(found.change.low), abs(found.change.high)) > NO_CHANGE
        return replace(made, holds=True if still else False if moves else None)
    if still:
        return replace(made, holds=False)
    return replace(made, p=found.p, above=(found.tau > 0) is (made.expected == "increasing"))


# -- Figure 10 ------------------------------------------------------------------------


def classes_of_models(ours: Ours, index: int, sign: int) -> Iterator[Case]:
    """Figure 10: TF4CTR's share of a class against DualMLP's, mean over all epochs, on validation and test.

    The models differ, so that seeds are no pairs (Welch). `sign` is 1 where TF4CTR has to have more.
    """
    for name, split in product(DRAWN, SPLITS):
        share = partial(share_of, split, index)
        own, other = (measured(ours, "10", name, model, share) for model in ("TF4CTR", "DualMLP"))
        yield positive(f"{name}: {CLASSES[index]} on {SPLITS[split]}, TF4CTR minus DualMLP", own, other, sign=sign)


def positives_are_worse(ours: Ours) -> Iterator[Case]:
    """Section 4.4.1: a larger share of positives than of negatives is misclassified, mean over all epochs."""

    def gap(split: str, record: Record) -> float:
        return share_of(split, WRONG, record, "positives") - share_of(split, WRONG, record, "negatives")

    for name, model, split in product(DRAWN, ("TF4CTR", "DualMLP"), SPLITS):
        found = measured(ours, "10", name, model, partial(gap, split))
        yield positive(f"{name} {model}: misclassified on {SPLITS[split]}, positives minus negatives", found)


def refines_on(ours: Ours) -> Iterator[Case]:
    """Section 4.4.1: after the epoch where DualMLP settles, TF4CTR's share not well classified still falls.

    On validation and test, from epoch 6 (Frappe) or 8 (ML-tag) to the last.
    """

    def change(split: str, start: int, record: Record) -> float:
        counts = counted(record, split)
        first = max(epoch for epoch in counts if epoch <= start)
        return shares_of(counts[first])[WELL] - shares_of(counts[max(counts)])[WELL]  # what is not well classified

    for (name, start), split in product(STABLE_FROM.items(), SPLITS):
        found = measured(ours, "10", name, "TF4CTR", partial(change, split, start))
        label = f"{name} TF4CTR: not well classified on {SPLITS[split]}, last epoch minus epoch {start}"
        yield positive(label, found, sign=-1)


def settles(ours: Ours) -> Iterator[Case]:
    """Section 4.4.1: after epoch 6 (Frappe) or 8 (ML-tag) DualMLP's validation AUC gains less than 0.1 points.

    Measured: the best AUC of the later epochs minus that of the named one, in points; 0 if there are none.
    """

    def gained(start: int, record: Record) -> float:
        auc_E = [epoch.valid.auc for epoch in record.epochs]
        return 100 * (max(auc_E[start - 1 :]) - auc_E[start - 1]) if len(auc_E) >= start else 0.0

    for name, start in STABLE_FROM.items():
        own = measured(ours, "10", name, "DualMLP", partial(gained, start))
        found, holds = gain_of([(1.0, own)]), None
        if isinstance(found.estimate, Estimate):
            above = found.estimate.p_above(float(BAR_points))
            holds = True if 1 - above < ALPHA else False if above < ALPHA else None
        label, shown = f"{name} DualMLP: validation AUC, best later minus epoch {start}", in_unit(found.mean, "points")
        yield Case(label, "< 0.1", [own], holds, shown, reason=found.why_no_test)


# -- parts ----------------------------------------------------------------------------


def measured(ours: Ours, figure: str, dataset: str, model: str, measure: Measure) -> Sample:
    """One value of each run of a figure's cell."""
    at = {"figure": figure, "dataset": dataset, "model": model}
    own, cell = ours.sample(at), ours.evidence.cell(at)
    runs = cell.finished if cell and cell.ground.obstacle is None else ()
    return Sample(tuple(float(measure(one)) for one in runs), own.ground, "share", label=own.label, keys=own.keys)


def positive(name: str, *samples: Sample, sign: int = 1) -> Case:
    """Test that a value is above or below 0, or larger on the first side than on the second."""
    found = gain_of(list(zip((1.0, -1.0), samples, strict=False)))
    above, wanted = found.mean is not None and found.mean * sign > 0, "> 0" if sign > 0 else "< 0"
    shown, reason = in_unit(found.mean, "%"), found.why_no_test
    return Case(name, wanted, samples, None, shown, reason=reason, p=found.p, above=above)


def in_unit(mean: float | None, unit: str) -> str:
    """Signed, or nothing."""
    return "" if mean is None else f"{signed(mean)} {unit}"


def drawn(record: Record, split: str) -> list[Array]:
    """Shares of the classes in percent, at each recorded epoch."""
    found = sorted((each for each in record.probes.histograms if each.split == split), key=lambda each: each.epoch)
    return [shares_of_bins(each) for each in found]


def shares_of_bins(drawn: Histogram) -> Array:
    """Shares of the classes; class bounds are edges of bins."""
    rows = np.asarray(drawn.positives) + np.asarray(drawn.negatives)[::-1]  # by p_t
    bounds = [0, round(MISCLASSIFIED_BELOW * HISTOGRAM_BINS), round(WELL_FROM * HISTOGRAM_BINS)]
    counts_C = np.add.reduceat(rows, bounds)
    return 100 * counts_C / max(counts_C.sum(), 1)


def counted(record: Record, split: str) -> dict[int, ClassCounts]:
    """By epoch."""
    return {each.epoch: each for each in record.probes.class_counts if each.split == split}


def shares_of(counts: ClassCounts, *labels: str) -> Array:
    """Shares of the classes among the rows of a label, or of both."""
    rows_C = np.sum([getattr(counts, label) for label in labels or LABELS], axis=0)
    return 100 * rows_C / max(rows_C.sum(), 1)


def share_of(split: str, index: int, record: Record, *labels: str) -> float:
    """The share of a class, mean over all epochs."""
    return np.mean([shares_of(each, *labels) for each in counted(record, split).values()], axis=0)[index]


PARTED = {("twin_focus", "complex"): "increasing", ("twin_focus", "simple"): "decreasing"}
STILL = {("log", "complex"): "no change", ("log", "simple"): "no change"}
ON_RUNS: Mapping[str, RunCheck] = {
    "F2.easy": partial(histograms, datasets=DRAWN, above=EASY),
    "F2.fit": partial(histograms, datasets=DRAWN, above=HARD),
    "F2.frappe": partial(histograms, datasets=("frappe",), above=WORSE),
    "F5.part": partial(gradients, datasets=("criteo",), expected=PARTED),
    "F5.stay": partial(gradients, datasets=("criteo",), expected=STILL),
    "F5.part-elsewhere": partial(gradients, datasets=("frappe", "ml-1m"), expected=PARTED),
    "F5.stay-elsewhere": partial(gradients, datasets=("frappe", "ml-1m"), expected=STILL),
    "F10.well": partial(classes_of_models, index=WELL, sign=1),
    "F10.poorly": partial(classes_of_models, index=POORLY, sign=-1),
    "F10.refines": refines_on,
    "F10.positives": positives_are_worse,
    "P61": settles,
}
