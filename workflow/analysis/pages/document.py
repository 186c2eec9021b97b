"""What a rendered table is, before any format: sections, tables, entries, and long data."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TypeAlias


class Mark(Enum):
    """Emphasis of an entry."""

    PLAIN = "plain"
    BEST = "best"
    SECOND = "second best"


@dataclass(frozen=True)
class Entry:
    """Text of a table's field. `flag` follows it unmarked; `link` is relative to the output folder.

    `runs` are the keys of the runs behind it and `verdict` is what it came to, where it
    compares something; a format that cannot show them leaves them out.
    """

    text: str
    mark: Mark = Mark.PLAIN
    flag: str = ""
    link: str | None = None
    runs: tuple[str, ...] = ()
    verdict: str = ""


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
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    data: tuple[dict[str, str], ...]


def text_of(field: Field) -> str:
    """The field's plain text."""
    return field if isinstance(field, str) else f"{field.text}{field.flag}"


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
