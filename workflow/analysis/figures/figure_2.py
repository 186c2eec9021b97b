"""Figure 2: histograms of ŷ per label, for train and validation, after chosen epochs."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import style
from workflow.analysis.figures.panels import evidence_notes, nothing_of, over_runs
from workflow.train.record import HISTOGRAM_BINS, MISCLASSIFIED_BELOW, WELL_FROM

SPLITS = {"train": "Training", "valid": "Validation"}  # as the paper's panels are called
CLASSES = tuple(style.CLASS_COLOURS)
COLUMNS = ("dataset", "epoch", "split", "label", "low", "high", "class", "rows", "share", "runs")
PLACE = ("dataset", "epoch", "split", "label")
WIDTH = 1 / HISTOGRAM_BINS
TICKS = (0.01, 0.05, 0.2, 0.5, 0.9)


def build(evidence: Evidence, experiment: str) -> tuple[style.Figure, pd.DataFrame]:
    """Draw positives upwards and negatives downwards, coloured by class."""
    panels = by_dataset(evidence, experiment)
    asked = sorted({epoch for panel in panels for epoch in panel.cells[0].cell.runs[0].probes.histogram_epochs})
    limit = max((panel.cells[0].cell.runs[0].training.max_epochs for panel in panels), default=0)
    epochs = [epoch for epoch in asked if epoch <= limit]
    frame = shares(panels)
    if empty := nothing_of(panels):
        return empty, frame
    rows = 2 * len(panels)
    figure, axes = style.canvas(rows, max(len(epochs), 1), height_in=1.25 * rows + 0.7, sharex=True)
    for row, (panel, split) in enumerate((panel, split) for panel in panels for split in SPLITS):
        for column, epoch in enumerate(epochs):
            part = frame[(frame["dataset"] == panel.dataset) & (frame["epoch"] == epoch) & (frame["split"] == split)]
            draw(axes[row, column], part, panel.gap or f"stopped before epoch {epoch}")
            scale(axes[row, column], part)
            if row == 0:
                axes[row, column].set_title(f"epoch {epoch}")
        axes[row, 0].set_ylabel(f"{SPLITS[split]} on\n{panel.title.replace(' (', chr(10) + '(')}, %")
    for axis in axes[-1]:
        axis.set_xlabel("prediction ŷ")
    beyond = [str(epoch) for epoch in asked if epoch > limit]
    notes = [f"Epochs {', '.join(beyond)} lie beyond this campaign's limit."] if beyond else []
    notes = [
        "Positives upwards, negatives downwards: share of the label's rows per bin of 0.02, as a square root.",
        *evidence_notes(evidence, experiment, panels),
        *notes,
    ]
    style.legend(figure, 3, notes)
    return figure, frame


def shares(panels: Sequence[OnDataset]) -> pd.DataFrame:
    """One row per bin; several seeds are added up."""
    frame = over_runs(
        (row for panel in panels for row in _rows(panel)), (*PLACE, "bin"), rows=("rows", "sum"), runs=("rows", "size")
    )
    totals = frame.groupby(list(PLACE))["rows"].transform("sum")
    frame["share"] = frame["rows"] / totals.clip(lower=1)
    frame["low"], frame["high"] = (WIDTH * frame["bin"]).round(10), (WIDTH * (frame["bin"] + 1)).round(10)
    frame["class"] = [class_of(*each) for each in zip(frame["bin"], frame["label"], strict=True)]
    return frame[list(COLUMNS)]


def _rows(panel: OnDataset) -> Iterator[dict[str, object]]:
    records = [record for one in panel.cells for record in one.finished]
    found = (histogram for record in records for histogram in record.probes.histograms)
    for each in sorted(found, key=lambda each: (each.epoch, each.split)):
        for label, counts in ((1, each.positives), (0, each.negatives)):
            for place, count in enumerate(counts):
                at = (panel.dataset, each.epoch, each.split, label)
                yield {**dict(zip(PLACE, at, strict=True)), "bin": place, "rows": count}


def class_of(index: int, label: int) -> str:
    """The sample class of a bin of ŷ: its middle decides, as the bounds are bin edges."""
    middle = (index + 0.5) * WIDTH
    p_t = middle if label == 1 else 1 - middle
    return CLASSES[int(p_t >= MISCLASSIFIED_BELOW) + int(p_t >= WELL_FROM)]


def draw(axis: style.Axes, part: pd.DataFrame, missing: str) -> None:
    """Draw one panel: bars up for positives, down for negatives."""
    if part.empty:
        style.say_in(axis, missing, corner="center")
        return
    for label, sign in ((1, 1), (0, -1)):
        own = part[part["label"] == label]
        for name, bins in own.groupby("class"):  # the bins of a class are adjacent: one shape, not one patch per bin
            edges = [*bins["low"], bins["high"].iloc[-1]]
            shape, colour = sign * np.sqrt(bins["share"]), style.CLASS_COLOURS[str(name)]
            axis.stairs(shape, edges, fill=True, color=colour, linewidth=0, label=str(name))
        wrong = own.loc[own["class"] == CLASSES[0], "share"].sum()
        corner = "upper left" if label else "lower left"
        style.say_in(axis, f"misclassified: {100 * wrong:.1f} %", corner=corner, colour=style.INK)
    axis.axhline(0, color=style.INK, linewidth=0.6)
    axis.set_xlim(0, 1)
    axis.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])


def scale(axis: style.Axes, shown: pd.DataFrame) -> None:
    """Fit the scale to the panel's largest bin, with room for the notes above and below.

    A scale for all epochs would be that of the first, which has nearly all rows in one bin.
    """
    if shown.empty:
        axis.set_yticks([])
        return
    top = float(np.sqrt(shown["share"].max()))
    ticks = [tick for tick in TICKS if top**2 / 40 <= tick <= top**2]  # smaller ones would touch
    axis.set_ylim(-1.5 * top, 1.5 * top)
    axis.set_yticks([*(-np.sqrt(tick) for tick in reversed(ticks)), *(np.sqrt(tick) for tick in ticks)])
    axis.set_yticklabels([f"{100 * tick:.0f}" for tick in (*reversed(ticks), *ticks)])
