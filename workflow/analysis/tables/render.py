"""Rendering: an experiment's document as Markdown, LaTeX and CSV."""

import csv
import io
from pathlib import Path
from typing import Protocol

from workflow.analysis.evidence.prints import Paper, load_paper
from workflow.analysis.pages.document import Document
from workflow.analysis.pages.latex import to_latex
from workflow.analysis.pages.markdown import to_markdown
from workflow.analysis.tables import cost, selection, table_1, table_2, table_3, table_4, table_5, table_6
from workflow.errors import UserError, nearest
from workflow.files import write_text
from workflow.plan import Plan


class Builder(Protocol):
    """What `build` of every table is: it reads records and prepared metadata only."""

    def __call__(self, plan: Plan, experiment: str, out: Path, paper: Paper) -> Document:
        """Build it.

        Parameters
        ----------
        plan : Plan
            The expanded campaign.
        experiment : str
            Name of the experiment.
        out : Path
            Folder of the rendered table; links to records are relative to it.
        paper : Paper
            What the paper prints.

        Returns
        -------
        Document
            Its sections begin with the answer.
        """
        ...


BUILDERS: dict[str, Builder] = {
    "selection": selection.build,
    "table_1": table_1.build,
    "table_2": table_2.build,
    "table_3": table_3.build,
    "table_4": table_4.build,
    "table_5": table_5.build,
    "table_6": table_6.build,
    "cost": cost.build,
}


def render(plan: Plan, experiment: str, out: Path, paper: Paper | None = None) -> None:
    """Write <out>/<experiment>.md, .tex and .csv, from records and prepared metadata only.

    Parameters
    ----------
    plan : Plan
        The expanded campaign.
    experiment : str
        Name of an experiment that is a table.
    out : Path
        The folder, such as paper_tables/<campaign>.
    paper : Paper, optional
        What the paper prints; by default paper/tables.yaml.

    Raises
    ------
    UserError
        When the experiment is no known table, or when a record or metadata file is
        damaged. Nothing is written then.
    """
    if experiment not in BUILDERS:
        raise UserError(f"experiment {experiment!r} has no table; {nearest(experiment, BUILDERS)}")
    document = BUILDERS[experiment](plan, experiment, out, paper or load_paper())
    for suffix, text in (
        ("md", to_markdown(document)),
        ("tex", to_latex(document)),
        ("csv", to_csv(document)),
    ):
        write_text(out / f"{experiment}.{suffix}", text)


def to_csv(document: Document) -> str:
    """Write the document's compared numbers, one a line."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, document.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(document.data)
    return stream.getvalue()
