"""Figures 6 to 9: AUC and gAUC against one parameter of the loss or of the simple encoder."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import pandas as pd

from workflow.analysis.compare.numbers import Metric
from workflow.analysis.compare.swept import SWEEPS, Point, Swept, best_of, sweeps_of
from workflow.analysis.compare.words import Finding, Word
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.formulas import monotone_from
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Obstacle, Standing
from workflow.analysis.figures.panels import NO_DATASET, evidence_notes
from workflow.analysis.figures.style import (
    BLUE,
    GREY,
    VERMILLION,
    Axes,
    Figure,
    Handle,
    canvas,
    legend,
    line_handle,
    patch_handle,
    say_in,
    sentences,
)
from workflow.analysis.paper.facts import SWEPT
from workflow.settings import TwinFocusLoss

NAMES: dict[Metric, str] = {"auc": "test AUC, %", "gauc": "test gAUC, %"}
STRUCTURES: dict[str, str] = {"[400]": "A", "[800]": "B", "[200, 200]": "C", "[400, 400]": "D", "[800, 800]": "E"}
WORDS: Mapping[Word, str] = {
    Finding.SEEN: "ours, too",
    Finding.TIED: "ours elsewhere, within noise",
    Finding.NOT_SEEN: "ours elsewhere",
    Obstacle.NOT_RUN: "ours not run",
    Obstacle.INCOMPLETE: "ours incomplete",
    Obstacle.FAILED: "a run of ours failed",
    Standing.SYNTHETIC: "no verdict",
    Standing.STAND_IN: "no verdict",
    Standing.OTHER_PROTOCOL: "no verdict",
}
LAYERS = "units of each hidden layer of $\\mathrm{MLP}_s$"
MONOTONE_NOTE = (
    "Hatched: the simple term of the loss is not monotone, as c is below γ·exp(−(1\u00a0+\u00a01/γ)); for some "
    "predictions it then pushes the probability of the true class down."
)
RANGE_alpha = 0.15
HATCHED: dict[str, Any] = {
    "edgecolor": GREY,
    "hatch": "////",
    "linewidth": 0,
}  # a range over it is seen
COLUMNS = (
    *("dataset", "parameter", "value", "metric", "mean", "sd", "n", "planned", "low_seeds", "high_seeds"),
    *("low", "high", "se_testset", "simple_monotone"),
    *("stated_optimum", "our_optimum", "finding", "standing", "run_keys"),
)


def build(evidence: Evidence, experiment: str) -> tuple[Figure, pd.DataFrame]:
    """Draw a column per dataset; AUC above, gAUC below."""
    panels = by_dataset(evidence, experiment)
    parameter = SWEPT[SWEEPS[experiment][0]]
    sweeps = {panel.dataset: sweeps_of(evidence)[experiment, panel.dataset] for panel in panels}
    rows = [row for panel in panels for row in rows_of(panel, parameter, sweeps[panel.dataset])]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    if not panels:
        return sentences([NO_DATASET]), frame
    figure, axes = canvas(2, len(panels), height_in=3.5, sharex="col")
    for column, panel in enumerate(panels):
        for row, metric in enumerate(NAMES):
            own = frame[(frame["dataset"] == panel.dataset) & (frame["metric"] == metric)]
            draw(axes[row, column], panel, metric, sweeps[panel.dataset], own)
        axes[0, column].set_title(f"{panel.title}\n{heading(sweeps[panel.dataset])}")
        axes[1, column].set_xlabel(parameter.replace("MLP_s", LAYERS))
    for row, name in enumerate(NAMES.values()):
        axes[row, 0].set_ylabel(name)
    notes = [*bars_note(frame), *monotone_note(panels), *evidence_notes(evidence, experiment, panels)]
    legend(figure, _handles(panels, sweeps), 4, notes)
    return figure, frame


def bars_note(frame: pd.DataFrame) -> list[str]:
    """What the bars are, where there are any."""
    if frame["low"].isna().all():
        return []
    seeds = f"Thick bars: 95 % interval of the mean of {frame['n'].max()} seeds"
    if frame["se_testset"].isna().all():
        return [f"{seeds}."]
    return [f"{seeds}; thin bars: with the test set's error, which moves all points of a panel together."]


def monotone_note(panels: Sequence[OnDataset]) -> list[str]:
    """What the hatched ground is, where there is any."""
    return [] if all(is_monotone(one) for panel in panels for one in panel.cells) else [MONOTONE_NOTE]


def _handles(panels: list[OnDataset], sweeps: Mapping[str, Swept]) -> list[Handle]:
    ordered = all(_ordered(swept) for swept in sweeps.values())
    handles: list[Handle] = [line_handle("ours", BLUE, marker="o", linestyle="-" if ordered else "")]
    if any(_best(swept.points, metric) for swept in sweeps.values() for metric in NAMES):
        handles.append(line_handle("our best", BLUE, marker="o", linestyle="", markersize=8, markerfacecolor="none"))
    stated = [swept.stated for swept in sweeps.values()]
    if any(len(values) == 1 for values in stated):
        handles.append(line_handle("paper's best", VERMILLION, linestyle=":"))
    if any(len(values) > 1 for values in stated):
        handles.append(patch_handle("paper's range of best values", VERMILLION, alpha=RANGE_alpha))
    if monotone_note(panels):
        handles.append(patch_handle("simple term not monotone", "none", **HATCHED))
    return handles


def is_monotone(one: Observed) -> bool:
    """Whether c is large enough for γ, so that the simple term never pushes p_t down."""
    loss = one.cell.runs[0].loss
    return not isinstance(loss, TwinFocusLoss) or loss.c >= monotone_from(loss.gamma)


def heading(swept: Swept) -> str:
    """The second line of a panel's title: the paper's optimum and our verdict."""
    stated = [STRUCTURES.get(value, value) for value in swept.stated]
    if not stated:
        return "not in the paper's figure"
    value = stated[0] if len(stated) == 1 else f"{stated[0]} to {stated[-1]}"
    return f"paper's best: {value}; {WORDS.get(swept.verdict.shown, swept.verdict.word)}"


def rows_of(panel: OnDataset, parameter: str, swept: Swept) -> list[dict[str, object]]:
    """One row per value and metric."""
    points, verdict = swept.points, swept.verdict
    rows = []
    for metric in NAMES:
        best = best_of(points, metric)
        for one, each in zip(panel.cells, points, strict=True):
            rows.append(
                {
                    "dataset": panel.dataset,
                    "parameter": parameter,
                    "value": each.label,
                    "metric": metric,
                    "mean": each.mean(metric),
                    "sd": each.sd(metric),
                    "n": len(each.samples[metric].values),
                    "planned": each.planned,
                    **_intervals(each, metric),
                    "simple_monotone": is_monotone(one),
                    "stated_optimum": swept.is_stated(each),
                    "our_optimum": each is best,
                    "finding": verdict.word if metric == "auc" else "",
                    "standing": verdict.standing or "",
                    "run_keys": " ".join(each.run_keys),
                }
            )
    return rows


def _intervals(each: Point, metric: Metric) -> dict[str, float | None]:
    """95 % intervals of a mean: of the seeds alone, and of seeds and test set, with the latter's own error."""
    seeds, both = each.estimate(metric, testset=False), each.estimate(metric)
    if seeds is None or both is None:
        return dict.fromkeys(("low_seeds", "high_seeds", "low", "high", "se_testset"))
    inner, outer, se = seeds.interval(), both.interval(), sqrt(both.testset_variance) or None
    return {
        "low_seeds": inner.low,
        "high_seeds": inner.high,
        "low": outer.low,
        "high": outer.high,
        "se_testset": se,
    }


def draw(axis: Axes, panel: OnDataset, metric: Metric, swept: Swept, own: pd.DataFrame) -> None:
    """Draw one panel; a missing point breaks the line."""
    points = swept.points
    place_P = list(range(len(points)))
    for place, one in enumerate(panel.cells):
        if not is_monotone(one):
            axis.axvspan(place - 0.5, place + 0.5, facecolor="none", zorder=0, **HATCHED)
    stated = [place for place, each in enumerate(points) if swept.is_stated(each)]
    if len(stated) == 1:
        axis.axvline(stated[0], color=VERMILLION, linestyle=":", linewidth=1.2, zorder=1)
    elif stated:
        axis.axvspan(stated[0] - 0.5, stated[-1] + 0.5, color=VERMILLION, alpha=RANGE_alpha, linewidth=0, zorder=1)
    axis.set_xticks(place_P, [tick(each) for each in points])
    axis.set_xlim(-0.5, len(points) - 0.5)
    means = [each.mean(metric) for each in points]
    if not any(mean is not None for mean in means):
        axis.set_yticks([])
        say_in(axis, _nothing(panel, metric), corner="center")
        return
    percent_P = [float("nan") if mean is None else 100 * mean for mean in means]
    axis.plot(place_P, percent_P, color=BLUE, marker="o", linestyle="-" if _ordered(swept) else "")
    for low, high, width, cap in (("low_seeds", "high_seeds", 2.4, 0.0), ("low", "high", 0.7, 2.0)):
        middle, half = 50 * (own[high] + own[low]).astype(float), 50 * (own[high] - own[low]).astype(float)
        axis.errorbar(place_P, middle, half, color=BLUE, linestyle="", elinewidth=width, capsize=cap, capthick=0.7)
    if best := _best(points, metric):
        index = points.index(best)
        axis.plot(place_P[index], percent_P[index], color=BLUE, marker="o", markersize=8, markerfacecolor="none")
    axis.margins(y=0.18)
    say_in(axis, panel.gap)


def _best(points: Sequence[Point], metric: Metric) -> Point | None:
    """The best of several; a point alone is the best of nothing."""
    return best_of(points, metric) if sum(each.mean(metric) is not None for each in points) > 1 else None


def tick(point: Point) -> str:
    """A point's name on the axis: the value, or a structure's letter over its layers."""
    letter = STRUCTURES.get(point.at)
    return f"{letter}\n{point.at.strip('[]').replace(', ', '-')}" if letter else point.label


def _ordered(swept: Swept) -> bool:
    """Whether the values have an order; a line between structures would mean nothing."""
    return swept.experiment != "figure_9"


def _nothing(panel: OnDataset, metric: Metric) -> str:
    return panel.gap or f"this dataset has no {NAMES[metric].split()[1].rstrip(',')}"
