"""Cells on one dataset: the standing of their data, and missing runs in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence, record_data
from workflow.analysis.evidence.standing import Standing, weakest
from workflow.plan.config import load_dataset
from workflow.train.record import Record


@dataclass(frozen=True)
class OnDataset:
    """Cells on one dataset, in the plan's order."""

    dataset: str
    cells: tuple[Observed, ...]

    @cached_property
    def used(self) -> list[tuple[str, str, str]]:
        """Standing and reason of the data of each run that has a record, and the record's note; a shared run once."""
        runs = {run.key: record for one in self.cells for run, record in zip(one.cell.runs, one.records, strict=False)}
        found = [(*record_data(record), record.provenance.data_note) for record in runs.values() if record]
        return [(str(standing), reason, note) for standing, reason, note in found]

    @cached_property
    def standing(self) -> tuple[Standing, str] | None:
        """The weakest standing of its data, and why; None if none is known yet."""
        reasons = {Standing(standing): reason for standing, reason, _ in self.used}
        if any(one.cell.runs[0].dataset.preparation.twin for one in self.cells):
            reasons[Standing.SYNTHETIC] = "synthetic data"
        found = weakest(reasons)
        return (found, reasons[found]) if found else None

    @property
    def title(self) -> str:
        """The dataset's title, with the standing of its data where they are not the published ones."""
        return data_title(load_dataset(self.dataset).title, self.standing[0] if self.standing else None)

    @property
    def gap(self) -> str:
        """What is missing, in words."""
        return gap_note([record for one in self.cells for record in one.records])


def by_dataset(evidence: Evidence, *experiments: str) -> list[OnDataset]:
    """The cells of experiments, for each of their datasets that the campaign has, in the first one's order."""
    names = dict.fromkeys(name for each in experiments for name in evidence.datasets_of(each))
    cells = {name: [one for each in experiments for one in evidence.cells(each, name)] for name in names}
    return [OnDataset(name, tuple(found)) for name, found in cells.items()]


def data_title(title: str, standing: str | None) -> str:
    """A dataset's title, with the standing of its data where they are not the published ones."""
    return title if standing in (None, Standing.PUBLISHED, Standing.OWN) else f"{title} ({standing})"


def gap_note(records: Sequence[Record | None]) -> str:
    """How many runs are missing or failed; empty if all ended well."""
    total, missing = len(records), sum(record is None for record in records)
    failed = sum(record is not None and record.status == "failed" for record in records)
    if missing == total:
        return f"no run yet (0 of {total})"
    parts = [f"{count} of {total} runs {what}" for count, what in ((missing, "missing"), (failed, "failed")) if count]
    return ", ".join(parts)
