"""A planned cell with what its runs gave, and one metric of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from workflow.analysis.evidence.verdict import Ground
from workflow.cells import Cell
from workflow.train.record import Record
from workflow.train.timing_record import Timed


class Sample(Protocol):
    """Values of one metric over the runs of a cell, and what they stand on."""

    @property
    def values(self) -> tuple[float, ...]:
        """One per run that gave one."""
        ...

    @property
    def ground(self) -> Ground:
        """What a comparison may rest on them."""
        ...


@dataclass(frozen=True)
class Observed:
    """One configuration on one dataset, with the record of each seed that has one."""

    cell: Cell
    records: tuple[Record | None, ...]
    ground: Ground
    timed: Timed | None = None  # its readings, where the cell is timed and not trained

    @property
    def label(self) -> str:
        """Its name for readers."""
        return self.cell.label

    @property
    def at(self) -> Mapping[str, str]:
        """Its coordinates."""
        return self.cell.at

    @property
    def keys(self) -> tuple[str, ...]:
        """Identities of its runs."""
        return tuple(run.key for run in self.cell.runs)

    @property
    def finished(self) -> tuple[Record, ...]:
        """Records of the runs that ended with a result."""
        return tuple(record for record in self.records if record and record.status == "ok")

    @property
    def beyond(self) -> bool:
        """Whether the paper has no such row, though the row may be compared with a print."""
        return self.cell.at != self.cell.print_at

    def values(self, metric: str, split: str = "test") -> tuple[float, ...]:
        """The metric of each finished run that has it."""
        if self.timed is not None:
            return tuple(getattr(self.timed, metric, ()))
        found = [getattr(getattr(record, split), metric, None) for record in self.finished]
        return tuple(value for value in found if value is not None)


@dataclass(frozen=True)
class Measured:
    """A sample as it is."""

    values: tuple[float, ...]
    ground: Ground


def sample(observed: Observed, metric: str) -> Measured:
    """One metric of a cell."""
    return Measured(observed.values(metric), observed.ground)
