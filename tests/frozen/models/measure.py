"""What a row costs in a model, counted on torch's `meta` device, where a table of any size takes no memory.

Every figure is what grows with the rows of a batch: the model is passed batches of two sizes,
and their difference is divided by the rows between. Weights, and what is computed once per
batch, fall out.

Shapes: B batch, C columns of x.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from models import build_model
from models.embedding import Features

ROWS = 2  # and twice as many; batch norm needs more than one


@dataclass(frozen=True)
class RowCost:
    """Figures of one row.

    `multiply_adds` are those of the matrix products of a prediction, `training_multiply_adds` of
    the forward pass of a training step, which in some models has losses of its own; a training
    step is about three times the latter. `widest_bytes` is the largest tensor that any single
    operation of a prediction makes, in float32.
    """

    multiply_adds: int
    training_multiply_adds: int
    widest_bytes: int


def row_cost(name: str, features: Features, settings: Mapping[str, Any]) -> RowCost:
    """Count what one row costs.

    Parameters
    ----------
    name : str
        A key of `models.MODELS`.
    features : Features
        What the model knows of its input.
    settings : mapping
        Every keyword argument of the model, as `build_model` takes them.

    Returns
    -------
    RowCost
        Exact for this project's models. torch's generators are left as they were.

    Notes
    -----
    A `Custom` model that does not run on `meta`, because it reads a value or makes tensors on
    the CPU, is built and run on the CPU instead, for a few rows: that takes the memory of its tables.
    """
    try:
        return _measure(_build("meta", name, features, settings), features, "meta")
    except Exception:
        if name != "Custom":
            raise
    with torch.random.fork_rng(devices=[]):
        return _measure(_build("cpu", name, features, settings), features, "cpu")


def evaluation_depends_on_batch(name: str, settings: Mapping[str, Any]) -> bool:
    """Whether the score of a row depends on how an evaluation is cut into batches.

    It does in the authors' DeepFM (`Framed` with `authors_code`), whose factorisation machine
    adds up the whole batch, and where VF draws noise at evaluation: on a GPU, which row gets
    which noise follows from the batches. Of a `Custom` model it is not known, and assumed. All
    others give a row the same score, to rounding, in any batch.
    """
    base = settings.get("base") or {}
    adds_up_the_batch = settings.get("authors_code", False) and base.get("name") == "DeepFM"
    draws_noise = settings.get("noise_at_eval", False) and settings.get("dfm") == "VF"
    return name == "Custom" or adds_up_the_batch or draws_noise


# -- counting -------------------------------------------------------------------------


class _Sizes(TorchDispatchMode):
    """Notes the bytes behind every tensor that an operation returns, in order; a view counts as its base."""

    def __init__(self) -> None:
        super().__init__()
        self.made_bytes: list[int] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self.made_bytes += [leaf.untyped_storage().nbytes() for leaf in tree_leaves(out) if isinstance(leaf, Tensor)]
        return out


def _build(device: str, name: str, features: Features, settings: Mapping[str, Any]) -> nn.Module:
    with torch.device(device):
        return build_model(name, features, settings)


@torch.no_grad()
def _measure(model: nn.Module, features: Features, device: str) -> RowCost:
    x_BC = torch.zeros(2 * ROWS, sum(features.columns), dtype=torch.int32, device=device)
    batches = x_BC[:ROWS].clone(), x_BC
    flops, sizes = _pass(model.eval(), batches)
    training_flops, _ = _pass(model.train(), batches)
    # A multiply-add is two operations.
    return RowCost(flops // 2 // ROWS, training_flops // 2 // ROWS, max(sizes, default=0) // ROWS)


def _pass(model: nn.Module, batches: tuple[Tensor, Tensor]) -> tuple[int, list[int]]:
    """How much more the larger batch costs: operations in matrix products, and bytes of every tensor made."""
    counted: list[int] = []
    made: list[list[int]] = []
    for x_BC in batches:
        with FlopCounterMode(display=False) as counter, _Sizes() as sizes:
            model(x_BC)
        counted.append(counter.get_total_flops())
        made.append(sizes.made_bytes)
    return counted[1] - counted[0], [large - small for small, large in zip(*made, strict=True)]
