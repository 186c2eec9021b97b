"""Table III: every SSEM with every DFM, per dataset, AUC and gAUC."""

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document, Section
from workflow.analysis.tables.blocks import Block, Row, blocks_of
from workflow.analysis.tables.columns import NAMES, compared, idle_line, verdict_counts
from workflow.analysis.tables.frame import document

GRID = {"table", "dataset", "ssem", "dfm"}  # the coordinates of a cell of the paper's grid


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare the grid with the paper's, dataset by dataset."""
    blocks = blocks_of(evidence, experiment, ("auc", "gauc"))
    return document(
        evidence,
        experiment,
        "3",
        blocks,
        sections=(*_summary(blocks), *(_section(block) for block in blocks)),
        notes=(
            "† Settings of this cell (MLP_s, c, γ, dropout) come from the authors' log that gives the printed values; "
            "the other cells use the dataset's final settings.",
        ),
        print_notes=_print_notes(evidence, blocks),
    )


def _print_notes(evidence: Evidence, blocks: list[Block]) -> list[str]:
    return [
        f"{block.title} {fact.at['ssem']}+{fact.at['dfm']}: {fact.note}"
        for block in blocks
        for metric in ("auc", "gauc")
        for fact in evidence.paper.frame.select(metric, table="3", dataset=block.dataset)
        if fact.note
    ]


def _grid(block: Block) -> list[Row]:
    """Cells of the paper's grid; the others are references."""
    return [row for row in block.rows if set(row.at) == GRID]


def _summary(blocks: list[Block]) -> list[Section]:
    counted = [
        (block.title, NAMES[metric], [row.numbers[metric].verdict for row in _grid(block)])
        for block in blocks
        if not block.own
        for metric in block.metrics
    ]
    return [Section("Summary", tables=(verdict_counts(counted),))] if counted else []


def _section(block: Block) -> Section:
    grid, beyond = _grid(block), [row for row in block.rows if row not in _grid(block)]
    lines = (block.data_line, *idle_line(grid, block.metrics), *idle_line(beyond, (), f"Not run{block.beyond}"))
    places = {"SSEM": lambda row: row.at["ssem"], "DFM": lambda row: row.at["dfm"]}
    tables = [compared(NAMES[metric], grid, metric, places) for metric in block.metrics]
    tables += [
        compared(f"{NAMES[metric]}{block.beyond or ', further cells'}", beyond, metric, {"Cell": lambda row: row.label})
        for metric in block.metrics
    ]
    return Section(block.title, lines, tuple(table for table in tables if table.rows))
