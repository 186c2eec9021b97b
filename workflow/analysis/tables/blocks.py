"""What tables of AUC share: a dataset's rows beside their prints, and the frame of their document."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence, campaign_runs, data_used, status_of
from workflow.analysis.evidence.number import DELTA_NOTE, Metric, Number
from workflow.analysis.evidence.prints import Located, Paper, Print, in_paper
from workflow.analysis.evidence.verdict import Finding, Standing, Verdict, weakest
from workflow.analysis.pages.document import Document, Entry, Field, Mark, Section, Table, rank_marks
from workflow.analysis.pages.notes import data_line, data_title, limits_notes, precision_notes, runs_note
from workflow.config import load_dataset, load_experiment
from workflow.spec import RunSpec
from workflow.train.record import Record

NAMES: dict[Metric, str] = {"auc": "AUC", "gauc": "gAUC"}
SOURCE_FLAG = " †"
RANK_NOTE = (
    "Among the cells of a dataset the best is bold and the second best is italic (underlined in LaTeX); "
    "the paper's values and ours are ranked apart, by what is printed."
)
COUNT_NOTE = (
    "Ours is the mean of n runs ± their sample standard deviation, rounded; "
    "where no n stands, the one planned run was made."
)


@dataclass(frozen=True)
class Row:
    """A cell, compared with its print in each metric."""

    observed: Observed
    numbers: Mapping[Metric, Number]
    print: Print | None  # of the AUC

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


def document(
    evidence: Evidence,
    experiment: str,
    table: Located,
    blocks: Sequence[Block],
    sections: Iterable[Section],
    notes: Iterable[str],
    ranks: str = RANK_NOTE,
    print_notes: Iterable[str] = (),
    data: Callable[[Block], list[dict[str, str]]] | None = None,
) -> Document:
    """Frame a table's own sections and notes by those of every comparison.

    Parameters
    ----------
    evidence : Evidence
        What there is.
    experiment : str
        The table's experiment.
    table : Located
        The paper's table.
    blocks : sequence of Block
        Its datasets.
    sections : iterable of Section
        The runs behind each cell follow them.
    notes, print_notes : iterable of str
        Notes of the table as a whole, and of single prints.
    ranks : str
        Among what the best is marked; the legend, before the tables, has it.
    data : callable, optional
        From a block to its long data; by default the compared numbers.
    """
    of_block = data or (lambda block: long_rows(evidence, experiment, block))
    return Document(
        name=experiment.replace("_", "-"),
        title=title_of(table, experiment),
        lines=(
            source_line(evidence.paper, table),
            " ".join([COUNT_NOTE, DELTA_NOTE]),
            ranks,
        ),
        sections=(*sections, *(behind(block) for block in blocks)),
        notes=(
            *notes,
            *print_notes,
            *campaign_notes(evidence, [experiment]),
        ),
        data=tuple(row for block in blocks for row in of_block(block)),
    )


def title_of(table: Located, experiment: str) -> str:
    """The paper's number of the table, and our title of the experiment."""
    return f"{table.location.partition(',')[0]}: {load_experiment(experiment).title}"


def source_line(paper: Paper, table: Located) -> str:
    """Say which paper, and where in it."""
    return f"Paper: {paper.paper.title} ({paper.paper.cited}), {table.location}."


def campaign_notes(evidence: Evidence, experiments: Sequence[str]) -> list[str]:
    """Say what campaign and machines the runs come from, in which precision, and the campaign's limits."""
    campaign = evidence.plan.campaign
    done, planned = campaign_runs(evidence, experiments)
    machines = [(record.provenance.device, record.spec.training.precision) for _, _, record in done]
    used = [(load_dataset(dataset).title, cell, record.spec.training.precision) for dataset, cell, record in done]
    notes = [runs_note(campaign.campaign, machines, planned), *precision_notes(used)]
    return notes + limits_notes(campaign.limits, experiments)


# -- fields ---------------------------------------------------------------------------


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


# -- the runs behind it ---------------------------------------------------------------


def behind(block: Block) -> Section:
    """One line per run, with its record."""
    runs = [
        (row.observed, run, record)
        for row in block.rows
        for run, record in zip(row.observed.cell.runs, row.observed.records, strict=True)
    ]
    rows = tuple(_run(*each) for each in runs if each[2])
    lines = (
        (f"{len(runs) - len(rows)} of {len(runs)} planned runs have no record yet.",) if len(rows) < len(runs) else ()
    )
    header = ("Cell", "Seed", "Status", "Best epoch", "Test AUC", "Test gAUC", "Settings from", "Record")
    table = Table("One line per run", header, "lllrrrll", rows)
    return Section(f"Runs behind each cell: {block.title}", lines, (table,) if rows else (), appendix=True)


def _run(observed: Observed, run: RunSpec, record: Record | None) -> tuple[Field, ...]:
    test = record.test if record else None
    best = record.best_epoch if record else None
    return (
        observed.label,
        str(run.seed),
        f"failed: {record.failure}" if record and record.status == "failed" else status_of(record),
        f"{best} of {len(record.epochs)}" if record and best else "–",
        score(test.auc if test else None),
        score(test.gauc if test else None),
        observed.cell.source or "dataset's settings",
        Entry(run.key, record=run.record_path.as_posix() if record else None, runs=(run.key,)),
    )


def score(value: float | None) -> str:
    """An AUC with six decimals, or a dash."""
    return "–" if value is None else f"{value:.6f}"


def long_rows(evidence: Evidence, experiment: str, block: Block) -> list[dict[str, str]]:
    """Long data: one mapping per compared number."""
    return [
        {
            "campaign": evidence.plan.campaign.campaign,
            "experiment": experiment,
            "dataset": block.dataset,
            "cell": row.label,
            "metric": metric,
            "paper": text(each.paper_points),
            "ours": text(each.ours_points),
            "mean": text(each.mean),
            "sd": text(each.sd),
            "n": str(each.runs),
            "planned": str(each.planned),
            "delta": text(each.delta_points),
            "finding": each.verdict.word,
            "standing": each.ground.standing or "",
            "settings_from": each.source or "",
            "run_keys": " ".join(each.run_keys),
            "records": " ".join(each.records),
            "data_note": each.data_note,
        }
        for metric in block.metrics
        for row, each in ((row, row.numbers[metric]) for row in block.rows)
    ]


def text(value: Decimal | float | None) -> str:
    """A number for CSV; nothing where there is none."""
    return "" if value is None else str(value)
