"""A document as Markdown: readable as it stands, tables in pipe form."""

import os
from pathlib import Path

from tabulate import tabulate

from workflow.analysis.pages.document import Document, Field, Mark, Section, Table, entry_of, told_in

ALIGNMENTS = {"l": "left", "r": "right", "c": "center"}
EMPHASIS = {Mark.PLAIN: "", Mark.BEST: "**", Mark.SECOND: "*"}


def to_markdown(document: Document, out: Path = Path()) -> str:
    """Write the whole document, evidence included; links to records are relative to the folder `out`."""
    blocks = [f"# {escape(document.title)}", *map(escape, document.lines)]
    for section in document.sections:
        blocks += _section(section, out)
    if document.notes:
        blocks += ["## Notes", "\n".join(f"- {escape(note)}" for note in document.notes)]
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    r"""Keep text on one line and free of accidental markup.

    Examples
    --------
    >>> print(escape("a|b <c> 2*3"))
    a\|b &lt;c> 2\*3
    """
    line = " ".join(text.split())
    for sign, safe in (("|", r"\|"), ("<", "&lt;"), ("*", r"\*")):
        line = line.replace(sign, safe)
    return line


def _section(section: Section, out: Path) -> list[str]:
    blocks = [f"## {escape(section.title)}", *map(escape, section.lines)]
    for table in section.tables:
        blocks += [f"**{escape(table.caption)}**", _table(table, out)]
    return blocks


def _table(table: Table, out: Path) -> str:
    rows = [[_field(field, out) for field in row] for row in table.rows]
    header = [escape(name) for name in table.header]
    align = [ALIGNMENTS[letter] for letter in table.align]
    return tabulate(rows, headers=header, tablefmt="pipe", colalign=align if rows else None, disable_numparse=True)


def _field(field: Field, out: Path) -> str:
    entry = entry_of(field)
    text = escape(entry.text)
    if entry.record is not None:
        text = f"[{text}](<{Path(os.path.relpath(entry.record, out)).as_posix()}>)"
    sign = EMPHASIS[entry.mark]
    return f"{sign}{text}{sign}{escape(entry.flag)}{told_in(entry)}"
