"""The cells of a table beside their prints, on one dataset."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflow.analysis.compare.numbers import Metric, Number, number
from workflow.analysis.compare.words import Verdict, tally
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import OnDataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Obstacle
from workflow.analysis.pages.document import Entry, Field, Table, rank_marks, table_of

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


def rows_of(evidence: Evidence, on: OnDataset, metrics: Sequence[Metric]) -> list[Row]:
    """Compare every cell with the paper's print, in the plan's order; without gAUC where a dataset has no users."""
    grouped = any(one.cell.runs[0].dataset.preparation.group for one in on.cells)
    kept: list[Metric] = [metric for metric in metrics if grouped or metric != "gauc"]
    return [Row(one, {metric: number(evidence, one, metric) for metric in kept}) for one in on.cells]


def numbers_table(
    caption: str, rows: Sequence[Row], metric: Metric, places: Mapping[str, Place], ranked: Place | None = None
) -> Table:
    """A line per cell that has run: its print, ours, the difference, the width of one new run's interval, the word.

    `places` are the columns that say which cell a line is. Rows are ranked within the groups of `ranked`, by default
    all together, among those that have not run; `idle_line` names these.
    """
    group_of = ranked or (lambda _: "")
    lines: list[dict[str, Field]] = []
    for group in dict.fromkeys(group_of(row.observed) for row in rows):
        members = [row for row in rows if group_of(row.observed) == group]
        theirs = rank_marks([row.numbers[metric].paper_points for row in members])
        ours = rank_marks([row.numbers[metric].ours_points for row in members])
        for row, paper_mark, our_mark in zip(members, theirs, ours, strict=True):
            if row.idle:
                continue
            each, printed = row.numbers[metric], row.numbers[metric].paper_points
            flag = SOURCE_FLAG if row.observed.cell.source else ""
            lines.append(
                {
                    **{name: place(row.observed) for name, place in places.items()},
                    "Paper": "–" if printed is None else Entry(str(printed), paper_mark),
                    "Ours": Entry(each.ours, our_mark, flag, runs=each.sample.keys),
                    "Δ": each.delta,
                    "One new run": "–" if printed is None else each.half_width,
                    "Finding": each.verdict,
                }
            )
    return table_of(caption, lines)


def idle_line(rows: Sequence[Row], what: str = "Not run") -> list[str]:
    """Name the cells that have not run, with what the paper prints for them; nothing where all have."""
    idle = [row for row in rows if row.idle]
    names = []
    for row in idle:
        prints = [str(each.paper_points) for each in row.numbers.values() if each.paper_points is not None]
        names.append(" ".join((row.observed.label, *(["/".join(prints)] if prints and row.in_paper else []))))
    return [f"{what}, {len(idle)} of {len(rows)} cells: {', '.join(names)}."] if idle else []


def counts_table(counted: Sequence[tuple[str, str, Sequence[Verdict]]]) -> Table:
    """Count words: one row per (dataset, what is counted)."""
    words = [verdict.word for verdict, _ in tally(verdict for *_, verdicts in counted for verdict in verdicts)]
    tallies = [(title, what, {one.word: count for one, count in tally(of)}) for title, what, of in counted]
    rows = [
        {"Dataset": title, "": what, **{word: str(found.get(word, "–")) for word in words if word}}
        for title, what, found in tallies
    ]
    return table_of("Verdicts", rows)


def number_data(rows: Sequence[Row]) -> Iterator[dict[str, object]]:
    """Long data: one mapping per compared number."""
    for metric in rows[0].numbers if rows else ():
        for row in rows:
            one, each = row.observed, row.numbers[metric]
            notes = dict.fromkeys(record.provenance.data_note for record in one.records if record)
            yield {
                "kind": "number",
                "dataset": one.cell.dataset,
                "item": one.label,
                "over": "",
                "metric": metric,
                "paper": each.paper_points,
                "ours": each.ours_points,
                "mean": each.mean,
                "sd": each.sd,
                "n": each.runs,
                "planned": each.sample.planned,
                "delta": each.delta_points,
                "half_width": each.half_width_points,
                "finding": each.verdict,
                "standing": each.ground.standing,
                "settings_from": one.cell.source,
                "run_keys": each.sample.keys,
                "records": one.places,
                "data_note": "; ".join(notes),
            }
