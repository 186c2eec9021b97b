"""Rendering: an experiment's document as Markdown, LaTeX and CSV."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document
from workflow.analysis.pages.latex import to_latex
from workflow.analysis.pages.markdown import to_markdown
from workflow.analysis.pages.sheet import to_csv
from workflow.analysis.tables import TABLES
from workflow.errors import UserError, nearest
from workflow.files import write_text

Builder = Callable[[Evidence, str], Document]


def build(evidence: Evidence, experiment: str) -> Document:
    """Build a table's document, by the module of its name; no other table's code is loaded.

    Raises
    ------
    UserError
        When the experiment is no known table.
    """
    if experiment not in TABLES:
        raise UserError(f"experiment {experiment!r} has no table; {nearest(experiment, TABLES)}")
    builder: Builder = import_module(f"workflow.analysis.tables.{experiment}").build
    return builder(evidence, experiment)


def render(evidence: Evidence, experiment: str, out: Path) -> list[Path]:
    """Write <out>/<experiment>.md, .tex and .csv, and give these paths.

    Parameters
    ----------
    evidence : Evidence
        What there is of the campaign.
    experiment : str
        Name of an experiment that is a table.
    out : Path
        The folder, such as paper_tables/<campaign>.
    """
    document = build(evidence, experiment)
    texts = {
        "md": to_markdown(document, out),
        "tex": to_latex(document),
        "csv": to_csv(document.data, document.columns),
    }
    paths = {out / f"{experiment}.{suffix}": text for suffix, text in texts.items()}
    for path, text in paths.items():
        write_text(path, text)
    return list(paths)
