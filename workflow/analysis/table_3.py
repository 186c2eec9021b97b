"""Table III: every SSEM with every DFM, per dataset, AUC and gAUC."""

from pathlib import Path

from workflow.analysis.blocks import (
    COLUMNS,
    COUNT_NOTE,
    NAMES,
    RANK_NOTE,
    Block,
    Prints,
    blocks_of,
    comparison,
    evidence,
    long_rows,
    marks,
    our_value,
    points,
    verdict_counts,
)
from workflow.analysis.cells import DELTA_NOTE, Metric
from workflow.analysis.collect import collect
from workflow.analysis.document import Document, Entry, Field, Section, Table
from workflow.analysis.notes import campaign_notes, data_line, legend, used_data
from workflow.analysis.paper import Paper
from workflow.config import load_experiment
from workflow.plan import Cell, Plan


def build(plan: Plan, experiment: str, out: Path, paper: Paper) -> Document:
    """Compare the grid with the paper's, from records only.

    Parameters
    ----------
    plan : Plan
        The expanded campaign.
    experiment : str
        The experiment whose cells have the keys `ssem` and `dfm`.
    out : Path
        Folder of the rendered table; links to records are relative to it.
    paper : Paper
        What the paper prints.

    Returns
    -------
    Document
        A summary, a section per dataset, and the runs behind each cell.
    """
    frame = collect(plan, (experiment,))
    blocks = blocks_of(plan, experiment, frame, lambda name: _prints(paper, name), ("auc", "gauc"))
    cells = [cell for block in blocks for results in block.results.values() for cell in results.values()]
    return Document(
        name=experiment.replace("_", "-"),
        title=f"{paper.table_3.location.partition(',')[0]}: {load_experiment(experiment).title}",
        lines=(f"Paper: {paper.paper.title} (arXiv {paper.paper.arxiv}), {paper.table_3.location}.",),
        sections=(
            *([_summary(blocks)] if blocks else []),
            *(_section(block) for block in blocks),
            *(evidence(block, out) for block in blocks),
        ),
        notes=(
            *legend(cell.verdict for cell in cells if cell.ours_points is not None),
            DELTA_NOTE,
            RANK_NOTE,
            "† Settings of this cell (MLP_s, c, γ, dropout) come from the authors' log that gives the printed values; "
            "the other cells use the dataset's final settings.",
            COUNT_NOTE,
            *_print_notes(paper, blocks),
            *campaign_notes(plan, frame),
        ),
        columns=COLUMNS,
        data=tuple(row for block in blocks for row in long_rows(plan, experiment, block)),
    )


def _prints(paper: Paper, dataset: str) -> Prints:
    printed = paper.table_3.datasets.get(dataset, {})
    return {label: {"auc": cell.auc, "gauc": cell.gauc} for label, cell in printed.items()}


def _print_notes(paper: Paper, blocks: list[Block]) -> list[str]:
    return [
        f"{block.title} {label}: {cell.note}"
        for block in blocks
        for label, cell in paper.table_3.datasets.get(block.dataset, {}).items()
        if cell.note
    ]


def _grid(block: Block) -> tuple[Cell, ...]:
    """Cells of the paper's grid; the others are references."""
    return tuple(cell for cell in block.plan_cells if {"ssem", "dfm"} <= set(cell.keys))


# -- the answer first -----------------------------------------------------------------


def _summary(blocks: list[Block]) -> Section:
    counted = [
        (block.title, NAMES[metric], [results[cell.label].verdict for cell in _grid(block)])
        for block in blocks
        for metric, results in block.results.items()
    ]
    return Section("Summary", tables=(verdict_counts(counted),))


# -- a dataset ------------------------------------------------------------------------


def _section(block: Block) -> Section:
    lines = [data_line("Data", used_data(block.rows))]
    for cell in (cell for cell in block.plan_cells if cell not in _grid(block)):
        scores = ", ".join(f"{NAMES[metric]} {results[cell.label].ours}" for metric, results in block.results.items())
        verdict = next(iter(block.results.values()))[cell.label].verdict
        lines.append(f"Beyond the paper. {cell.label}: {scores} ({verdict}).")
    tables = tuple(_matrix(block, metric) for metric in block.results)
    return Section(block.title, tuple(lines), tables)


def _matrix(block: Block, metric: Metric) -> Table:
    results = block.results[metric]
    labels = {(str(cell.keys["ssem"]), str(cell.keys["dfm"])): cell.label for cell in _grid(block)}
    ssems = tuple(dict.fromkeys(ssem for ssem, _ in labels))
    dfms = tuple(dict.fromkeys(dfm for _, dfm in labels))
    paper_marks = marks({label: results[label].paper_points for label in labels.values()})
    our_marks = marks({label: results[label].ours_points for label in labels.values()})
    rows: list[tuple[Field, ...]] = []
    for ssem in ssems:
        names = [labels[ssem, dfm] for dfm in dfms]
        rows += [
            (ssem, "paper", *(Entry(points(results[name].paper_points), paper_marks[name]) for name in names)),
            ("", "ours", *(our_value(results[name], our_marks[name]) for name in names)),
            ("", "Δ", *(comparison(results[name]) for name in names)),
        ]
    return Table(NAMES[metric], ("SSEM", "", *dfms), "ll" + "r" * len(dfms), tuple(rows), group=3)
