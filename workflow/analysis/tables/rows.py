"""The cells of a table beside their prints, dataset by dataset."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from workflow.analysis.compare.numbers import Metric, Number, number
from workflow.analysis.compare.points import rounded
from workflow.analysis.compare.words import Finding, Verdict, tally
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Obstacle
from workflow.analysis.pages.document import Entry, Field, Mark, Table, rank_marks, without_empty
from workflow.analysis.paper.prints import in_paper

NAMES: Mapping[Metric, str] = {"auc": "AUC", "gauc": "gAUC"}
SOURCE_FLAG = " †"
Place = Callable[[Observed], str]  # from a cell to a column that says which it is


@dataclass(frozen=True)
class Row:
    """A cell, compared with its print in each metric."""

    observed: Observed
    numbers: Mapping[Metric, Number]

    @property
    def in_paper(self) -> bool:
        """Whether the paper has this row; others are beyond it, compared with a print or not."""
        return self.numbers["auc"].paper_points is not None and not self.observed.beyond

    @property
    def idle(self) -> bool:
        """Whether none of its runs has a record."""
        return self.numbers["auc"].verdict.shown is Obstacle.NOT_RUN


@dataclass(frozen=True)
class Block:
    """The rows of one dataset, in the plan's order; without gAUC where a dataset has no users."""

    on: OnDataset
    rows: tuple[Row, ...]
    metrics: tuple[Metric, ...]

    @property
    def dataset(self) -> str:
        """Its configuration's name."""
        return self.on.dataset

    @property
    def title(self) -> str:
        """Its name for readers, with the standing of its data."""
        return self.on.title

    @property
    def beyond(self) -> str:
        """What is said after the name of rows that the paper does not have; on own data that says nothing."""
        return ", beyond the paper" if in_paper(self.dataset) else ""


def blocks_of(evidence: Evidence, experiment: str, metrics: tuple[Metric, ...]) -> list[Block]:
    """Compare every cell of an experiment with the paper's print."""
    return [_block(evidence, on, metrics) for on in by_dataset(evidence, experiment)]


def _block(evidence: Evidence, on: OnDataset, metrics: tuple[Metric, ...]) -> Block:
    grouped = any(one.cell.runs[0].dataset.preparation.group for one in on.cells)
    kept: tuple[Metric, ...] = tuple(metric for metric in metrics if grouped or metric != "gauc")
    rows = tuple(Row(one, {metric: number(evidence, one, metric) for metric in kept}) for one in on.cells)
    return Block(on, rows, kept)


# -- tables ---------------------------------------------------------------------------


def numbers_table(
    caption: str, rows: Sequence[Row], metric: Metric, places: Mapping[str, Place], ranked: Place | None = None
) -> Table:
    """A line per cell that has run: its print, ours, the difference, the width of one new run's interval, the word.

    Parameters
    ----------
    caption : str
        Of the table.
    rows : sequence of Row
        The cells; `idle_line` names those that have not run.
    metric : Metric
        Which of their numbers.
    places : mapping
        The columns that say which cell a line is, each with what it shows of a cell.
    ranked : callable, optional
        From a cell to the group in which it is ranked; by default all rows are one.
    """
    group_of = {id(row): ranked(row.observed) if ranked else "" for row in rows}
    groups = list(dict.fromkeys(group_of.values()))
    ordered = sorted(rows, key=lambda row: groups.index(group_of[id(row)]))  # stable: a group together
    shown = [(row, row.numbers[metric]) for row in ordered if not row.idle]
    printed = [(group_of[id(row)], row.numbers[metric].paper_points) for row in ordered]
    theirs = [mark for row, mark in zip(ordered, _marks(printed), strict=True) if not row.idle]
    ours = _marks([(group_of[id(row)], each.ours_points) for row, each in shown])
    fields: list[tuple[Field, ...]] = [
        (
            *(place(row.observed) for place in places.values()),
            Entry("–" if each.paper_points is None else str(each.paper_points), theirs[index]),
            Entry(each.ours, ours[index], SOURCE_FLAG if row.observed.cell.source else "", runs=each.run_keys),
            each.delta,
            each.half_width if each.paper_points is not None else "–",
            told(each.verdict),
        )
        for index, (row, each) in enumerate(shown)
    ]
    header = (*places, "Paper", "Ours", "Δ", "One new run", "Finding")
    return without_empty(Table(caption, header, "l" * len(places) + "rrrrl", tuple(fields)))


def _marks(values: Sequence[tuple[str, Decimal | None]]) -> list[Mark]:
    """Rank printed values within their groups."""
    marks = [Mark.PLAIN] * len(values)
    for group in dict.fromkeys(group for group, _ in values):
        places = [index for index, (name, _) in enumerate(values) if name == group]
        for index, mark in zip(places, rank_marks([values[index][1] for index in places]), strict=True):
            marks[index] = mark
    return marks


def idle_line(rows: Sequence[Row], what: str = "Not run") -> list[str]:
    """Name the cells that have not run, with what the paper prints for them; nothing where all have."""
    idle = [row for row in rows if row.idle]
    names = []
    for row in idle:
        prints = [str(each.paper_points) for each in row.numbers.values() if each.paper_points is not None]
        names.append(" ".join((row.observed.label, *(["/".join(prints)] if prints and row.in_paper else []))))
    return [f"{what}, {len(idle)} of {len(rows)} cells: {', '.join(names)}."] if idle else []


def told(verdict: Verdict) -> Entry:
    """A verdict in words."""
    return Entry("", verdict=verdict)


def counts_table(caption: str, counted: Sequence[tuple[str, str, Sequence[Verdict]]]) -> Table:
    """Count words: one row per (dataset, what is counted)."""
    tallies = [(title, what, tally(verdicts)) for title, what, verdicts in counted]
    words = list(tally(verdict for *_, verdicts in counted for verdict in verdicts))
    rows = tuple((title, what, *(str(found.get(word, "–")) for word in words)) for title, what, found in tallies)
    return Table(caption, ("Dataset", "", *words), "ll" + "r" * len(words), rows)


def number_data(evidence: Evidence, experiment: str, block: Block) -> list[dict[str, str]]:
    """Long data: one mapping per compared number."""
    return [
        {
            "campaign": evidence.plan.campaign.campaign,
            "experiment": experiment,
            "kind": "number",
            "dataset": block.dataset,
            "item": row.observed.label,
            "over": "",
            "metric": metric,
            "paper": rounded(each.paper_points),
            "ours": rounded(each.ours_points),
            "mean": rounded(each.mean),
            "sd": rounded(each.sd),
            "n": str(each.runs),
            "planned": str(each.planned),
            "delta": rounded(each.delta_points),
            "half_width": rounded(each.half_width_points),
            "finding": each.verdict.word if each.verdict.finding is not Finding.NONE else "",
            "standing": each.ground.standing or "",
            "settings_from": row.observed.cell.source or "",
            "run_keys": " ".join(each.run_keys),
            "records": " ".join(row.observed.places),
            "data_note": _data_note(row.observed),
        }
        for metric in block.metrics
        for row, each in ((row, row.numbers[metric]) for row in block.rows)
    ]


def _data_note(one: Observed) -> str:
    return "; ".join(dict.fromkeys(record.provenance.data_note for record in one.records if record))
