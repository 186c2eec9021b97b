"""Numeric inputs of users' models: x_BC has the bits of the floats, beside columns of ids.

Shapes: B batch, C columns of x, K numeric fields, M = 2K.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.embedding import Features

NUMBER = "number"  # the pooling of a numeric field, which has two columns: a float's bits, and 1 where it is missing


@dataclass(frozen=True)
class OwnFeatures(Features):
    """What a user's model knows about its input: the fields of ids, and the number of numeric fields."""

    numbers: int = 0


class Inputs(nn.Module):
    """Divides x_BC into the columns of ids and the numbers."""

    def __init__(self, features: Features) -> None:
        super().__init__()
        whole = zip(features.vocab_sizes, features.columns, features.pooling, strict=True)
        ids = [field for field in whole if field[2] != NUMBER]
        self.features = OwnFeatures(
            vocab_sizes=tuple(size for size, _, _ in ids),
            columns=tuple(columns for _, columns, _ in ids),
            pooling=tuple(pooling for _, _, pooling in ids),
            numbers=features.pooling.count(NUMBER),
        )
        kinds = [kind for columns, kind in zip(features.columns, features.pooling, strict=True) for _ in range(columns)]
        numbers = [place for place, kind in enumerate(kinds) if kind == NUMBER]
        self.ids = [place for place, kind in enumerate(kinds) if kind != NUMBER]
        self.values, self.missing = numbers[::2], numbers[1::2]

    def forward(self, x_BC: Tensor) -> tuple[Tensor, Tensor]:
        """The columns of ids, and n_BM: the values of all numeric fields, then 1.0 where each is missing."""
        value_BK = x_BC[:, self.values].contiguous().view(torch.float32)
        return x_BC[:, self.ids], torch.cat([value_BK, x_BC[:, self.missing].to(torch.float32)], dim=1)
