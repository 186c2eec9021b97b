"""Embeddings: one table for all fields, with row offsets and pooling of list fields.

Shapes: B batch, C columns of x, F fields, D embedding size, V vocabulary rows of all fields,
N tokens of a list field.
"""

from dataclasses import dataclass, replace
from itertools import accumulate

import torch
from torch import Tensor, nn
from torch.nn import functional

INIT_STD = 1e-4


@dataclass(frozen=True)
class Features:
    """What a model knows of its input x_BC.

    Columns stand in the order of the fields; field i has `columns[i]` of them. Values are
    ids within the field: 0 is PAD, the rest is below `vocab_sizes[i]`.
    """

    vocab_sizes: tuple[int, ...]
    columns: tuple[int, ...]
    pooling: tuple[str, ...]  # "mean" or "sum", of the tokens that are not PAD

    @property
    def fields(self) -> int:
        """Number of fields: list fields count once."""
        return len(self.columns)


def _starts(sizes: tuple[int, ...]) -> list[int]:
    return list(accumulate(sizes, initial=0))[:-1]


def _runs(features: Features) -> list[tuple[slice, str | None]]:
    """Columns in order: a run of plain fields (no pooling), or one list field."""
    runs: list[tuple[slice, str | None]] = []
    for start, columns, pooling in zip(_starts(features.columns), features.columns, features.pooling, strict=True):
        if columns > 1:
            runs.append((slice(start, start + columns), pooling))
        elif runs and runs[-1][1] is None:
            runs[-1] = (slice(runs[-1][0].start, start + 1), None)
        else:
            runs.append((slice(start, start + 1), None))
    return runs


def _pool(e_BND: Tensor, x_BN: Tensor, pooling: str) -> Tensor:
    """Mean or sum over the tokens that are not PAD; PAD rows are zero, so a sum skips them."""
    e_B1D = e_BND.sum(1, keepdim=True)
    if pooling == "sum":
        return e_B1D
    return e_B1D / x_BN.count_nonzero(1).clamp(min=1).view(-1, 1, 1)


class _Gather(torch.autograd.Function):
    """Rows of a table, like `embedding` with `padding_idx=0`, for a CPU.

    `index_put_` adds up the gradients of a row in the same order as embedding's own backward,
    so to the same bits, and takes a third to two thirds of its time.
    """

    @staticmethod
    def forward(ctx, weight_VD: Tensor, index_BC: Tensor) -> Tensor:
        ctx.save_for_backward(index_BC)
        ctx.rows = len(weight_VD)
        return functional.embedding(index_BC, weight_VD)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        (index_BC,) = ctx.saved_tensors
        grad_VD = grad.new_zeros(ctx.rows, grad.shape[-1])
        grad_VD.index_put_((index_BC.long(),), grad, accumulate=True)
        grad_VD[0] = 0.0
        return grad_VD, None


class Embedding(nn.Module):
    """The embeddings of all fields, e_BFD, read by a single gather.

    The PAD of every field is read from row 0, whose gradient torch leaves out, so all PAD
    rows start as zero and stay zero.
    """

    offset_C: Tensor

    def __init__(self, features: Features, dim: int) -> None:
        super().__init__()
        starts = _starts(features.vocab_sizes)
        offsets = [start for start, n in zip(starts, features.columns, strict=True) for _ in range(n)]
        self.register_buffer("offset_C", torch.tensor(offsets, dtype=torch.int32), persistent=False)
        self.weight_VD = nn.Parameter(torch.empty(sum(features.vocab_sizes), dim))
        self._runs = _runs(features)
        self._has_lists = any(pooling is not None for _, pooling in self._runs)
        nn.init.normal_(self.weight_VD, std=INIT_STD)
        with torch.no_grad():
            self.weight_VD[starts] = 0.0

    def forward(self, x_BC: Tensor) -> Tensor:
        """Return e_BFD."""
        index_BC = (x_BC + self.offset_C) * (x_BC != 0)
        if x_BC.device.type == "cpu":
            e_BCD: Tensor = _Gather.apply(self.weight_VD, index_BC)  # pyright: ignore[reportAssignmentType]
        else:
            e_BCD = functional.embedding(index_BC, self.weight_VD, padding_idx=0)
        if not self._has_lists:
            return e_BCD
        parts = (
            e_BCD[:, run] if pooling is None else _pool(e_BCD[:, run], x_BC[:, run], pooling)
            for run, pooling in self._runs
        )
        return torch.cat(tuple(parts), dim=1)


def field_weights(features: Features) -> Embedding:
    """One weight per value, for linear terms: a table of size 1, with list fields summed, not averaged."""
    return Embedding(replace(features, pooling=("sum",) * features.fields), 1)


def embedding_parameters(model: nn.Module) -> list[nn.Parameter]:
    """List every embedding table, one-dimensional ones included: what the dense L2 acts on."""
    return [module.weight_VD for module in model.modules() if isinstance(module, Embedding)]


def parameter_counts(model: nn.Module) -> tuple[int, int]:
    """Count the parameters of the embedding tables, and all others."""
    embedding = sum(weight.numel() for weight in embedding_parameters(model))
    return embedding, sum(parameter.numel() for parameter in model.parameters()) - embedding
