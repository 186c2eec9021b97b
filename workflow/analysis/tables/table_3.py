"""Table III: every SSEM with every DFM, per dataset, AUC and gAUC."""

from pathlib import Path

from workflow.analysis.evidence.number import Metric
from workflow.analysis.evidence.prints import Paper
from workflow.analysis.pages.document import Document, Entry, Field, Section, Table
from workflow.analysis.pages.notes import data_line, used_data
from workflow.analysis.tables.blocks import (
    COLUMNS,
    NAMES,
    RANK_NOTE,
    Block,
    Prints,
    comparison,
    long_rows,
    marks,
    our_value,
    points,
    verdict_counts,
)
from workflow.analysis.tables.comparison import compare_cells
from workflow.plan import Cell, Plan


def build(plan: Plan, experiment: str, out: Path, paper: Paper) -> Document:
    """Compare the grid with the paper's, dataset by dataset.

    Cells of the grid have the keys `ssem` and `dfm`.
    """
    compared = compare_cells(plan, experiment, paper, _prints, ("auc", "gauc"))
    blocks = compared.blocks
    return compared.document(
        table=paper.table_3,
        out=out,
        sections=(*([_summary(blocks)] if blocks else []), *(_section(block) for block in blocks)),
        notes=(
            RANK_NOTE,
            "† Settings of this cell (MLP_s, c, γ, dropout) come from the authors' log that gives the printed values; "
            "the other cells use the dataset's final settings.",
        ),
        print_notes=_print_notes(paper, blocks),
        columns=COLUMNS,
        data=lambda block: long_rows(plan, experiment, block),
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
