"""FinalMLP: two MLPs on differently gated embeddings, fused by a bilinear form.

    e_k = 2σ(Gate_k(context_k)) ∘ e, k = 1, 2; Gate = (Linear → ReLU)* → Linear(D)
    h_k = MLP_k(e_k)
    z = w_1·h_1 + b_1 + w_2·h_2 + b_2 + Σ_heads h_1ᵀ W h_2, with both h cut into heads

A context is a set of fields with an embedding table of its own, or, where the set is empty, one
learned vector. That vector and the biases start at zero, so the ReLU passes no gradient and
only the last bias of the gate learns: so it is in FuxiCTR, and here.
Source: Mao et al., "FinalMLP", AAAI 2023, in the form of the FuxiCTR library.

Shapes: B batch, C columns of x, D width of the embeddings, K width of a context, G and H widths
of h_1 and h_2, N heads, X and Y widths of a head.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.embedding import Embedding, Features
from models.logits import Logits
from models.mlp import MLP, Head, linear


def _columns(features: Features, fields: Sequence[int]) -> list[int]:
    starts = [sum(features.columns[:field]) for field in fields]
    return [start + n for start, field in zip(starts, fields, strict=True) for n in range(features.columns[field])]


def _only(features: Features, fields: Sequence[int]) -> Features:
    return Features(
        tuple(features.vocab_sizes[field] for field in fields),
        tuple(features.columns[field] for field in fields),
        tuple(features.pooling[field] for field in fields),
    )


class Context(nn.Module):
    """Embeddings of some fields, from a table of their own."""

    def __init__(self, features: Features, fields: Sequence[int], dim: int) -> None:
        super().__init__()
        outside = [field for field in fields if not 0 <= field < features.fields]
        if outside:
            raise ValueError(f"context fields {outside} do not exist; fields are numbered 0 to {features.fields - 1}")
        self.columns = _columns(features, fields)
        self.embedding = Embedding(_only(features, fields), dim)

    def forward(self, x_BC: Tensor) -> Tensor:
        """Return k_BK."""
        return self.embedding(x_BC[:, self.columns]).flatten(1)


class Constant(nn.Module):
    """One learned vector for all samples."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.vector_1K = nn.Parameter(torch.zeros(1, dim))

    def forward(self, x_BC: Tensor) -> Tensor:
        """Return k_1K."""
        del x_BC
        return self.vector_1K


class Selection(nn.Module):
    """The gate of one MLP: e ∘ 2σ(Gate(context))."""

    def __init__(self, features: Features, fields: Sequence[int], dim: int, units: Sequence[int]) -> None:
        super().__init__()
        self.context = Context(features, fields, dim) if fields else Constant(dim)
        self.hidden = MLP(dim * max(1, len(fields)), units, dropout=0.0, batch_norm=False)
        self.out = linear(self.hidden.out_dim, features.fields * dim)

    def forward(self, x_BC: Tensor, e_BD: Tensor) -> Tensor:
        """Return the gated e_BD."""
        return e_BD * (2.0 * self.out(self.hidden(self.context(x_BC))).sigmoid())


class Bilinear(nn.Module):
    """Two linear forms and a bilinear one, by heads."""

    def __init__(self, first: int, second: int, *, heads: int) -> None:
        super().__init__()
        if first % heads or second % heads:
            raise ValueError(f"the last layers, {first} and {second} wide, must be multiples of heads = {heads}")
        self.heads = heads
        self.first = Head(first)
        self.second = Head(second)
        elements = first * second // heads
        std = math.sqrt(2.0 / (elements + 1))
        self.weight_NXY = nn.Parameter(torch.randn(heads, first // heads, second // heads) * std)

    def forward(self, h_1_BG: Tensor, h_2_BH: Tensor) -> Tensor:
        """Return z_B."""
        h_1_NBX = h_1_BG.unflatten(1, (self.heads, -1)).transpose(0, 1)
        h_2_NBY = h_2_BH.unflatten(1, (self.heads, -1)).transpose(0, 1).to(self.weight_NXY.dtype)
        mixed_B = ((h_1_NBX @ self.weight_NXY) * h_2_NBY).sum((0, 2))
        return self.first(h_1_BG) + self.second(h_2_BH) + mixed_B


class FinalMLP(nn.Module):
    """Two MLPs with feature selection and bilinear fusion."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        units_1: Sequence[int],
        units_2: Sequence[int],
        dropout_2: float | None,
        heads: int,
        feature_selection: bool,
        selection_units: Sequence[int],
        context_1: Sequence[int],
        context_2: Sequence[int],
    ) -> None:
        super().__init__()
        width = features.fields * embedding_dim
        self.embedding = Embedding(features, embedding_dim)
        self.selections = (
            nn.ModuleList(Selection(features, f, embedding_dim, selection_units) for f in (context_1, context_2))
            if feature_selection
            else None
        )
        self.first = MLP(width, units_1, dropout=dropout, batch_norm=batch_norm)
        self.second = MLP(width, units_2, dropout=dropout if dropout_2 is None else dropout_2, batch_norm=batch_norm)
        self.fusion = Bilinear(self.first.out_dim, self.second.out_dim, heads=heads)

    def forward(self, x_BC: Tensor) -> Logits:
        """Return the logit; the bilinear form belongs to no single branch."""
        e_1_BD = e_2_BD = e_BD = self.embedding(x_BC).flatten(1)
        if self.selections is not None:
            e_1_BD, e_2_BD = (select(x_BC, e_BD) for select in self.selections)
        return Logits(self.fusion(self.first(e_1_BD), self.second(e_2_BD)))
