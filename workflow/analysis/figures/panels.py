"""What all figures share: means over seeds, texts in place of missing panels, and notes on the data."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from workflow.analysis.evidence.dataset import OnDataset
from workflow.analysis.evidence.load import Evidence, campaign_runs
from workflow.analysis.evidence.standing import Standing
from workflow.analysis.figures.style import Figure, sentences
from workflow.analysis.pages.notes import limits_text, precision_notes
from workflow.plan.config import load_dataset

NO_DATASET = "No dataset of this figure is in the campaign."


def over_runs(rows: Iterable[Mapping[str, object]], by: Sequence[str], /, **columns: tuple[str, str]) -> pd.DataFrame:
    """What runs measured at the same place together, in the order of the first: see `pandas`' `agg` for `columns`."""
    names = dict.fromkeys([*by, *(name for name, _ in columns.values())])
    frame = pd.DataFrame(list(rows), columns=list(names))
    return frame.groupby(list(by), sort=False).agg(**columns).reset_index()


def nothing_of(panels: Sequence[OnDataset]) -> Figure | None:
    """A text instead of a figure's panels if none of its runs has ended; else None."""
    if any(one.finished for panel in panels for one in panel.cells):
        return None
    return sentences([f"{panel.title}: {panel.gap}." for panel in panels] or [NO_DATASET])


def evidence_notes(evidence: Evidence, experiment: str, panels: Sequence[OnDataset]) -> list[str]:
    """Notes in the figure on how its runs differ from the paper's: data, protocol, precision."""
    notes = ["Synthetic data: these say nothing about the paper."] if evidence.plan.campaign.twin else []
    if limits := limits_text(evidence.plan.campaign.limits, (experiment,)):
        notes.append(f"Not the paper's protocol: {limits}.")
    data = [
        f"{panel.title}: {panel.standing[1]}."
        for panel in panels
        if panel.standing and panel.standing[0] in (Standing.REDRAWN, Standing.STAND_IN)
    ]
    done, _ = campaign_runs(evidence, [experiment])
    used = [(load_dataset(dataset).title, cell, record.spec.training.precision) for dataset, cell, record in done]
    return [*([" ".join(notes)] if notes else []), *data, *precision_notes(used)]


def seeds_note(panels: Sequence[OnDataset]) -> list[str]:
    """The number of seeds behind a mean, if there are several."""
    seeds = max((len(one.cell.runs) for panel in panels for one in panel.cells), default=0)
    return [f"Lines are means of {seeds} seeds; bands are ± one standard deviation."] if seeds > 1 else []
