"""An experiment's cells beside the paper's print, as a document: what Tables II to V share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from workflow.analysis.evidence.collect import collect
from workflow.analysis.evidence.number import DELTA_NOTE, Metric
from workflow.analysis.evidence.prints import Located, Paper
from workflow.analysis.pages.document import Document, Section
from workflow.analysis.pages.notes import campaign_notes, legend
from workflow.analysis.tables.blocks import COUNT_NOTE, Block, Prints, blocks_of, evidence
from workflow.config import load_experiment
from workflow.plan import Plan


@dataclass(frozen=True)
class Compared:
    """The cells of an experiment, compared by dataset, and the rows of all its runs."""

    plan: Plan
    experiment: str
    paper: Paper
    frame: pd.DataFrame
    blocks: list[Block]

    def document(
        self,
        table: Located,
        out: Path,
        sections: Iterable[Section],
        notes: Iterable[str],
        print_notes: Iterable[str],
        columns: tuple[str, ...],
        data: Callable[[Block], list[dict[str, str]]],
    ) -> Document:
        """Frame a table's own sections and notes by those of every comparison.

        Parameters
        ----------
        table : Located
            The paper's table.
        out : Path
            Folder of the rendered table; links to records are relative to it.
        sections : iterable of Section
            The runs behind each cell follow them.
        notes, print_notes : iterable of str
            Notes of the table as a whole, and of single prints.
        columns : tuple of str
            Names of the long data.
        data : callable
            From a block to its long data.

        Returns
        -------
        Document
            Ready to render.
        """
        results = [results for block in self.blocks for results in block.results.values()]
        cells = [cell for by_label in results for cell in by_label.values()]
        return Document(
            name=self.experiment.replace("_", "-"),
            title=title_of(table, self.experiment),
            lines=(source_line(self.paper, table),),
            sections=(*sections, *(evidence(block, out) for block in self.blocks)),
            notes=(
                *legend(cell.verdict for cell in cells if cell.ours_points is not None),
                DELTA_NOTE,
                *notes,
                COUNT_NOTE,
                *print_notes,
                *campaign_notes(self.plan, self.frame),
            ),
            columns=columns,
            data=tuple(row for block in self.blocks for row in data(block)),
        )


def compare_cells(
    plan: Plan,
    experiment: str,
    paper: Paper,
    prints: Callable[[Paper, str], Prints],
    metrics: tuple[Metric, ...] = ("auc",),
) -> Compared:
    """Compare every cell of an experiment with the print, from records only.

    Parameters
    ----------
    plan : Plan
        The expanded campaign.
    experiment : str
        Its name.
    paper : Paper
        What the paper prints.
    prints : callable
        From the paper and a dataset's name to the prints, by label and metric.
    metrics : tuple of {"auc", "gauc"}
        What to compare.

    Returns
    -------
    Compared
        Blocks in the experiment's order of datasets.
    """
    frame = collect(plan, (experiment,))
    blocks = blocks_of(plan, experiment, frame, lambda dataset: prints(paper, dataset), metrics)
    return Compared(plan, experiment, paper, frame, blocks)


def title_of(table: Located, experiment: str) -> str:
    """The paper's number of the table, and our title of the experiment."""
    return f"{table.location.partition(',')[0]}: {load_experiment(experiment).title}"


def source_line(paper: Paper, table: Located) -> str:
    """Say which paper, and where in it."""
    return f"Paper: {paper.paper.title} (arXiv {paper.paper.arxiv}), {table.location}."
