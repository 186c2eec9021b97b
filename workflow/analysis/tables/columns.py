"""The fields of a table of AUC: a cell's print beside ours, and what came of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from workflow.analysis.evidence.number import Metric, Number
from workflow.analysis.evidence.verdict import Finding, Verdict
from workflow.analysis.pages.document import Entry, Field, Mark, Table, rank_marks
from workflow.analysis.tables.blocks import Row

NAMES: dict[Metric, str] = {"auc": "AUC", "gauc": "gAUC"}
SOURCE_FLAG = " †"


def marks(values: Mapping[frozenset[tuple[str, str]], Decimal | None]) -> dict[frozenset[tuple[str, str]], Mark]:
    """Rank printed values by key."""
    return dict(zip(values, rank_marks(list(values.values())), strict=True))


def paper_marks(rows: Iterable[Row], metric: Metric = "auc") -> dict[frozenset[tuple[str, str]], Mark]:
    """Rank the paper's values."""
    return marks({row.key: row.numbers[metric].paper_points for row in rows})


def our_marks(rows: Iterable[Row], metric: Metric = "auc") -> dict[frozenset[tuple[str, str]], Mark]:
    """Rank ours."""
    return marks({row.key: row.numbers[metric].ours_points for row in rows})


def points(value: Decimal | None) -> str:
    """Printed points, or a dash."""
    return "–" if value is None else str(value)


def our_value(each: Number, mark: Mark = Mark.PLAIN) -> Entry:
    """Our value, with the runs behind it; a dagger where the cell's settings have a source of their own."""
    return Entry(each.ours, mark, SOURCE_FLAG if each.source else "", runs=each.run_keys)


def delta(each: Number) -> Entry:
    """The difference to the print, or a dash."""
    return Entry(each.delta, runs=each.run_keys)


def compared(caption: str, rows: Sequence[Row], metric: Metric, places: Mapping[str, Callable[[Row], str]]) -> Table:
    """A line per cell that has run: where it stands, the paper's value, ours, their difference, the finding.

    Where the paper has no value for any of them, ours stands alone; a cell that is incomplete says so.

    Parameters
    ----------
    caption : str
        Of the table.
    rows : sequence of Row
        The cells, ranked among themselves; `idle_line` names those that have not run.
    metric : Metric
        Which of their numbers.
    places : mapping
        The columns that say which cell a line is, each with what it shows of a row.
    """
    theirs, ours = paper_marks(rows, metric), our_marks(rows, metric)
    shown = [(row, row.numbers[metric]) for row in rows if not is_idle(row)]
    columns: list[tuple[str, str, Callable[[Row, Number], Field]]] = [
        ("Paper", "r", lambda row, each: Entry(points(each.paper_points), theirs[row.key])),
        ("Ours", "r", lambda row, each: our_value(each, ours[row.key])),
        ("Δ", "r", lambda _, each: delta(each)),
        ("Finding", "l", lambda _, each: told(each.verdict)),
    ]
    if all(each.paper_points is None for _, each in shown):
        whole = all(each.verdict.finding is Finding.NO_PRINT for _, each in shown)
        columns = [columns[1]] if whole else [columns[1], columns[3]]
    fields = tuple(
        (*(place(row) for place in places.values()), *(field(row, each) for *_, field in columns))
        for row, each in shown
    )
    header = (*places, *(name for name, *_ in columns))
    return Table(caption, header, "l" * len(places) + "".join(align for _, align, _ in columns), fields)


def idle_line(rows: Sequence[Row], metrics: Sequence[Metric] = ("auc",), what: str = "Not run") -> list[str]:
    """Name the cells that have not run, with what the paper prints for them; nothing where all have.

    Without metrics their names alone: rows beyond the paper repeat the prints of others.
    """
    idle = [row for row in rows if is_idle(row)]
    prints = ["/".join(points(row.numbers[metric].paper_points) for metric in metrics) for row in idle]
    names = [f"{row.label} {values}".rstrip() for row, values in zip(idle, prints, strict=True)]
    values = f" (with the paper's {'/'.join(NAMES[metric] for metric in metrics)})" if metrics else ""
    return [f"{what}, {len(idle)} of {len(rows)} cells{values}: {', '.join(names)}."] if idle else []


def is_idle(row: Row) -> bool:
    """Whether none of its runs has a record."""
    return row.auc.verdict.shown is Finding.NOT_RUN


def told(verdict: Verdict) -> Entry:
    """A verdict in words."""
    return Entry("", verdict=verdict)


def verdict_counts(counted: Sequence[tuple[str, str, Sequence[Verdict]]]) -> Table:
    """Count verdicts: one row per (dataset, what is counted)."""
    shown = list(dict.fromkeys(verdict.shown for *_, verdicts in counted for verdict in verdicts))
    shown.sort(key=lambda word: ([*type(word)].index(word), str(word)))
    rows = tuple(
        (title, what, *(str([verdict.shown for verdict in verdicts].count(word) or "–") for word in shown))
        for title, what, verdicts in counted
    )
    return Table("Cells by verdict", ("Dataset", "Metric", *map(str, shown)), "ll" + "r" * len(shown), rows)
