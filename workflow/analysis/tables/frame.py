"""The frame of a table of AUC: title, legend, notes, the runs one by one, and its numbers as long data."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence, campaign_runs, status_of
from workflow.analysis.evidence.number import DELTA_NOTE
from workflow.analysis.evidence.verdict import Finding
from workflow.analysis.pages.document import Document, Entry, Field, Section, Table
from workflow.analysis.pages.notes import limits_notes, precision_notes, runs_note
from workflow.analysis.paper.prints import Paper
from workflow.analysis.tables.blocks import Block
from workflow.plan.config import load_dataset, load_experiment
from workflow.spec import RunSpec
from workflow.train.record import Record

RANK_NOTE = (
    "Among the cells of a dataset the best is bold and the second best is italic (underlined in LaTeX); "
    "the paper's values and ours are ranked apart, by what is printed."
)
COUNT_NOTE = (
    "Ours is the mean of n runs ± their sample standard deviation, rounded; "
    "where no n stands, the one planned run was made."
)


def document(
    evidence: Evidence,
    experiment: str,
    table: str,
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
    table : str
        The paper's number of it, such as 3.
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
        title=title_of(evidence.paper, table, experiment),
        lines=(
            source_line(evidence.paper, table),
            " ".join([COUNT_NOTE, DELTA_NOTE]),
            ranks,
        ),
        sections=(*sections, *(behind(block) for block in blocks)),
        notes=(
            *notes,
            *print_notes,
            *(line for block in blocks for line in reach_notes(block)),
            *campaign_notes(evidence, [experiment]),
        ),
        data=tuple(row for block in blocks for row in of_block(block)),
    )


def reach_notes(block: Block) -> list[str]:
    """Say for which cells of a dataset no number of runs would reproduce the print; nothing where there are none."""
    numbers = [each for row in block.rows for each in row.numbers.values()]
    short = [each for each in numbers if each.verdict.finding is Finding.TOO_FEW]
    reaches = [each.reach_points for each in short if each.reach_points is not None]
    if not reaches:
        return []
    low, high = (f"{bound(reaches):.2f}" for bound in (min, max))
    width = f"± {low}" if low == high else f"± {low} to {high}"
    why = "the test set's error and one run's spread leave" if short[0].other_split else "one run's spread leaves"
    return [
        f"{block.title}: for {len(reaches)} of {len(short)} numbers with too few runs no number of runs would do, "
        f"as {why} at least {width} points however many there are (lower 95 % bound of the spread)."
    ]


def title_of(paper: Paper, table: str, experiment: str) -> str:
    """The paper's number of the table, and our title of the experiment."""
    return f"{paper.name_of(table)}: {load_experiment(experiment).title}"


def source_line(paper: Paper, table: str) -> str:
    """Say which paper, and where in it."""
    return f"Paper: {paper.about.title} ({paper.about.cited}), {paper.place_of(table)}."


def campaign_notes(evidence: Evidence, experiments: Sequence[str]) -> list[str]:
    """Say what campaign and machines the runs come from, in which precision, and the campaign's limits."""
    campaign = evidence.plan.campaign
    done, planned = campaign_runs(evidence, experiments)
    machines = [(record.provenance.device, record.spec.training.precision) for _, _, record in done]
    used = [(load_dataset(dataset).title, cell, record.spec.training.precision) for dataset, cell, record in done]
    notes = [runs_note(campaign.campaign, machines, planned), *precision_notes(used)]
    return notes + limits_notes(campaign.limits, experiments)


# -- the runs behind it ---------------------------------------------------------------


def behind(block: Block) -> Section:
    """One line per run, with its record."""
    return behind_cells(block.title, [row.observed for row in block.rows])


def behind_cells(title: str, cells: Iterable[Observed]) -> Section:
    """The same of cells on one dataset, which has this title."""
    runs = [
        (observed, run, record)
        for observed in cells
        for run, record in zip(observed.cell.runs, observed.records, strict=True)
    ]
    rows = tuple(_run(*each) for each in runs if each[2])
    lines = (
        (f"{len(runs) - len(rows)} of {len(runs)} planned runs have no record yet.",) if len(rows) < len(runs) else ()
    )
    archive = next((observed.archive for observed, _, _ in runs if observed.archive), None)
    if archive and rows:
        command = f"python -m workflow restore {archive.rpartition('/')[0] or '.'}"
        lines += (f"Each record is a line of {archive}; {command} makes them files of their own.",)
    header = ("Cell", "Seed", "Status", "Best epoch", "Test AUC", "Test gAUC", "Settings from", "Record")
    table = Table("One line per run", header, "lllrrrll", rows)
    return Section(f"Runs behind each cell: {title}", lines, (table,) if rows else (), appendix=True)


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
        Entry(run.key, record=observed.file_of(run) if record else None, runs=(run.key,)),
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
