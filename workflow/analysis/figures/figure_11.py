"""What more trials would give: the expected best validation AUC against the number of trials, model by model."""

from itertools import zip_longest

import pandas as pd

from workflow.analysis.compare.budgets import Budget, budgets_of
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import style
from workflow.analysis.stats.budget import expected_best, median_best_bands
from workflow.plan.config import load_dataset

EXPERIMENT = "tuned"
PANELS = 4  # in a row
COLUMNS = ("dataset", "model", "trials", "expected_best", "low", "high")
BAND_alpha = 0.18
REFERENCE = "TF4CTR"
NOTE = (
    "Line: unbiased estimate of the expected best of n trials. Band: 95 % confidence band of the median best of n, for "
    "all n jointly; it is unbounded where the trials are too few."
)


def build(evidence: Evidence, _: str) -> tuple[style.Figure, pd.DataFrame]:
    """Draw a panel per dataset and model whose trials have finished; TF4CTR's line is in every panel of its dataset."""
    names = evidence.datasets_of(EXPERIMENT)
    budgets = [each for name in names for each in budgets_of(evidence, EXPERIMENT, name) if each.best_validation]
    frame = pd.DataFrame([row for each in budgets for row in _rows(each)], columns=list(COLUMNS))
    if not budgets:
        return style.sentences(["No model has all its trials yet."]), frame
    lines = -(-len(budgets) // PANELS)
    drawn, axes = style.canvas(lines, PANELS, height_in=0.5 + 1.35 * lines)
    references = {each.dataset: expected_best(each.validation) for each in budgets if each.model == REFERENCE}
    for axis, each in zip_longest(axes.flat, budgets):
        if each:
            _draw(axis, each, frame, references.get(each.dataset, []))
        else:
            axis.set_axis_off()
    for row in axes:
        row[0].set_ylabel("validation AUC, %")
    for axis in axes[-1]:
        axis.set_xlabel("trials")
    style.legend(drawn, 3, [NOTE])
    return drawn, frame


def _rows(each: Budget) -> list[tuple[object, ...]]:
    found = zip(expected_best(each.validation), median_best_bands(each.validation), strict=True)
    return [(each.dataset, each.model, number, mean, *band) for number, (mean, band) in enumerate(found, start=1)]


def _draw(axis: style.Axes, each: Budget, frame: pd.DataFrame, reference: list[float]) -> None:
    own = frame[(frame["dataset"] == each.dataset) & (frame["model"] == each.model)]
    trials_N, mean_N = own["trials"].to_numpy(), 100 * own["expected_best"].to_numpy(dtype=float)
    low_N, high_N = (100 * own[name].to_numpy(dtype=float) for name in ("low", "high"))
    lines = [*mean_N.tolist(), *(100 * value for value in reference)]
    span = max(max(lines) - min(lines), 0.05)
    bottom, top = min(lines) - span / 2, max(lines) + span / 2
    axis.fill_between(
        trials_N,
        pd.Series(low_N).fillna(bottom).clip(lower=bottom).to_numpy(),
        pd.Series(high_N).fillna(top).clip(upper=top).to_numpy(),
        color=style.BLUE,
        alpha=BAND_alpha,
        linewidth=0,
        label="band of the median best",
    )
    axis.plot(trials_N, mean_N, color=style.BLUE, label="expected best")
    if reference and each.model != REFERENCE:
        known_N = [100 * value for value in reference]
        look: style.Look = {"color": style.GREY, "linestyle": "--", "label": f"{REFERENCE}'s expected best"}
        axis.plot(range(1, len(reference) + 1), known_N, **look)
    axis.set_ylim(bottom, top)
    axis.set_title(f"{load_dataset(each.dataset).title}: {each.model.replace('auxiliary log losses', 'aux.')}")
    style.whole_numbers(axis)
