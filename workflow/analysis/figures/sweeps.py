"""Figures 6 to 9: AUC and gAUC against one parameter of the loss or of the simple encoder."""

import pandas as pd

from workflow.analysis.evidence.number import Metric
from workflow.analysis.evidence.optimum import Point, Seen, best_of, judge_optimum, metric_values
from workflow.analysis.evidence.stated import Sweep, sweep_of
from workflow.analysis.figures.figure_4 import monotone_from
from workflow.analysis.figures.panels import Panel, evidence_notes, panels_of, seeds_note
from workflow.analysis.figures.style import (
    BLUE,
    PALE,
    VERMILLION,
    Axes,
    Figure,
    Handle,
    blank,
    canvas,
    legend,
    line_handle,
    patch_handle,
    say_in,
)
from workflow.config import Limits
from workflow.plan import Cell, Plan
from workflow.settings import TwinFocusLoss

NAMES: dict[Metric, str] = {"auc": "test AUC, %", "gauc": "test gAUC, %"}
STRUCTURES: dict[str, str] = {"[400]": "A", "[800]": "B", "[200, 200]": "C", "[400, 400]": "D", "[800, 800]": "E"}
COLUMNS = (
    *("dataset", "parameter", "value", "metric", "mean", "sd", "n", "planned", "simple_monotone"),
    *("stated_optimum", "our_optimum", "verdict", "data", "run_keys"),
)


def build(plan: Plan, experiment: str) -> tuple[Figure, pd.DataFrame]:
    """Draw a column per dataset; AUC above, gAUC below."""
    panels, sweep = panels_of(plan, experiment), sweep_of(experiment)
    frame = pd.DataFrame([row for panel in panels for row in rows_of(plan, panel, sweep)], columns=list(COLUMNS))
    figure, axes = canvas(2, max(len(panels), 1), height_in=3.5, sharex="col")
    for column, panel in enumerate(panels):
        for row, metric in enumerate(NAMES):
            draw(axes[row, column], panel, metric, sweep)
        axes[0, column].set_title(f"{panel.title}\n{heading(plan, panel, sweep)}")
        axes[1, column].set_xlabel(sweep.parameter.replace("MLP_s", "structure of $\\mathrm{MLP}_s$"))
    for row, name in enumerate(NAMES.values()):
        axes[row, 0].set_ylabel(name)
    if not panels:
        for axis in axes[:, 0]:
            blank(axis, "no dataset of this figure is in the campaign")
    structures = ", ".join(f"{letter} {units}" for units, letter in STRUCTURES.items())
    notes = [f"Structures: {structures}."] if experiment == "figure_9" else []
    legend(figure, _handles(panels), 4, [*notes, *seeds_note(panels), *evidence_notes(plan, experiment, panels)])
    return figure, frame


def _handles(panels: list[Panel]) -> list[Handle]:
    handles: list[Handle] = [
        line_handle("ours", BLUE, marker="o", linestyle="-" if any(map(_ordered, panels)) else ""),
        line_handle("our best", BLUE, marker="o", linestyle="", markersize=8, markerfacecolor="none"),
        line_handle("paper's stated optimum", VERMILLION, linestyle=":"),
    ]
    if any(not point.monotone for panel in panels for point in points_of(panel)):
        handles.append(patch_handle("simple term not monotone", PALE))
    return handles


def points_of(panel: Panel) -> list[Point]:
    """The panel's points in the order of the grid."""
    return [
        Point(
            label=cell.label,
            values={metric: metric_values(done, metric) for metric in NAMES},
            planned=len(cell.runs),
            monotone=is_monotone(cell),
            run_keys=tuple(run.key for run in cell.runs),
        )
        for cell, done in zip(panel.cells, panel.finished, strict=True)
    ]


def is_monotone(cell: Cell) -> bool:
    """Whether c is large enough for γ, so that the simple term never pushes p_t down."""
    loss = cell.runs[0].loss
    return not isinstance(loss, TwinFocusLoss) or loss.c >= monotone_from(loss.gamma)


def is_evidence(plan: Plan, panel: Panel) -> bool:
    """Whether runs are on real data and by the paper's protocol."""
    unlimited = Plan(plan.campaign.model_copy(update={"limits": Limits()}))
    experiment = panel.cells[0].experiment
    papers = [cell.runs[0].id for cell in unlimited.cells_of(experiment) if cell.dataset == panel.dataset]
    return plan.campaign.twin is None and papers == [cell.runs[0].id for cell in panel.cells]


def verdict_of(plan: Plan, panel: Panel, sweep: Sweep) -> Seen:
    """Whether the stated optimum was seen on this dataset."""
    return judge_optimum(points_of(panel), sweep.optimum.get(panel.dataset, ()), is_evidence(plan, panel))


def heading(plan: Plan, panel: Panel, sweep: Sweep) -> str:
    """The second line of a panel's title: the paper's optimum and our verdict."""
    stated = [STRUCTURES.get(label, label) for label in sweep.optimum.get(panel.dataset, ())]
    if not stated:
        return "not in the paper's figure"
    value = stated[0] if len(stated) == 1 else f"{stated[0]} to {stated[-1]}"
    return f"paper's best: {value} ({verdict_of(plan, panel, sweep)})"


def rows_of(plan: Plan, panel: Panel, sweep: Sweep) -> list[dict[str, object]]:
    """One row per value and metric."""
    points = points_of(panel)
    origins = sorted({record.provenance.data_origin for done in panel.finished for record in done})
    verdict = verdict_of(plan, panel, sweep)
    rows = []
    for metric in NAMES:
        best = best_of(points, metric)
        for point in points:
            rows.append(
                {
                    "dataset": panel.dataset,
                    "parameter": sweep.parameter,
                    "value": point.label,
                    "metric": metric,
                    "mean": point.mean(metric),
                    "sd": point.sd(metric),
                    "n": len(point.values[metric]),
                    "planned": point.planned,
                    "simple_monotone": point.monotone,
                    "stated_optimum": point.label in sweep.optimum.get(panel.dataset, ()),
                    "our_optimum": point is best,
                    "verdict": str(verdict) if metric == "auc" else "",
                    "data": " ".join(origins),
                    "run_keys": " ".join(point.run_keys),
                }
            )
    return rows


def draw(axis: Axes, panel: Panel, metric: Metric, sweep: Sweep) -> None:
    """Draw one panel; a missing point breaks the line."""
    points = points_of(panel)
    place_P = list(range(len(points)))
    for place, point in zip(place_P, points, strict=True):
        if not point.monotone:
            axis.axvspan(place - 0.5, place + 0.5, color=PALE, linewidth=0, zorder=0)
        if point.label in sweep.optimum.get(panel.dataset, ()):
            axis.axvline(place, color=VERMILLION, linestyle=":", linewidth=1.2, zorder=1)
    axis.set_xticks(place_P, [STRUCTURES.get(point.label, point.label) for point in points])
    axis.set_xlim(-0.5, len(points) - 0.5)
    means = [point.mean(metric) for point in points]
    if not any(mean is not None for mean in means):
        axis.set_yticks([])
        say_in(axis, _nothing(panel, metric), corner="center")
        return
    percent_P = [float("nan") if mean is None else 100 * mean for mean in means]
    ordered = _ordered(panel)
    axis.plot(place_P, percent_P, color=BLUE, marker="o", linestyle="-" if ordered else "")
    deviations = [0.0 if (sd := point.sd(metric)) is None else 100 * sd for point in points]
    if any(deviations) and ordered:
        low, high = ([value + sign * sd for value, sd in zip(percent_P, deviations, strict=True)] for sign in (-1, 1))
        axis.fill_between(place_P, low, high, color=BLUE, alpha=0.2, linewidth=0)
    elif any(deviations):
        axis.errorbar(place_P, percent_P, deviations, color=BLUE, linestyle="", linewidth=1, capsize=2)
    best = best_of(points, metric)
    assert best is not None
    index = points.index(best)
    axis.plot(place_P[index], percent_P[index], color=BLUE, marker="o", markersize=8, markerfacecolor="none")
    axis.margins(y=0.18)
    say_in(axis, panel.gap)


def _ordered(panel: Panel) -> bool:
    """Whether the values have an order; a line between structures would mean nothing."""
    return panel.cells[0].label not in STRUCTURES


def _nothing(panel: Panel, metric: Metric) -> str:
    return panel.gap or f"this dataset has no {NAMES[metric].split()[1].rstrip(',')}"
