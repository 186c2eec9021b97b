"""What all figures share: the cells of a panel, what is missing, and what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence, campaign_runs, data_used
from workflow.analysis.evidence.standing import Standing, weakest
from workflow.analysis.figures.style import Figure, sentences
from workflow.analysis.pages.notes import data_title, limits_text, precision_notes
from workflow.plan.config import load_dataset
from workflow.train.record import Record

NO_DATASET = "No dataset of this figure is in the campaign."


@dataclass(frozen=True)
class Panel:
    """The cells of one dataset, in the plan's order."""

    dataset: str
    title: str
    cells: tuple[Observed, ...]
    standing: tuple[Standing, str] | None  # the weakest of its data, and why

    @property
    def gap(self) -> str:
        """What is missing, in words."""
        return gap_note([record for one in self.cells for record in one.records])


def panels_of(evidence: Evidence, experiment: str) -> list[Panel]:
    """One panel per dataset of the experiment that the campaign has."""
    return [
        _panel(name, tuple(one for one in evidence.cells(experiment) if one.cell.dataset == name))
        for name in evidence.datasets_of(experiment)
    ]


def _panel(name: str, cells: tuple[Observed, ...]) -> Panel:
    reasons = {Standing(standing): reason for standing, reason, _ in data_used(cells)}
    if any(one.cell.runs[0].dataset.preparation.twin for one in cells):
        reasons[Standing.SYNTHETIC] = "synthetic data"
    standing = weakest(reasons)
    title = data_title(load_dataset(name).title, standing)
    return Panel(name, title, cells, (standing, reasons[standing]) if standing else None)


def gap_note(records: Sequence[Record | None]) -> str:
    """Say how many runs are missing or failed; nothing where all ended well.

    Examples
    --------
    >>> gap_note([None, None])
    'no run yet (0 of 2)'
    """
    total, missing = len(records), sum(record is None for record in records)
    failed = sum(record is not None and record.status == "failed" for record in records)
    if missing == total:
        return f"no run yet (0 of {total})"
    parts = [f"{count} of {total} runs {what}" for count, what in ((missing, "missing"), (failed, "failed")) if count]
    return ", ".join(parts)


def nothing_of(panels: Sequence[Panel]) -> Figure | None:
    """Words instead of a figure's panels, where no run of it has ended; else None."""
    if any(one.finished for panel in panels for one in panel.cells):
        return None
    return sentences([f"{panel.title}: {panel.gap}." for panel in panels] or [NO_DATASET])


def evidence_notes(evidence: Evidence, experiment: str, panels: Sequence[Panel]) -> list[str]:
    """Say in the figure itself what sets its runs apart from the paper's: data, protocol, precision."""
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


def seeds_note(panels: Sequence[Panel]) -> list[str]:
    """Say how many seeds a mean rests on, where there are several."""
    seeds = max((len(one.cell.runs) for panel in panels for one in panel.cells), default=0)
    return [f"Lines are means of {seeds} seeds; bands are ± one standard deviation."] if seeds > 1 else []
