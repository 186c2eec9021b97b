"""A rendered document, independent of format: sections, tables, entries, and long data."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property
from math import isnan
from typing import TypeAlias

from workflow.analysis.compare.words import Verdict

NUMBER = re.compile(r"(< |± )?[+−-]?\d[^/]{,30}|–|")  # with its unit or interval; no path


class Mark(Enum):
    """Emphasis of an entry."""

    PLAIN = "plain"
    BEST = "best"
    SECOND = "second best"


@dataclass(frozen=True)
class Entry:
    """A table's field: `text` with its mark, a `flag` behind it, then a verdict.

    `record` is the path of the file that has a run's record, below the working directory. `runs` are the keys
    of the runs behind it.
    """

    text: str
    mark: Mark = Mark.PLAIN
    flag: str = ""
    record: str | None = None
    runs: tuple[str, ...] = ()
    verdict: Verdict | None = None

    @property
    def told(self) -> str:
        """The verdict in letters: its sign after a text, its word where it stands alone."""
        if self.verdict is None:
            return ""
        return f" {self.verdict.sign}" if self.text else self.verdict.word

    def __str__(self) -> str:
        return f"{self.text}{self.flag}{self.told}"


Field: TypeAlias = Entry | Verdict | str


@dataclass(frozen=True)
class Table:
    """A grid of entries under the names of its columns; a rule follows every `group` rows."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]
    group: int = 0

    @cached_property
    def align(self) -> str:
        """By column r for numbers, l for words."""
        columns = zip(*self.rows, strict=True) if self.rows else [[Entry("name")]] * len(self.header)
        return "".join("r" if all(NUMBER.fullmatch(str(each)) for each in column) else "l" for column in columns)


def table_of(caption: str, rows: Iterable[Mapping[str, Field]], group: int = 0) -> Table:
    """Make a table of rows that name their columns; columns with nothing but dashes are left out."""
    kept = [{name: entry_of(field) for name, field in row.items()} for row in rows]
    names = [name for name in (kept[0] if kept else ()) if any(str(row[name]) not in ("", "–") for row in kept)]
    return Table(caption, tuple(names), tuple(tuple(row[name] for name in names) for row in kept), group)


@dataclass(frozen=True)
class Section:
    """A heading with lines of text and tables. An appendix holds evidence: LaTeX keeps it as comments."""

    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    appendix: bool = False


@dataclass(frozen=True)
class Document:
    """Everything that one experiment renders to. `data` has one mapping per compared number.

    `number` is the table's number in the paper, such as "Table IV"; empty if it has none.
    """

    name: str
    title: str
    lines: tuple[str, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    data: tuple[dict[str, str], ...] = ()
    number: str = ""

    @property
    def heading(self) -> str:
        """Its number and title."""
        return f"{self.number}: {self.title}" if self.number else self.title

    @property
    def short(self) -> str:
        """Its name in a sentence."""
        return self.number or self.title

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the long data."""
        return tuple(self.data[0]) if self.data else ("campaign",)


def entry_of(field: Field) -> Entry:
    """Plain text or a verdict as an entry."""
    if isinstance(field, Verdict):
        return Entry("", verdict=field)
    return Entry(field) if isinstance(field, str) else field


def as_text(value: object) -> str:
    """A value in a data file: ten digits of a float, as more depend on the machine; empty for None."""
    if value is None or (isinstance(value, float) and isnan(value)):
        return ""
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def rank_marks(values: Sequence[Decimal | None]) -> list[Mark]:
    """Mark the best and the second best of printed values; ties share a mark.

    Ranking goes by what is printed, so two equal prints never get different marks.
    Nothing is marked where nothing stands out: fewer than two distinct values.
    """
    distinct = {value for value in values if value is not None}
    ranked = sorted(distinct, reverse=True) if len(distinct) > 1 else []
    marks = dict(zip(ranked, (Mark.BEST, Mark.SECOND), strict=False))
    return [Mark.PLAIN if value is None else marks.get(value, Mark.PLAIN) for value in values]
