"""Documents of tables as the page shows them: verdicts with sign, word and tone; links to runs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from workflow.analysis.evidence.number import Verdict
from workflow.analysis.pages.document import Document, Entry, Field, Mark, Section, Table
from workflow.analysis.report.runs import href_of
from workflow.analysis.report.signs import SIGNS, Sign, sign_of

ALIGN = {"l": "left", "r": "right", "c": "center"}


@dataclass(frozen=True)
class FieldView:
    """One field of a table."""

    text: str
    flag: str
    mark: Mark
    href: str | None
    sign: Sign | None
    align: str


@dataclass(frozen=True)
class TableView:
    """One table; `rules` are the rows that a line follows."""

    caption: str
    header: tuple[tuple[str, str], ...]  # text and alignment
    rows: tuple[tuple[FieldView, ...], ...]
    group: int


@dataclass(frozen=True)
class SectionView:
    """A heading with lines and tables; an appendix is folded away."""

    title: str
    lines: tuple[str, ...]
    tables: tuple[TableView, ...]
    appendix: bool


@dataclass(frozen=True)
class DocumentView:
    """One experiment's tables. `verdicts` counts its compared numbers."""

    anchor: str
    title: str
    lines: tuple[str, ...]
    sections: tuple[SectionView, ...]
    notes: tuple[str, ...]
    verdicts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All compared numbers."""
        return sum(self.verdicts.values())


def document_view(experiment: str, document: Document, known: frozenset[str]) -> DocumentView:
    """Prepare a document for the page.

    Parameters
    ----------
    experiment : str
        Its experiment, which names its place on the page.
    document : Document
        What the experiment renders to.
    known : frozenset of str
        Keys of the runs that the page has.

    Returns
    -------
    DocumentView
        With every field's verdict and link resolved.
    """
    found = Counter(row["verdict"] for row in document.data if row.get("verdict"))
    return DocumentView(
        anchor=experiment.replace("_", "-"),
        title=document.title,
        lines=document.lines,
        sections=tuple(_section(section, known) for section in document.sections),
        notes=document.notes,
        verdicts={str(verdict): found[verdict] for verdict in Verdict if found[verdict]},
    )


def _section(section: Section, known: frozenset[str]) -> SectionView:
    tables = tuple(_table(table, known) for table in section.tables)
    return SectionView(section.title, section.lines, tables, section.appendix)


def _table(table: Table, known: frozenset[str]) -> TableView:
    aligns = [ALIGN[letter] for letter in table.align]
    return TableView(
        caption=table.caption,
        header=tuple(zip(table.header, aligns, strict=True)),
        rows=tuple(
            tuple(field_view(field, align, known) for field, align in zip(row, aligns, strict=True))
            for row in table.rows
        ),
        group=table.group,
    )


def field_view(field: Field, align: str, known: frozenset[str]) -> FieldView:
    """A field whose verdict, if it has one, stands apart from its text."""
    entry = Entry(field) if isinstance(field, str) else field
    word = entry.verdict or (entry.text if entry.text in SIGNS else "")
    sign = sign_of(word) if word in SIGNS else None
    text, flag = entry.text, entry.flag
    if sign is not None:
        text = "" if text == word else text.removesuffix(sign.sign).rstrip()
        flag = flag.removesuffix(sign.sign).rstrip()
    return FieldView(text, flag, entry.mark, href_of(entry.runs, known), sign, align)
