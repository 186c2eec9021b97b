"""Documents as files. Comma-separated values are safe to open in a spreadsheet: text is never a formula."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from workflow.analysis.pages.document import Document
from workflow.analysis.pages.latex import to_latex
from workflow.analysis.pages.markdown import to_markdown
from workflow.files import atomic_path

NUMBER = re.compile(r"[+-]?(\d[\d,]*\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
CONTROLS = ("\t", "\n")  # spreadsheets drop these at the start and compute what follows
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # also in full width


def write_document(document: Document, stem: Path) -> list[Path]:
    """Write <stem>.md, .tex and .csv, such as paper_tables/<campaign>/table_4.md, and give these paths."""
    csv_text = to_csv(document.data, document.columns)
    return write_files(stem, {"md": to_markdown(document, stem.parent), "tex": to_latex(document), "csv": csv_text})


def write_files(stem: Path, contents: Mapping[str, str | bytes]) -> list[Path]:
    """Write <stem>.<suffix> for each content, each atomically, and give the paths."""
    paths = {stem.with_name(f"{stem.name}.{suffix}"): content for suffix, content in contents.items()}
    for path, content in paths.items():
        with atomic_path(path) as part:
            part.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(paths)


def to_csv(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Write a header and a line per row, by the names of the columns; the same rows give the same bytes."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([safe_cell(name) for name in columns])
    writer.writerows([[safe_cell(row[name]) for name in columns] for row in rows])
    return stream.getvalue()


def safe_cell(value: object) -> object:
    """Put an apostrophe before text that a spreadsheet would compute; numbers and all else stay.

    A lone carriage return becomes a line feed: csv does not quote it, and it would end the row.
    """
    if not isinstance(value, str) or NUMBER.fullmatch(value):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(CONTROLS) or text.lstrip().startswith(FORMULA) else text
