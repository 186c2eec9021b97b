"""A document as Markdown: readable as it stands, tables in pipe form, and no text of a label or record is markup."""

import os
import re
from pathlib import Path
from urllib.parse import quote

from tabulate import tabulate

from workflow.analysis.pages.document import Document, Entry, Mark, Section, Table

LINE = 200  # longer lines do not look like a grid, and padding would make every line as long as the longest
RULES = {"l": ":---", "r": "---:"}
ALIGNMENTS = {"l": "left", "r": "right"}
EMPHASIS = {Mark.PLAIN: "", Mark.BEST: "**", Mark.SECOND: "*"}
# What can be markup anywhere in a line: code, emphasis, HTML, cells, formulas, struck text, headings. An underscore is
# one only at the edge of a word, an ampersand only before a name or number, a bracket only where a link's address,
# name or definition follows it, so that an interval stays readable as it stands.
MARKUP = re.compile(
    r"[\\`*<|$~#]|(?<![^\W_])_|_(?![^\W_])|&(?=#|\w)|\](?=[(\[:])|(?<=\w):(?=//)|(?<=\bwww)\.", re.IGNORECASE
)
# What makes a list, task, quote or rule of a line that begins with it.
START = re.compile(r"\d{1,9}(?=[.)])|(?=[>+=\[-])")
MARKED = "\ufffd"  # replaces invisible characters: controls, marks of direction


def to_markdown(document: Document, out: Path = Path()) -> str:
    """Write the whole document, evidence included; links to records are relative to the folder `out`."""
    blocks = [f"# {escape(document.heading)}", *map(_paragraph, document.lines)]
    for section in document.sections:
        if not section.appendix:
            blocks += _section(section, out)
    if document.notes:  # below the tables, before the runs behind them
        blocks += ["## Notes", "\n".join(f"- {_paragraph(note)}" for note in document.notes)]
    for section in document.sections:
        if section.appendix:
            blocks += _section(section, out)
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    r"""Keep text on one line and free of markup, within a line; what cannot be seen becomes U+FFFD."""
    line = "".join(sign if sign.isprintable() else MARKED for sign in " ".join(text.split()))
    return MARKUP.sub(r"\\\g<0>", line)


def _paragraph(text: str) -> str:
    """Text as a paragraph of its own or an item of a list: its start is no markup either."""
    line = escape(text)
    start = START.match(line)
    return f"{start[0]}\\{line[start.end() :]}" if start else line


def _section(section: Section, out: Path) -> list[str]:
    blocks = [f"## {escape(section.title)}", *map(_paragraph, section.lines)]
    for table in filter(lambda one: one.rows, section.tables):
        blocks += [f"**{escape(table.caption)}**", pipe_table(table, out)]
    return blocks


def pipe_table(table: Table, out: Path = Path()) -> str:
    """A table alone, without its caption: its columns aligned where lines are short, so that text reads as a table."""
    rows = [[_field(entry, out) for entry in row] for row in table.rows]
    header = [escape(name) for name in table.header]
    lines = [f"| {' | '.join(line)} |" for line in (header, [RULES[letter] for letter in table.align], *rows)]
    if max(map(len, lines)) <= LINE:
        align = [ALIGNMENTS[letter] for letter in table.align] if rows else None
        padded = tabulate(rows, headers=header, tablefmt="pipe", colalign=align, disable_numparse=True)
        if padded.index("\n") <= LINE:
            return padded
    return "\n".join(lines)


def _field(entry: Entry, out: Path) -> str:
    text, flag = escape(entry.text), escape(entry.flag)
    if entry.record is not None:
        text = f"[{_in_link(text)}]({quote(Path(os.path.relpath(entry.record, out)).as_posix())})"
    if flag.startswith(("(", "[", ":")):
        flag = f"\\{flag}"  # a bracket after a bracket would be a link
    sign = EMPHASIS[entry.mark] if text else ""
    return f"{sign}{text}{sign}{flag}{entry.told}"


def _in_link(text: str) -> str:
    """Escaped text with its brackets escaped, too."""
    return re.sub(r"\\.|[\[\]]", lambda found: found[0] if len(found[0]) > 1 else f"\\{found[0]}", text)
