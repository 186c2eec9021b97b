"""A table's document as Markdown, LaTeX and CSV."""

from pathlib import Path

from workflow.analysis.pages.document import Document
from workflow.analysis.pages.latex import to_latex
from workflow.analysis.pages.markdown import to_markdown
from workflow.analysis.pages.output import write_files
from workflow.analysis.pages.sheet import to_csv


def write(document: Document, out: Path) -> list[Path]:
    """Write <out>/<name>.md, .tex and .csv, and give these paths.

    Parameters
    ----------
    document : Document
        The table; its name with underscores is that of the files.
    out : Path
        The folder, such as paper_tables/<campaign>.
    """
    csv = to_csv(document.data, document.columns)
    stem = out / document.name.replace("-", "_")
    return write_files(stem, {"md": to_markdown(document, out), "tex": to_latex(document), "csv": csv})
