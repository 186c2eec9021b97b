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

    file: str
    first_row: int  # data row in the file, from 1
    split: str | None
    start: int  # row over all files, from 0
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

    def find(self, column: str, wanted: npt.NDArray[np.integer]) -> tuple[str, int, int] | None:
        """File, data row (from 1) and code of the first cell with one of these codes."""
        for part, codes in self.blocks():
            hits = np.flatnonzero(np.isin(codes[column], wanted))
            if len(hits):
                return part.file, part.first_row + int(hits[0]), int(codes[column][hits[0]])
        return None
