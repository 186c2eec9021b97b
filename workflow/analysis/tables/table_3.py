"""Table III: every SSEM with every DFM, per dataset, AUC and gAUC."""

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.number import Metric
from workflow.analysis.pages.document import Document, Entry, Field, Section, Table, text_of
from workflow.analysis.tables.blocks import (
    NAMES,
    RANK_NOTE,
    Block,
    Row,
    blocks_of,
    comparison,
    document,
    our_marks,
    our_value,
    paper_marks,
    points,
    told,
    verdict_counts,
)

GRID = {"table", "dataset", "ssem", "dfm"}  # the coordinates of a cell of the paper's grid


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare the grid with the paper's, dataset by dataset."""
    blocks = blocks_of(evidence, experiment, ("auc", "gauc"))
    return document(
        evidence,
        experiment,
        evidence.paper.table_3,
        blocks,
        sections=(*([_summary(blocks)] if blocks else []), *(_section(block) for block in blocks)),
        notes=(
            RANK_NOTE,
            "† Settings of this cell (MLP_s, c, γ, dropout) come from the authors' log that gives the printed values; "
            "the other cells use the dataset's final settings.",
        ),
        print_notes=_print_notes(evidence, blocks),
    )


def _print_notes(evidence: Evidence, blocks: list[Block]) -> list[str]:
    return [
        f"{block.title} {label}: {cell.note}"
        for block in blocks
        for label, cell in evidence.paper.table_3.datasets.get(block.dataset, {}).items()
        if cell.note
    ]


def _grid(block: Block) -> list[Row]:
    """Cells of the paper's grid; the others are references."""
    return [row for row in block.rows if set(row.at) == GRID]


def _summary(blocks: list[Block]) -> Section:
    counted = [
        (block.title, NAMES[metric], [row.numbers[metric].verdict for row in _grid(block)])
        for block in blocks
        for metric in block.metrics
    ]
    return Section("Summary", tables=(verdict_counts(counted),))


def _section(block: Block) -> Section:
    lines = [block.data_line]
    for row in (row for row in block.rows if row not in _grid(block)):
        scores = ", ".join(f"{NAMES[metric]} {_beside(row, metric)}" for metric in block.metrics)
        lines.append(f"Beyond the paper. {row.label}: {scores} ({text_of(told(row.auc.verdict))}).")
    return Section(block.title, tuple(lines), tuple(_matrix(block, metric) for metric in block.metrics))


def _beside(row: Row, metric: Metric) -> str:
    each = row.numbers[metric]
    return each.ours if each.delta_points is None else f"{each.ours} (paper {each.paper_points}, Δ {each.delta})"


def _matrix(block: Block, metric: Metric) -> Table:
    grid = {(row.at["ssem"], row.at["dfm"]): row for row in _grid(block)}
    ssems, dfms = (tuple(dict.fromkeys(place[axis] for place in grid)) for axis in (0, 1))
    theirs, ours = paper_marks(grid.values(), metric), our_marks(grid.values(), metric)
    rows: list[tuple[Field, ...]] = []
    for ssem in ssems:
        found = [grid[ssem, dfm] for dfm in dfms]
        numbers = [row.numbers[metric] for row in found]
        pairs = list(zip(found, numbers, strict=True))
        rows += [
            (ssem, "paper", *(Entry(points(each.paper_points), theirs[row.key]) for row, each in pairs)),
            ("", "ours", *(our_value(each, ours[row.key]) for row, each in pairs)),
            ("", "Δ", *(comparison(each) for each in numbers)),
        ]
    return Table(NAMES[metric], ("SSEM", "", *dfms), "ll" + "r" * len(dfms), tuple(rows), group=3)
