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

from workflow.data.tables.place import Place, first_of
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


@dataclass
class CodeStore:
    """Blocks of codes in a scratch file, written once and read in order."""

    path: Path
    columns: tuple[str, ...]
    places: list[tuple[Place, int]] = field(default_factory=list)  # of each block, with its rows

    @property
    def rows(self) -> int:
        """Rows over all blocks."""
        return sum(rows for _, rows in self.places)

    def append(self, stream: BinaryIO, place: Place, codes_KN: Codes) -> None:
        """Add a block."""
        stream.write(np.ascontiguousarray(codes_KN).data)
        self.places.append((place, codes_KN.shape[1]))

    def blocks(self) -> Iterator[tuple[Place, dict[str, Codes]]]:
        """Yield each block as its place and a code array per column."""
        with self.path.open("rb") as stream:
            for place, rows in self.places:
                codes_KN = np.fromfile(stream, dtype=np.uint32, count=len(self.columns) * rows)
                yield place, dict(zip(self.columns, codes_KN.reshape(len(self.columns), rows), strict=True))

    def column(self, name: str) -> Codes:
        """One column's codes of all rows."""
        found = [codes[name] for _, codes in self.blocks()]
        return np.concatenate(found) if found else np.empty(0, dtype=np.uint32)

    def find(self, column: str, wanted: npt.NDArray[np.integer]) -> tuple[str, int, int] | None:
        """Where a column has one of these codes first, which one, and in how many rows; None where in no row."""
        first, rows = None, 0
        for place, codes in self.blocks():
            hits = np.flatnonzero(np.isin(codes[column], wanted))
            rows += len(hits)
            if len(hits) and first is None:
                first = place.of(int(hits[0])), int(codes[column][hits[0]])
        return (*first, rows) if first else None

    def require_readable(self, column: str, raw: pl.Series, values: pl.Series, fault: str) -> None:
        """Refuse rows whose value became null; `raw` and `values` are those behind the column's codes."""
        unreadable = values.is_null().arg_true().to_numpy()
        found = self.find(column, unreadable) if len(unreadable) else None
        if found is not None:  # None: the value is in the dictionary but in no row
            where, code, rows = found
            raise UserError(f"{where}, column {column!r}: {raw[code]!r} {fault}{first_of(rows)}; fix the row")
