"""Pretrained vectors for a field, for users' models: `pretrained("item", "items.parquet")` in `__init__`.

The file is part of the model's fingerprint, as every file that it opens. What it gives can be frozen or trained on:

    self.items = nn.Embedding.from_pretrained(pretrained("item", "items.parquet"), freeze=True)

Shapes: V ids of the field, D length of a vector, R rows of the file.
"""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import Tensor

from workflow.data.tables.parquet import as_text
from workflow.errors import UserError, nearest
from workflow.reading import in_one_line

Floats = npt.NDArray[np.float32]
_tokens: dict[str, tuple[str, ...]] = {}


def offer(tokens: Mapping[str, tuple[str, ...]]) -> None:
    """Set the tokens of the current data's fields, in the order of their ids from 1."""
    _tokens.clear()
    _tokens.update(tokens)


def pretrained(field: str, path: str | Path) -> Tensor:
    """Vectors in the order of a field's ids.

    Parameters
    ----------
    field : str
        A field of the dataset.
    path : str or Path
        `.parquet` with a column of ids, called as the field or the first one, and either one column of lists or
        several of numbers; or `.npy` of shape (R, D), whose row i is that of the id i. Relative to the working
        directory.

    Returns
    -------
    Tensor of float32, shape (V, D)
        Row 0, of padding, is 0. Tokens that the file lacks, and the last row, of unseen values, get the mean of all
        vectors. Where no data are at hand, as when a plan counts work, there are two rows of 0.

    Raises
    ------
    UserError
        When the file is missing, damaged or of another form, has an id twice, or knows no token of the field.
    """
    with in_one_line(path, "table of vectors", "write it again", f"{path}: no such file, from here"):
        ids, vector_RD = _read(field, str(path), Path(path).read_bytes())
    if not _tokens:
        return torch.zeros(2, vector_RD.shape[1])
    if field not in _tokens:
        raise UserError(f"pretrained: the data have no field {field!r} of ids; {nearest(field, _tokens)}")
    rows = {name: row for row, name in enumerate(ids)}
    if len(rows) < len(ids):
        raise UserError(f"{path}: has {len(ids) - len(rows)} ids twice; keep one vector of each")
    place_V = np.array([rows.get(token, -1) for token in _tokens[field]], dtype=np.int64)
    if len(place_V) and (place_V < 0).all():
        shown = f"the file has {ids[0]!r}, the field {_tokens[field][0]!r}" if ids else "the file has none"
        raise UserError(f"{path}: no id equals a value of {field!r}: {shown}")
    known = np.where(place_V[:, None] < 0, vector_RD.mean(0), vector_RD[place_V])
    return torch.from_numpy(np.vstack([np.zeros_like(known[:1]), known, vector_RD.mean(0)]).astype(np.float32))


def _read(field: str, path: str, content: bytes) -> tuple[list[str], Floats]:
    if path.endswith(".npy"):
        vector_RD = np.load(io.BytesIO(content), allow_pickle=False)
        ids = [str(row) for row in range(len(vector_RD))]
    else:
        frame = pl.read_parquet(io.BytesIO(content))
        name = field if field in frame.columns else frame.columns[0]
        ids, rest = as_text(frame[name], path).to_list(), frame.drop(name)
        lists = rest.width == 1 and isinstance(rest.dtypes[0], pl.List | pl.Array)
        vector_RD = np.array(rest.to_series().to_list()) if lists else rest.to_numpy()
    if vector_RD.ndim != 2 or 0 in vector_RD.shape or not np.isfinite(vector_RD.astype(np.float64)).all():
        raise ValueError("it must hold one vector of finite numbers for each id, all of one length")
    return ids, vector_RD.astype(np.float32)
