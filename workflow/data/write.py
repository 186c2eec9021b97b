"""Arrays written row by row: an ordinary file, so that a full disk is an error and not a crash."""

import hashlib
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workflow.data.store import SplitMeta
from workflow.errors import UserError


class NpyFile:
    """A .npy file of known shape, appended to in blocks of rows."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: npt.DTypeLike) -> None:
        self._path, self._shape, self._dtype = path, shape, np.dtype(dtype)
        self._rows = 0
        self._sha256 = hashlib.sha256()
        self._stream = path.open("wb")
        header = io.BytesIO()
        about = {"descr": np.lib.format.dtype_to_descr(self._dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(header, about)
        self._write(header.getbuffer())

    def append(self, array: npt.NDArray[np.generic]) -> None:
        """Add rows."""
        if len(array):
            self._write(np.ascontiguousarray(array, dtype=self._dtype).data)
            self._rows += len(array)

    def close(self) -> str:
        """Finish the file.

        Returns
        -------
        str
            SHA-256 of the file's bytes, as hex.
        """
        self._stream.close()
        if self._rows != self._shape[0]:
            raise RuntimeError(f"{self._path}: {self._rows} rows written, {self._shape[0]} announced")
        return self._sha256.hexdigest()

    def _write(self, data: memoryview) -> None:
        self._sha256.update(data)
        self._stream.write(data)


class SplitWriter:
    """The arrays of one split, and the counts that meta.json gives."""

    def __init__(self, folder: Path, name: str, rows: int, columns: int, groups: int | None) -> None:
        self._name, self._rows, self._positives = name, rows, 0
        self._seen_G = np.zeros(groups or 0, dtype=bool)
        self._files = {
            "x": NpyFile(folder / f"x_{name}.npy", (rows, columns), np.int32),
            "y": NpyFile(folder / f"y_{name}.npy", (rows,), np.float32),
        }
        if groups is not None:
            self._files["group"] = NpyFile(folder / f"group_{name}.npy", (rows,), np.int32)

    def append(self, arrays: dict[str, npt.NDArray[np.generic]]) -> None:
        """Add rows."""
        self._positives += int(np.count_nonzero(arrays["y"]))
        if "group" in arrays:
            self._seen_G[arrays["group"]] = True
        for kind, array in arrays.items():
            self._files[kind].append(array)

    def close(self) -> SplitMeta:
        """Finish the files; a split with one class only is refused."""
        sha256 = {kind: file.close() for kind, file in self._files.items()}
        if self._positives in {0, self._rows}:
            only = int(self._positives > 0)
            raise UserError(
                f"{self._name} split: all {self._rows} labels are {only}, so its AUC is undefined; "
                "take more rows, or correct preparation.label or label_at_least"
            )
        groups = int(self._seen_G.sum())
        return SplitMeta(rows=self._rows, positives=self._positives, groups=groups, sha256=sha256)
