"""Arrays written row by row: ordinary files, so that a full disk is an error and not a crash.

Shapes: N rows, C columns of x, G groups (users).
"""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workflow.data.store import ArrayName, Split, SplitMeta, npy_header
from workflow.errors import UserError


class NpyFile:
    """A .npy file of known shape, appended to in blocks of rows."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: npt.DTypeLike) -> None:
        self._path, self._shape, self._dtype = path, shape, np.dtype(dtype)
        self._rows = 0
        self._sha256 = hashlib.sha256()
        self._stream = path.open("wb")
        self._write(npy_header(shape, dtype))

    def append(self, array: npt.NDArray[np.generic]) -> None:
        """Add rows."""
        if len(array):
            self._write(np.ascontiguousarray(array, dtype=self._dtype).data)
            self._rows += len(array)

    def close(self) -> None:
        """Close the file; no more rows can be added."""
        self._stream.close()

    def sha256(self) -> str:
        """SHA-256 of the closed file's bytes, as hex."""
        if self._rows != self._shape[0]:
            raise RuntimeError(f"{self._path}: {self._rows} rows written, {self._shape[0]} announced")
        return self._sha256.hexdigest()

    def _write(self, data: memoryview | bytes) -> None:
        self._sha256.update(data)
        self._stream.write(data)


class SplitWriter:
    """The arrays of one split, and the counts that meta.json gives.

    Where no user of validation or test has rows of both classes, gAUC is undefined there; no user
    array is left then, so that runs train and have no gAUC.
    """

    def __init__(self, folder: Path, name: str, rows: int, columns: int, groups: int | None) -> None:
        self.name, self.rows, self.positives = name, rows, 0
        self.rows_G, self.positives_G = (np.zeros(groups or 0, dtype=np.int64) for _ in range(2))
        self._group_path = folder / f"group_{name}.npy"
        self._files: dict[ArrayName, NpyFile] = {
            "x": NpyFile(folder / f"x_{name}.npy", (rows, columns), np.int32),
            "y": NpyFile(folder / f"y_{name}.npy", (rows,), np.float32),
        }
        if groups is not None:
            self._files["group"] = NpyFile(self._group_path, (rows,), np.int32)

    def append(self, rows: Split, chosen: npt.NDArray[np.bool_] | slice) -> None:
        """Add the chosen rows."""
        y_N = rows.y_N[chosen]
        self.positives += int(np.count_nonzero(y_N))
        self._files["x"].append(rows.x_NC[chosen])
        self._files["y"].append(y_N)
        if rows.group_N is not None:
            group_N, groups = rows.group_N[chosen], len(self.rows_G)
            self.rows_G += np.bincount(group_N, minlength=groups)
            self.positives_G += np.bincount(group_N[y_N > 0.5], minlength=groups)
            self._files["group"].append(group_N)

    def __enter__(self) -> "SplitWriter":
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def meta(self) -> SplitMeta:
        """Describe the closed files; a split with only one class is refused."""
        if self.positives in {0, self.rows}:
            only = int(self.positives > 0)
            raise UserError(
                f"{self.name} split: all {self.rows} labels are {only}, so its AUC is undefined; "
                "take more rows, or correct preparation.label or label_at_least"
            )
        if "group" in self._files and self.name != "train" and not self._has_gauc():
            del self._files["group"]
            self._group_path.unlink()
        sha256: dict[ArrayName, str] = {kind: file.sha256() for kind, file in self._files.items()}
        groups = int((self.rows_G > 0).sum()) if "group" in self._files else 0
        return SplitMeta(rows=self.rows, positives=self.positives, groups=groups, sha256=sha256)

    def _has_gauc(self) -> bool:
        return bool(((self.positives_G > 0) & (self.positives_G < self.rows_G)).any())
