"""A table of AUCs: its cells beside their prints, and the comparisons of its research question."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.comparisons import Question
from workflow.analysis.compare.gains import reasons
from workflow.analysis.compare.notes import GAINS_NOTE, NUMBERS_NOTE, OWN_NOTE
from workflow.analysis.compare.numbers import Metric
from workflow.analysis.compare.together import together
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document, Section, Table
from workflow.analysis.pages.notes import data_line
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.tables.differences import (
    difference_data,
    gains_tables,
    long_data,
    of_experiment,
    together_table,
)
from workflow.analysis.tables.page import campaign_lines, runs_section, source_line, title_of, undefined_gauc
from workflow.analysis.tables.rows import (
    NAMES,
    Block,
    Place,
    blocks_of,
    counts_table,
    idle_line,
    number_data,
    numbers_table,
)

LABEL: Mapping[str, Place] = {"Cell": lambda one: one.label}


@dataclass(frozen=True)
class AucTable:
    """What one table of AUCs has of its own.

    `table` is the paper's number of it, `places` are the columns that say which cell a line is,
    `ranked` is the group within which a row is ranked, `note` is about its settings.
    """

    table: str
    question: Question
    places: Mapping[str, Place]
    note: str
    metrics: tuple[Metric, ...] = ("auc",)
    ranked: Place | None = None


def build_auc(
    evidence: Evidence,
    experiment: str,
    own: AucTable,
    sections: Iterable[Section] = (),
    lines: Mapping[str, Iterable[str]] | None = None,
) -> Document:
    """Build such a table.

    Parameters
    ----------
    evidence : Evidence
        What there is.
    experiment : str
        The table's experiment.
    own : AucTable
        What it has of its own.
    sections : iterable of Section
        Further sections, after the summary.
    lines : mapping, optional
        By dataset, further lines of its section.
    """
    blocks = blocks_of(evidence, experiment, own.metrics)
    found = {
        block.dataset: [
            one
            for one in of_experiment(evidence, experiment, block.dataset)
            if one.question in (own.question, None)  # on own data of every model with every other
        ]
        for block in blocks
    }
    about_paper = not blocks or any(in_paper(block.dataset) for block in blocks)
    source = (source_line(evidence.paper, own.table),) if about_paper else ()
    return Document(
        name=experiment.replace("_", "-"),
        title=title_of(evidence.paper, own.table, experiment) if about_paper else f"Models on {listed(blocks)}",
        lines=(*source, *campaign_lines(evidence, [experiment])),
        sections=(
            *_summary(evidence, experiment, blocks, found),
            *sections,
            *(_section(block, own, found[block.dataset], (lines or {}).get(block.dataset, ())) for block in blocks),
            *(runs_section(block.title, block.on.cells) for block in blocks),
        ),
        notes=(NUMBERS_NOTE, GAINS_NOTE, own.note) if about_paper else (OWN_NOTE,),
        data=long_data(
            [row for block in blocks for row in number_data(evidence, experiment, block)]
            + [row for each in found.values() for row in difference_data(evidence, experiment, each)]
        ),
    )


def _summary(
    evidence: Evidence, experiment: str, blocks: list[Block], found: Mapping[str, list[Comparison]]
) -> list[Section]:
    counted = [
        (block.title, f"printed {NAMES[metric]}s", [row.numbers[metric].verdict for row in block.rows if row.in_paper])
        for block in blocks
        for metric in block.metrics
    ]
    counted += [(block.title, "comparisons", [one.verdict for one in found[block.dataset]]) for block in blocks]
    counted = [each for each in counted if each[2]]
    tables: list[Table] = [counts_table("How many came to what", counted)] if counted else []
    titles = {block.dataset: block.title for block in blocks}
    prints = [each for each in together(evidence) if each.table == experiment and each.dataset in titles]
    tables += [together_table(prints, titles)] if prints else []
    return [Section("Summary", tables=tuple(tables))] if tables else []


def _section(block: Block, own: AucTable, found: list[Comparison], lines: Iterable[str]) -> Section:
    paper, beyond = ([row for row in block.rows if row.in_paper is wanted] for wanted in (True, False))
    said = [data_line("Data", block.on.used), *lines, *idle_line(paper), *idle_line(beyond, f"Not run{block.beyond}")]
    if not in_paper(block.dataset):
        said += [*undefined_gauc(row.observed for row in block.rows), *reasons(one.gain for one in found)]
    tables = [
        numbers_table(f"{NAMES[metric]}{name}", rows, metric, places, own.ranked)
        for rows, name, places in ((paper, "", own.places), (beyond, block.beyond, LABEL))
        for metric in block.metrics
    ]
    tables += gains_tables(found, block.metrics)
    return Section(block.title, tuple(said), tuple(table for table in tables if table.rows))


def listed(blocks: list[Block]) -> str:
    """The datasets' names for readers."""
    return ", ".join(block.title for block in blocks)
