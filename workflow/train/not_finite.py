"""The operation that first gave NaN or infinity, and its line in the user's file.

Shapes: B batch, C columns of x.
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class _First(TorchDispatchMode):
    """Notes the first operation that makes NaN of numbers, and the first that makes infinity of them."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.found: dict[str, str] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for kind, test in (("NaN", torch.isnan), ("infinite", torch.isinf)):
            if kind not in self.found and _any(test, out) and not _any(test, (args, kwargs)):
                self.found[kind] = f"{func.__name__.partition('.')[0]}{_line(self.file)}"
        return out


def _any(test: Callable[[Tensor], Tensor], values: Any) -> bool:
    tensors = (leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor) and leaf.is_floating_point())
    return any(bool(test(tensor).any()) for tensor in tensors)


def _line(file: Path) -> str:
    """Where the user's file is on the stack."""
    frame = sys._getframe(1)
    while frame is not None:
        if Path(frame.f_code.co_filename).resolve() == file:
            return f" in line {frame.f_lineno}"
        frame = frame.f_back
    return ""


def origin_of_nan(module: str, forward: Callable[[], Tensor]) -> str | None:
    """Name the operation that first gave NaN or infinity, in the forward pass of a loss or else behind it."""
    watch = _First(Path(module.rpartition(":")[0]).resolve())
    with watch:
        loss = forward()
    for kind, where in sorted(watch.found.items()):  # NaN, then infinity: a mask of attention is infinite, too
        if kind == "NaN" or not torch.isfinite(loss):
            operation, _, line = where.partition(" ")
            return f"{operation} gives {kind if kind == 'NaN' else 'infinity'}{' ' + line if line else ''}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with torch.autograd.detect_anomaly(check_nan=True):
                forward().backward()
        except RuntimeError as error:
            return f"{str(error).partition(chr(10))[0].rstrip('.')} (in the backward pass)"
    return None
