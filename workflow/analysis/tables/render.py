"""A table's document as Markdown, LaTeX and CSV."""

from pathlib import Path

from workflow.analysis.pages.document import Document
from workflow.analysis.pages.latex import to_latex
from workflow.analysis.pages.markdown import to_markdown
from workflow.analysis.pages.output import write_files
from workflow.analysis.pages.sheet import to_csv


def write(document: Document, stem: Path) -> list[Path]:
    """Write <stem>.md, .tex and .csv, such as paper_tables/<campaign>/table_4.md, and give these paths."""
    csv = to_csv(document.data, document.columns)
    return write_files(stem, {"md": to_markdown(document, stem.parent), "tex": to_latex(document), "csv": csv})
