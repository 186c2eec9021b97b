"""What more trials would give: the expected best validation AUC against the number of trials, model by model."""

import pandas as pd

from workflow.analysis.compare.budgets import Budget, budgets_of
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures.style import (
    BLUE,
    GREY,
    Axes,
    Figure,
    canvas,
    legend,
    line_handle,
    patch_handle,
    sentences,
    whole_numbers,
)
from workflow.analysis.stats.budget import expected_best, median_best_bands
from workflow.plan.config import load_dataset

EXPERIMENT = "tuned"
COLUMNS = 4
BAND_alpha = 0.18
REFERENCE = "TF4CTR"
NOTE = (
    "The line is the mean best of n trials, without bias. The band holds the median best of n, for all n together, in "
    "95 %; where so few trials give no bound it is open."
)


def build(evidence: Evidence, _: str) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel per dataset and model whose trials have finished; TF4CTR's line is in every panel of its dataset."""
    names = evidence.datasets_of(EXPERIMENT)
    budgets = [each for name in names for each in budgets_of(evidence, EXPERIMENT, name) if each.best_validation]
    frame = pd.DataFrame([row for each in budgets for row in _rows(each)], columns=list(ROW))
    if not budgets:
        return sentences(["No model has all its trials yet."]), frame
    lines = -(-len(budgets) // COLUMNS)
    drawn, axes = canvas(lines, COLUMNS, height_in=0.5 + 1.35 * lines)
    references = {each.dataset: expected_best(each.validation) for each in budgets if each.model == REFERENCE}
    for place in range(lines * COLUMNS):
        axis = axes[place // COLUMNS][place % COLUMNS]
        if place < len(budgets):
            _draw(axis, budgets[place], frame, references.get(budgets[place].dataset, []))
        else:
            axis.set_axis_off()
    for row in axes:
        row[0].set_ylabel("validation AUC, %")
    for axis in axes[-1]:
        axis.set_xlabel("trials")
    handles = [line_handle("expected best", BLUE), patch_handle("band of the median best", BLUE, alpha=BAND_alpha)]
    handles += [line_handle(f"{REFERENCE}'s expected best", GREY, linestyle="--")] if references else []
    legend(drawn, handles, 3, [NOTE])
    return drawn, frame


ROW = ("dataset", "model", "trials", "expected_best", "low", "high")


def _rows(each: Budget) -> list[tuple[object, ...]]:
    bands = median_best_bands(each.validation)
    means = expected_best(each.validation)
    return [
        (each.dataset, each.model, number, mean, low, high)
        for number, (mean, (low, high)) in enumerate(zip(means, bands, strict=True), start=1)
    ]


def _draw(axis: Axes, each: Budget, frame: pd.DataFrame, reference: list[float]) -> None:
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
        color=BLUE,
        alpha=BAND_alpha,
        linewidth=0,
    )
    axis.plot(trials_N, mean_N, color=BLUE)
    if reference and each.model != REFERENCE:
        axis.plot(range(1, len(reference) + 1), [100 * value for value in reference], color=GREY, linestyle="--")
    axis.set_ylim(bottom, top)
    axis.set_title(f"{load_dataset(each.dataset).title}: {each.model.replace('auxiliary log losses', 'aux.')}")
    whole_numbers(axis)
