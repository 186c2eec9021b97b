"""What the batches of an evaluation follow from: the largest tensor of a prediction, and whether scores depend on them.

Shapes: B batch, C columns of x.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from models import build_model
from models.embedding import Features

ROWS = 2  # and twice as many; batch norm needs more than one
TABLE_ROWS = 2  # of each field while measuring: what a prediction makes of a row does not depend on the others


def widest_bytes(name: str, features: Features, settings: Mapping[str, Any]) -> int:
    """Measure the largest tensor that any single operation of a prediction makes, in bytes a row.

    The model is built on the CPU with small tables and passed batches of two sizes; their difference is divided by the
    rows between. Weights, and what is computed once per batch, fall out.

    Parameters
    ----------
    name : str
        A key of `models.MODELS`, not "Custom", which may do anything with its input.
    features : Features
        What the model knows of its input.
    settings : mapping
        Every keyword argument of the model, as `build_model` takes them.

    Returns
    -------
    int
        Exact, in float32. torch's generators are left as they were.
    """
    small = replace(features, vocab_sizes=(TABLE_ROWS,) * features.fields)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        model = build_model(name, small, settings).eval()
        fewer, more = (_made_bytes(model, rows, sum(features.columns)) for rows in (ROWS, 2 * ROWS))
    return max((two - one for one, two in zip(fewer, more, strict=True)), default=0) // ROWS


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


class Sizes(TorchDispatchMode):
    """Notes the bytes behind every tensor that an operation returns, in order; a view counts as its base."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # it would load the compiler, and nothing is compiled here

    def __init__(self) -> None:
        super().__init__()
        self.made_bytes: list[int] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self.made_bytes += [leaf.untyped_storage().nbytes() for leaf in tree_leaves(out) if isinstance(leaf, Tensor)]
        return out


def _made_bytes(model: nn.Module, rows: int, columns: int) -> list[int]:
    with Sizes() as sizes:
        model(torch.zeros(rows, columns, dtype=torch.int32))
    return sizes.made_bytes
