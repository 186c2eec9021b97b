"""A seeded random split of rows, for data published without one."""

import numpy as np
import numpy.typing as npt

from workflow.errors import UserError
from workflow.spec import SPLITS, RowSplit


def split_sizes(rows: int, parts: tuple[int, int, int]) -> tuple[int, int, int]:
    """Rows of train, valid and test; the two small parts are rounded up.

    These are the sizes that scikit-learn's `train_test_split` gives.

    Examples
    --------
    >>> split_sizes(1_000_209, (8, 1, 1))
    (800167, 100021, 100021)
    """
    whole = sum(parts)
    valid, test = (-(-rows * part // whole) for part in parts[1:])
    return rows - valid - test, valid, test


def split_rows(rows: int, split: RowSplit) -> npt.NDArray[np.int8]:
    """Deal rows out at random.

    Parameters
    ----------
    rows : int
        Number of rows.
    split : RowSplit
        Seed and the parts' relative sizes.

    Returns
    -------
    array of int8
        0, 1 or 2 per row: its place in `workflow.spec.SPLITS`.

    Raises
    ------
    UserError
        When there are too few rows to give each split one.
    """
    sizes = split_sizes(rows, split.parts)
    if min(sizes) < 1:
        raise UserError(f"preparation.split: {rows} rows are too few for parts {list(split.parts)}: a split is empty")
    split_N = np.empty(rows, dtype=np.int8)
    order_N = np.random.default_rng(split.seed).permutation(rows)
    split_N[order_N] = np.repeat(np.arange(len(SPLITS), dtype=np.int8), sizes)
    return split_N
