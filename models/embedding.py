"""Embeddings: one table for all fields, with row offsets and pooling of list fields.

Shapes: B batch, C columns of x, F fields, D embedding size, V vocabulary rows of all fields.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Features:
    """What a model knows of its input x_BC.

    Columns stand in the order of the fields; field i has `columns[i]` of them. Values are
    ids within the field: 0 is PAD, the rest is below `vocab_sizes[i]`.
    """

    vocab_sizes: tuple[int, ...]
    columns: tuple[int, ...]
    pooling: tuple[str, ...]  # "mean" or "sum", of the tokens that are not PAD
