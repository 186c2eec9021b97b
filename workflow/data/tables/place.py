"""The place of a raw table's row in the user's file."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workflow.errors import UserError, nearest

Lines = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """Consecutive data rows of one file.

    `first_line` counts lines of text from 1, the header included; None where a file has no lines,
    as Parquet. `added_N` holds, where a value of this block has line ends in it, the lines that the
    block's rows up to each one take beyond one a row.
    """

    file: str
    first_row: int  # from 1, the header not counted
    first_line: int | None = None
    added_N: Lines | None = None
    split: str | None = None  # None: rows are dealt out later

    def of(self, place: int) -> str:
        """Where the row at this place of the block is: "mine.csv: line 12"."""
        if self.first_line is None:
            return f"{self.file}: row {self.first_row + place}"
        added = 0 if self.added_N is None or place == 0 else int(self.added_N[place - 1])
        return f"{self.file}: line {self.first_line + place + added}"


def first_of(rows: int) -> str:
    """The ending of a message about a fault of several rows."""
    return f" (the first of {rows:,} such rows)" if rows > 1 else ""


def require_once(file: str, column: str, names: Sequence[str], hint: str = "") -> None:
    """Refuse a table whose header lacks a column or has it twice; `hint` is added where it lacks it."""
    count = names.count(column)
    if count == 0:
        raise UserError(f"{file}: has no column {column!r}; {nearest(column, names)}{hint}")
    if count > 1:
        raise UserError(f"{file}: has {count} columns called {column!r}; rename all but one")


def no_rows(file: str) -> UserError:
    """The message for a table without rows."""
    return UserError(f"{file}: has no data rows; take another copy of the file")
