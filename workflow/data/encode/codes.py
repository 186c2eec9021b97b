"""Dictionary encoding of raw columns, and a scratch file for the codes.

Every distinct raw value gets a code when it is first met, so each cell of a CSV file is
hashed once and everything later is integer arithmetic. Codes live on disk: memory holds
one block of rows and the dictionaries, whatever the number of rows.

Shapes: K raw columns, N rows of a block, U distinct values of a column.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from workflow.data.tables.chunk import Place
from workflow.errors import UserError

Codes = npt.NDArray[np.uint32]


class Encoder:
    """Codes of raw values, one dictionary per column."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = columns
        self._categories = {name: pl.Categories.random() for name in columns}
        # polars drops a dictionary as soon as no column uses it: hold one of each.
        self._keep = {name: pl.Series([""], dtype=pl.Categorical(cats)) for name, cats in self._categories.items()}
        self._highest = dict.fromkeys(columns, 0)

    def encode(self, frame: pl.DataFrame) -> Codes:
        """Codes of a block of rows, shape (K, N)."""
        coded = frame.select(
            pl.col(name).cast(pl.Categorical(cats)).to_physical() for name, cats in self._categories.items()
        )
        codes_KN = np.stack([coded[name].to_numpy() for name in self.columns])
        for name, code_N in zip(self.columns, codes_KN, strict=True):
            self._highest[name] = max(self._highest[name], int(code_N.max(initial=0)))
        return codes_KN

    def dictionary(self, column: str) -> pl.Series:
        """Distinct raw values so far; a value's place is its code.

        The empty string is always there. Places that no row uses hold it, too.
        """
        codes = pl.Series(column, np.arange(self._highest[column] + 1, dtype=np.uint32))
        values = codes.cat.to(pl.Categorical(self._categories[column]), strict=False)
        return values.cast(pl.String).fill_null("")


@dataclass(frozen=True)
class Part:
    """A run of rows from one file; `split` is None until rows are dealt out."""

    place: Place
    split: str | None
    start: int  # row over all files, from 0
    rows: int


@dataclass(frozen=True)
class Found:
    """Cells of a column that have wanted codes: the first one, and how many."""

    where: str  # file and line
    code: int
    rows: int


@dataclass
class CodeStore:
    """Blocks of codes in a scratch file, written once and read in order."""

    path: Path
    columns: tuple[str, ...]
    parts: list[Part] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows over all blocks."""
        return self.parts[-1].start + self.parts[-1].rows if self.parts else 0

    def append(self, stream: BinaryIO, part: Part, codes_KN: Codes) -> None:
        """Add a block."""
        stream.write(np.ascontiguousarray(codes_KN).data)
        self.parts.append(part)

    def blocks(self) -> Iterator[tuple[Part, dict[str, Codes]]]:
        """Yield each block as its part and a code array per column."""
        with self.path.open("rb") as stream:
            for part in self.parts:
                flat = np.fromfile(stream, dtype=np.uint32, count=len(self.columns) * part.rows)
                codes_KN = flat.reshape(len(self.columns), part.rows)
                yield part, dict(zip(self.columns, codes_KN, strict=True))

    def column(self, name: str) -> Codes:
        """One column's codes of all rows."""
        found = [codes[name] for _, codes in self.blocks()]
        return np.concatenate(found) if found else np.empty(0, dtype=np.uint32)

    def find(self, column: str, wanted: npt.NDArray[np.integer]) -> Found | None:
        """Where a column has one of these codes first, and in how many rows; None where in no row."""
        first, rows = None, 0
        for part, codes in self.blocks():
            hits = np.flatnonzero(np.isin(codes[column], wanted))
            rows += len(hits)
            if len(hits) and first is None:
                first = part.place.of(int(hits[0])), int(codes[column][hits[0]])
        return Found(*first, rows) if first else None

    def require_readable(self, column: str, raw: pl.Series, values: pl.Series, fault: str) -> None:
        """Refuse rows whose value became null; `raw` and `values` are those behind the column's codes.

        Raises
        ------
        UserError
            It names the first of them, and its `fault`.
        """
        unreadable = values.is_null().arg_true().to_numpy()
        found = self.find(column, unreadable) if len(unreadable) else None
        if found is not None:  # None: the value is in the dictionary but in no row
            more = f" (the first of {found.rows:,} such rows)" if found.rows > 1 else ""
            raise UserError(f"{found.where}, column {column!r}: {raw[found.code]!r} {fault}{more}; fix the row")
