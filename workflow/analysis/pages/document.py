"""What a rendered table is, before any format: sections, tables, entries, and long data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Protocol, TypeAlias


class Mark(Enum):
    """Emphasis of an entry."""

    PLAIN = "plain"
    BEST = "best"
    SECOND = "second best"


class Told(Protocol):
    """A verdict, as far as a page shows it: a word, its sign and tone."""

    @property
    def word(self) -> str:
        """Such as "holds"."""
        ...

    @property
    def sign(self) -> str:
        """Such as ✓."""
        ...

    @property
    def tone(self) -> str:
        """A colour, which is never alone."""
        ...


@dataclass(frozen=True)
class Entry:
    """A table's field: `text`, then the verdict that it came to, where it compares something.

    `flag` follows the text unmarked. `record` is the path of the file that has a run's record, below
    the working directory. `runs` are the keys of the runs behind it. Each format writes a verdict its own way.
    """

    text: str
    mark: Mark = Mark.PLAIN
    flag: str = ""
    record: str | None = None
    runs: tuple[str, ...] = ()
    verdict: Told | None = None


Field: TypeAlias = Entry | str


@dataclass(frozen=True)
class Table:
    """A grid of fields. `align` has l, r or c per column; a rule follows every `group` rows."""

    caption: str
    header: tuple[str, ...]
    align: str
    rows: tuple[tuple[Field, ...], ...]
    group: int = 0

    def __post_init__(self) -> None:
        widths = {len(self.header), len(self.align), *(len(row) for row in self.rows)}
        if len(widths) != 1:
            raise ValueError(f"table {self.caption!r} has rows of different length")


@dataclass(frozen=True)
class Section:
    """A heading with lines of text and tables. An appendix holds evidence: LaTeX keeps it as comments."""

    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    appendix: bool = False


@dataclass(frozen=True)
class Document:
    """Everything that one experiment renders to. `data` has one mapping per compared number."""

    name: str
    title: str
    lines: tuple[str, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    data: tuple[dict[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the long data."""
        return tuple(self.data[0]) if self.data else ("campaign",)


def entry_of(field: Field) -> Entry:
    """Plain text as an entry."""
    return Entry(field) if isinstance(field, str) else field


def told_in(entry: Entry) -> str:
    """An entry's verdict in letters: signs after a text, words where it stands alone; empty where it has none.

    Examples
    --------
    >>> told_in(Entry("98.72"))
    ''
    """
    told = entry.verdict
    if told is None:
        return ""
    if entry.text:
        return f" {told.sign}"
    return told.word


def text_of(field: Field) -> str:
    """The field's plain text."""
    entry = entry_of(field)
    return f"{entry.text}{entry.flag}{told_in(entry)}"


def without_empty(table: Table) -> Table:
    """A table without the columns in which no row has anything but a dash.

    Examples
    --------
    >>> without_empty(Table("t", ("a", "b"), "lr", (("x", "–"), ("y", "")))).header
    ('a',)
    """
    kept = [
        place
        for place in range(len(table.header))
        if not table.rows or any(text_of(row[place]) not in ("", "–") for row in table.rows)
    ]
    return replace(
        table,
        header=tuple(table.header[place] for place in kept),
        align="".join(table.align[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in table.rows),
    )


def rank_marks(values: Sequence[Decimal | None]) -> list[Mark]:
    """Mark the best and the second best of printed values; ties share a mark.

    Ranking goes by what is printed, so two equal prints never get different marks.
    Nothing is marked where nothing stands out: fewer than two distinct values.

    Examples
    --------
    >>> [mark.value for mark in rank_marks([Decimal(2), Decimal(3), None, Decimal(3), Decimal(1)])]
    ['second best', 'best', 'plain', 'best', 'plain']
    """
    distinct = {value for value in values if value is not None}
    ranked = sorted(distinct, reverse=True) if len(distinct) > 1 else []
    marks = dict(zip(ranked, (Mark.BEST, Mark.SECOND), strict=False))
    return [Mark.PLAIN if value is None else marks.get(value, Mark.PLAIN) for value in values]
