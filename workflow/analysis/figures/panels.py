"""What all figures share: the records behind a panel, what is missing, and what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.analysis.evidence.collect import read_planned
from workflow.analysis.pages.notes import data_title, limits_text, precision_notes
from workflow.config import load_dataset, load_experiment
from workflow.plan import Cell, Plan
from workflow.train.record import Record


@dataclass(frozen=True)
class Panel:
    """The cells of one dataset with their records, in the order of the runs."""

    dataset: str
    title: str
    cells: tuple[Cell, ...]
    records: tuple[tuple[Record | None, ...], ...]  # by cell and seed

    @property
    def finished(self) -> list[list[Record]]:
        """By cell, the records of runs that ended with a result."""
        return [[record for record in of_cell if record and record.status == "ok"] for of_cell in self.records]

    @property
    def gap(self) -> str:
        """What is missing, in words."""
        return gap_note([record for of_cell in self.records for record in of_cell])

    def of(self, label: str) -> list[Record]:
        """Finished records of the cell with this label; none where the experiment has no such cell."""
        return next((done for cell, done in zip(self.cells, self.finished, strict=True) if cell.label == label), [])


def panels_of(plan: Plan, experiment: str) -> list[Panel]:
    """One panel per dataset of the experiment that the campaign has.

    Raises
    ------
    UserError
        When a record is damaged or holds another run than the planned one.
    """
    cells = plan.cells_of(experiment)
    return [
        _panel(plan, name, tuple(cell for cell in cells if cell.dataset == name))
        for name in plan.datasets_of(load_experiment(experiment))
    ]


def _panel(plan: Plan, name: str, cells: tuple[Cell, ...]) -> Panel:
    records = tuple(tuple(read_planned(run) for run in cell.runs) for cell in cells)
    origins = [record.provenance.data_origin for of_cell in records for record in of_cell if record]
    origins += ["twin"] if plan.campaign.twin else []
    return Panel(name, data_title(load_dataset(name).title, origins), cells, records)


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


def evidence_notes(plan: Plan, experiment: str, panels: Sequence[Panel]) -> list[str]:
    """Say in the figure itself what sets its runs apart from the paper's: data, protocol, precision."""
    notes = ["Synthetic twins: no evidence about the paper."] if plan.campaign.twin else []
    if limits := limits_text(plan.campaign.limits, (experiment,)):
        notes.append(f"Not the paper's protocol: {limits}.")
    return [*([" ".join(notes)] if notes else []), *precision_notes(_precisions(panels))]


def _precisions(panels: Sequence[Panel]) -> list[tuple[str, str, str]]:
    """Dataset, cell and precision of each run that has a record."""
    return [
        (load_dataset(panel.dataset).title, cell.label, record.spec.training.precision)
        for panel in panels
        for cell, records in zip(panel.cells, panel.records, strict=True)
        for record in records
        if record
    ]


def seeds_note(panels: Sequence[Panel]) -> list[str]:
    """Say how many seeds a mean rests on, where there are several."""
    seeds = max((len(cell.runs) for panel in panels for cell in panel.cells), default=0)
    return [f"Lines are means of {seeds} seeds; bands are ± one standard deviation."] if seeds > 1 else []
