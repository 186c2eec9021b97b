"""Figures 6 to 9: AUC and gAUC against one parameter of the loss or of the simple encoder."""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt

import numpy as np
import pandas as pd

from workflow.analysis.compare.numbers import Metric
from workflow.analysis.compare.swept import SWEEPS, Point, Swept, best_of, sweeps_of
from workflow.analysis.compare.words import Finding, Word
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.formulas import monotone_from
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Obstacle, Standing
from workflow.analysis.figures import style
from workflow.analysis.figures.panels import NO_DATASET, evidence_notes
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
    "Hatched: the loss of the simple encoder is not monotone, because c is below γ·exp(−(1\u00a0+\u00a01/γ)). For some "
    "predictions it then lowers the probability of the true class."
)
RANGE_alpha = 0.15
HATCHED: style.Look = {"edgecolor": style.GREY, "facecolor": "none", "hatch": "////", "linewidth": 0, "zorder": 0}
INTERVALS = ("low_seeds", "high_seeds", "low", "high", "se_testset")
COLUMNS = (
    *("dataset", "parameter", "value", "metric", "mean", "sd", "n", "planned", *INTERVALS, "simple_monotone"),
    *("stated_optimum", "our_optimum", "finding", "standing", "run_keys"),
)


def build(evidence: Evidence, experiment: str) -> tuple[style.Figure, pd.DataFrame]:
    """Draw a column per dataset; AUC above, gAUC below."""
    panels = by_dataset(evidence, experiment)
    parameter = SWEPT[SWEEPS[experiment][0]]
    sweeps = {panel.dataset: sweeps_of(evidence)[experiment, panel.dataset] for panel in panels}
    rows = [row for panel in panels for row in rows_of(panel, parameter, sweeps[panel.dataset])]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    if not panels:
        return style.sentences([NO_DATASET]), frame
    figure, axes = style.canvas(2, len(panels), height_in=3.5, sharex="col")
    for column, panel in enumerate(panels):
        for row, (metric, name) in enumerate(NAMES.items()):
            own = frame[(frame["dataset"] == panel.dataset) & (frame["metric"] == metric)]
            nothing = panel.gap or f"this dataset has no {name.split()[1].rstrip(',')}"
            draw(axes[row, column], own, [tick(each) for each in sweeps[panel.dataset].points], panel.gap, nothing)
            axes[row, 0].set_ylabel(name)
        axes[0, column].set_title(f"{panel.title}\n{heading(sweeps[panel.dataset])}")
        axes[1, column].set_xlabel(parameter.replace("MLP_s", LAYERS))
    monotone = [] if frame["simple_monotone"].all() else [MONOTONE_NOTE]
    style.legend(figure, 4, [*bars_note(frame), *monotone, *evidence_notes(evidence, experiment, panels)])
    return figure, frame


def bars_note(frame: pd.DataFrame) -> list[str]:
    """What the bars mean, if there are any."""
    if frame["low"].isna().all():
        return []
    seeds = f"Thick bars: 95 % interval of the mean of {frame['n'].max()} seeds"
    if frame["se_testset"].isna().all():
        return [f"{seeds}."]
    return [f"{seeds}; thin bars also include the test set's error, which moves all points of a panel together."]


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


def rows_of(panel: OnDataset, parameter: str, swept: Swept) -> Iterator[dict[str, object]]:
    """One row per value and metric."""
    for metric in NAMES:
        best = best_of(swept.points, metric)
        for one, each in zip(panel.cells, swept.points, strict=True):
            yield {
                "dataset": panel.dataset,
                "parameter": parameter,
                "value": each.label,
                "metric": metric,
                "mean": each.mean(metric),
                "sd": each.sd(metric),
                "n": len(each.samples[metric].values),
                "planned": each.samples[metric].planned,
                **dict(zip(INTERVALS, _intervals(each, metric), strict=True)),
                "simple_monotone": is_monotone(one),
                "stated_optimum": swept.is_stated(each),
                "our_optimum": each is best,
                "finding": swept.verdict.word if metric == "auc" else "",
                "standing": swept.verdict.standing or "",
                "run_keys": " ".join(each.samples[metric].keys),
            }


def _intervals(each: Point, metric: Metric) -> Sequence[float | None]:
    """95 % intervals of a mean: of the seeds alone, and of seeds and test set, with the latter's own error."""
    seeds, both = each.estimate(metric, testset=False), each.estimate(metric)
    if seeds is None or both is None:
        return [None] * len(INTERVALS)
    inner, outer = seeds.interval(), both.interval()
    return inner.low, inner.high, outer.low, outer.high, sqrt(both.testset_variance) or None


def draw(axis: style.Axes, own: pd.DataFrame, ticks: Sequence[str], gap: str, nothing: str) -> None:
    """Draw one panel, from its rows of the long data; a missing point breaks the line."""
    places = np.arange(len(own))
    for place in places[~own["simple_monotone"].astype(bool)]:
        axis.axvspan(place - 0.5, place + 0.5, label="simple term not monotone", **HATCHED)
    stated = places[own["stated_optimum"].astype(bool)]
    theirs: style.Look = {"color": style.VERMILLION, "zorder": 1}
    if len(stated) == 1:
        axis.axvline(stated[0], linestyle=":", linewidth=1.2, label="paper's best", **theirs)
    elif len(stated):
        range_: style.Look = {"alpha": RANGE_alpha, "linewidth": 0, "label": "paper's range of best values"}
        axis.axvspan(stated[0] - 0.5, stated[-1] + 0.5, **range_, **theirs)
    axis.set_xticks(places, ticks)
    axis.set_xlim(-0.5, len(own) - 0.5)
    percent = 100 * own["mean"].astype(float)
    if percent.isna().all():
        axis.set_yticks([])
        style.say_in(axis, nothing, corner="center")
        return
    ours: style.Look = {"color": style.BLUE, "marker": "o"}
    line = "" if own["parameter"].iloc[0] == SWEPT["units"] else "-"  # a line between structures has no meaning
    axis.plot(places, percent, linestyle=line, label="ours", **ours)
    for low, high, width, cap in (("low_seeds", "high_seeds", 2.4, 0.0), ("low", "high", 0.7, 2.0)):
        middle, half = 50 * (own[high] + own[low]).astype(float), 50 * (own[high] - own[low]).astype(float)
        look: style.Look = {"color": style.BLUE, "linestyle": "", "elinewidth": width, "capsize": cap, "capthick": 0.7}
        axis.errorbar(places, middle, half, **look)
    if percent.notna().sum() > 1:  # one point alone cannot be the best
        best = places[own["our_optimum"].astype(bool)]
        look = {"linestyle": "", "markersize": 8, "markerfacecolor": "none", "label": "our best"}
        axis.plot(best, percent.to_numpy()[best], **look, **ours)
    axis.margins(y=0.18)
    style.say_in(axis, gap)


def tick(point: Point) -> str:
    """A point's name on the axis: the value, or a structure's letter above its layers."""
    letter = STRUCTURES.get(point.at)
    return f"{letter}\n{point.at.strip('[]').replace(', ', '-')}" if letter else point.label
