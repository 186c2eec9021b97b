"""Figure 10: how the three sample classes grow and shrink, DualMLP against TF4CTR."""

from collections.abc import Iterator

import pandas as pd

from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import style
from workflow.analysis.figures.panels import evidence_notes, nothing_of, over_runs, seeds_note

MODELS = {"DualMLP": (style.BLUE, "--", "s"), "TF4CTR": (style.VERMILLION, "-", "o")}
SIDES = tuple((split, label) for label in (1, 0) for split in ("valid", "test"))
NAMES = {"valid": "validation", "test": "test", 1: "positive samples", 0: "negative samples"}
LETTERS = {("frappe", 1): "(a) ", ("frappe", 0): "(b) ", ("ml-tag", 1): "(c) ", ("ml-tag", 0): "(d) "}  # of the paper
CLASSES = tuple(style.CLASS_COLOURS)
PLACE = ("dataset", "model", "epoch", "split", "label", "class")


def build(evidence: Evidence, experiment: str) -> tuple[style.Figure, pd.DataFrame]:
    """Draw a row per dataset and class, a column per label and split; a row shares its scale."""
    panels = by_dataset(evidence, experiment)
    counts = (row for panel in panels for row in _rows(panel))
    frame = over_runs(
        counts, PLACE, rows=("rows", "mean"), share=("share", "mean"), sd=("share", "std"), runs=("share", "size")
    )
    if empty := nothing_of(panels):
        return empty, frame
    rows = [(panel, name) for panel in panels for name in CLASSES]
    figure, axes = style.canvas(len(rows), len(SIDES), height_in=1.1 * len(rows) + 0.9, sharex=True, sharey="row")
    for row, (panel, name) in enumerate(rows):
        for column, (split, label) in enumerate(SIDES):
            part = frame[(frame["dataset"] == panel.dataset) & (frame["class"] == name)]
            part = part[(part["split"] == split) & (part["label"] == label)]
            draw(axes[row, column], part, panel.gap)
            if name == CLASSES[0]:
                letter = LETTERS.get((panel.dataset, label), "")
                head = f"{letter}{panel.title}, {NAMES[label]}" if split == "valid" else ""
                axes[row, column].set_title(f"{head}\n{NAMES[split]}")
        axes[row, 0].set_ylim(bottom=0)  # the whole row is drawn, as it shares the scale
        axes[row, 0].set_ylabel(f"{name.replace(' ', chr(10))}, %")
    for axis in axes[-1]:
        axis.set_xlabel("epoch")
        style.whole_numbers(axis)
    notes = [*seeds_note(panels), *evidence_notes(evidence, experiment, panels)]
    style.legend(figure, 2, notes)
    return figure, frame


def _rows(panel: OnDataset) -> Iterator[dict[str, object]]:
    """One row per model, run, epoch, split, label and class."""
    for one in panel.cells:
        for record in one.finished:
            for counts in sorted(record.probes.class_counts, key=lambda each: (each.epoch, each.split)):
                for label, of_class in ((1, counts.positives), (0, counts.negatives)):
                    for name, count in zip(CLASSES, of_class, strict=True):
                        place = (panel.dataset, one.at["model"], counts.epoch, counts.split, label, name)
                        share = count / max(sum(of_class), 1)
                        yield {**dict(zip(PLACE, place, strict=True)), "rows": count, "share": share}


def draw(axis: style.Axes, part: pd.DataFrame, gap: str) -> None:
    """Draw both models; the scale is the row's, so that panels beside each other compare."""
    if part.empty:
        style.blank(axis, gap or "nothing recorded")
        return
    for model, (colour, line, marker) in MODELS.items():
        own = part[part["model"] == model]
        percent, sd = 100 * own["share"], 100 * own["sd"]
        look: style.Look = {"color": colour, "linestyle": line, "marker": marker, "markersize": 2.5, "linewidth": 1}
        axis.plot(own["epoch"], percent, label=model, **look)
        axis.fill_between(own["epoch"], percent - sd, percent + sd, color=colour, alpha=0.2, linewidth=0)
    style.say_in(axis, gap)
