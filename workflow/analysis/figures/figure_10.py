"""Figure 10: how the three sample classes grow and shrink, DualMLP against TF4CTR."""

import numpy as np
import pandas as pd

from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures.panels import evidence_notes, nothing_of, seeds_note
from workflow.analysis.figures.style import (
    BLUE,
    CLASS_COLOURS,
    VERMILLION,
    Axes,
    Figure,
    blank,
    canvas,
    legend,
    line_handle,
    say_in,
    whole_numbers,
)

MODELS = {"DualMLP": (BLUE, "--", "s"), "TF4CTR": (VERMILLION, "-", "o")}
SIDES = tuple((split, label) for label in (1, 0) for split in ("valid", "test"))
NAMES = {"valid": "validation", "test": "test", 1: "positive samples", 0: "negative samples"}
LETTERS = {("frappe", 1): "(a) ", ("frappe", 0): "(b) ", ("ml-tag", 1): "(c) ", ("ml-tag", 0): "(d) "}  # of the paper
CLASSES = tuple(CLASS_COLOURS)
COLUMNS = ("dataset", "model", "epoch", "split", "label", "class", "rows", "share", "sd", "runs")


def build(evidence: Evidence, experiment: str) -> tuple[Figure, pd.DataFrame]:
    """Draw a row per dataset and class, a column per label and split; a row shares its scale."""
    panels = by_dataset(evidence, experiment)
    frame = pd.DataFrame([row for panel in panels for row in rows_of(panel)], columns=list(COLUMNS))
    if empty := nothing_of(panels):
        return empty, frame
    rows = [(panel, name) for panel in panels for name in CLASSES]
    figure, axes = canvas(len(rows), len(SIDES), height_in=1.1 * len(rows) + 0.9, sharex=True, sharey="row")
    for row, (panel, name) in enumerate(rows):
        for column, (split, label) in enumerate(SIDES):
            part = frame[(frame["dataset"] == panel.dataset) & (frame["class"] == name)]
            part = part[(part["split"] == split) & (part["label"] == label)]
            draw(axes[row, column], part, panel.gap)
            if name == CLASSES[0]:
                letter = LETTERS.get((panel.dataset, label), "")
                head = f"{letter}{panel.title}, {NAMES[label]}" if split == "valid" else ""
                axes[row, column].set_title(f"{head}\n{NAMES[split]}")
        axes[row, 0].set_ylim(bottom=0)  # all of the row is drawn: it shares the scale
        axes[row, 0].set_ylabel(f"{name.replace(' ', chr(10))}, %")
    for axis in axes[-1]:
        axis.set_xlabel("epoch")
        whole_numbers(axis)
    notes = [*seeds_note(panels), *evidence_notes(evidence, experiment, panels)]
    looks = MODELS.items()
    handles = [line_handle(name, colour, linestyle=line, marker=mark) for name, (colour, line, mark) in looks]
    legend(figure, handles, 2, notes)
    return figure, frame


def rows_of(panel: OnDataset) -> list[dict[str, object]]:
    """One row per model, epoch, split, label and class: rows and share, means over seeds."""
    rows = []
    for one in panel.cells:
        found: dict[tuple[int, str], list[tuple[tuple[int, ...], tuple[int, ...]]]] = {}
        for record in one.finished:
            for counts in record.probes.class_counts:
                found.setdefault((counts.epoch, counts.split), []).append((counts.negatives, counts.positives))
        for (epoch, split), of_runs in sorted(found.items()):
            for label in (1, 0):
                counts_RC = np.array([of_run[label] for of_run in of_runs])
                share_RC = counts_RC / np.maximum(counts_RC.sum(axis=1, keepdims=True), 1)
                for index, name in enumerate(CLASSES):
                    sd = float(share_RC[:, index].std(ddof=1)) if len(of_runs) > 1 else float("nan")
                    place = {"dataset": panel.dataset, "model": one.at["model"], "epoch": epoch, "split": split}
                    means = {"rows": float(counts_RC[:, index].mean()), "share": float(share_RC[:, index].mean())}
                    rows.append({**place, "label": label, "class": name, **means, "sd": sd, "runs": len(of_runs)})
    return rows


def draw(axis: Axes, part: pd.DataFrame, gap: str) -> None:
    """Draw both models; the scale is the row's, so that panels beside each other compare."""
    if part.empty:
        blank(axis, gap or "nothing recorded")
        return
    for model, (colour, line, marker) in MODELS.items():
        own = part[part["model"] == model]
        percent, sd = 100 * own["share"], 100 * own["sd"]
        axis.plot(own["epoch"], percent, color=colour, linestyle=line, marker=marker, markersize=2.5, linewidth=1)
        axis.fill_between(own["epoch"], percent - sd, percent + sd, color=colour, alpha=0.2, linewidth=0)
    say_in(axis, gap)
