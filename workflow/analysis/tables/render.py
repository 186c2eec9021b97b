"""Rendering: an experiment's document as Markdown, LaTeX and CSV."""

from pathlib import Path

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document
from workflow.analysis.pages.latex import to_latex
from workflow.analysis.pages.markdown import to_markdown
from workflow.analysis.pages.output import module_of, write_files
from workflow.analysis.pages.sheet import to_csv
from workflow.analysis.tables import module_for


def build(evidence: Evidence, experiment: str) -> Document:
    """Build a table's document; an experiment that the paper does not have gets a general one.

    Raises
    ------
    UserError
        When there is no such experiment.
    """
    return module_of("tables", {experiment: module_for(experiment)}, experiment).build(evidence, experiment)


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
    table = to_csv(document.data, document.columns)
    return write_files(out / experiment, {"md": to_markdown(document, out), "tex": to_latex(document), "csv": table})
