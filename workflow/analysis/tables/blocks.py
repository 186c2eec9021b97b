"""The rows of a table of AUC beside their prints, dataset by dataset."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence, data_used
from workflow.analysis.evidence.number import Metric, Number
from workflow.analysis.evidence.verdict import Standing, weakest
from workflow.analysis.pages.notes import data_line, data_title
from workflow.analysis.paper.facts import Fact
from workflow.analysis.paper.prints import in_paper
from workflow.plan.config import load_dataset


@dataclass(frozen=True)
class Row:
    """A cell, compared with its print in each metric."""

    observed: Observed
    numbers: Mapping[Metric, Number]
    print: Fact | None  # of the AUC

    @property
    def label(self) -> str:
        """Its name for readers."""
        return self.observed.label

    @property
    def at(self) -> Mapping[str, str]:
        """Its coordinates."""
        return self.observed.at

    @property
    def key(self) -> frozenset[tuple[str, str]]:
        """Its coordinates as a key."""
        return frozenset(self.at.items())

    @property
    def auc(self) -> Number:
        """The compared AUC."""
        return self.numbers["auc"]

    @property
    def in_paper(self) -> bool:
        """Whether the paper has this row; others stand beyond it, compared with a print or not."""
        return self.print is not None and not self.observed.beyond


@dataclass(frozen=True)
class Block:
    """The rows of one dataset, in the plan's order."""

    dataset: str
    title: str
    rows: tuple[Row, ...]
    metrics: tuple[Metric, ...]

    def at(self, at: Mapping[str, str], **changes: str) -> Row | None:
        """The row at these coordinates, some of them changed."""
        wanted = frozenset({**at, **changes}.items())
        return next((row for row in self.rows if row.key == wanted), None)

    @property
    def own(self) -> bool:
        """Whether the paper does not have this dataset."""
        return not in_paper(self.dataset)

    @property
    def beyond(self) -> str:
        """What is said after the name of rows that the paper does not have; on own data that says nothing."""
        return "" if self.own else ", beyond the paper"

    @property
    def data_line(self) -> str:
        """On which data its runs were made."""
        return data_line("Data", data_used(row.observed for row in self.rows))


def blocks_of(evidence: Evidence, experiment: str, metrics: tuple[Metric, ...] = ("auc",)) -> list[Block]:
    """Compare every cell of an experiment with the paper's print, dataset by dataset.

    gAUC is left out where a dataset has no users.
    """
    return [_block(evidence, experiment, name, metrics) for name in evidence.datasets_of(experiment)]


def _block(evidence: Evidence, experiment: str, dataset: str, metrics: tuple[Metric, ...]) -> Block:
    cells = [one for one in evidence.cells(experiment) if one.cell.dataset == dataset]
    grouped = any(one.cell.runs[0].dataset.preparation.group for one in cells)
    kept: tuple[Metric, ...] = tuple(metric for metric in metrics if grouped or metric != "gauc")
    rows = tuple(
        Row(
            one,
            {metric: evidence.number(one, metric) for metric in kept},
            evidence.print_of(one.cell.print_at, "auc"),
        )
        for one in cells
    )
    return Block(dataset, titled(dataset, cells), rows, kept)


def titled(dataset: str, cells: Iterable[Observed]) -> str:
    """A dataset's title with the standing of the data that its cells' runs used."""
    found = list(cells)
    standings = [Standing(standing) for standing, _, _ in data_used(found)]
    standings += [Standing.TWIN for one in found if one.cell.runs[0].dataset.preparation.twin]
    return data_title(load_dataset(dataset).title, weakest(standings))
