"""Dropout that is cheap on a CPU.

`torch.nn.functional.dropout` draws one Bernoulli number per element there, one after the
other, which costs as much as a matrix product. Here 64 random bits serve four elements.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

LANE_VALUES = 1 << 16


def keep_mask(x: Tensor, kept_lanes: int) -> Tensor:
    """Draw ones with probability `kept_lanes` / 65,536, else zeros, shaped and typed as x.

    The bits come from torch's global generator, so a seed decides them. The lower bound is
    given because `random_()` without bounds never sets the top bit.
    """
    words = torch.empty((x.numel() + 3) // 4, dtype=torch.int64).random_(-(1 << 63), None)
    lanes = words.view(torch.int16)[: x.numel()].view(x.shape)
    return torch.lt(
        lanes, kept_lanes - LANE_VALUES // 2, out=torch.empty_like(x, memory_format=torch.contiguous_format)
    )


class _MaskedScale(torch.autograd.Function):
    """x · mask · scale. The scale stays out of the mask, where bf16 would round it."""

    @staticmethod
    def forward(ctx, x: Tensor, mask: Tensor, scale: float) -> Tensor:
        ctx.save_for_backward(mask)
        ctx.scale = scale
        return (x * mask).mul_(scale)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, None, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        (mask,) = ctx.saved_tensors
        return (grad * mask).mul_(ctx.scale), None, None


class Dropout(nn.Module):
    """Zeroes elements with probability p, to 1/65,536 on a CPU, and scales the rest to match."""

    def __init__(self, p: float) -> None:
        super().__init__()
        if not 0.0 <= p < 1.0:
            raise ValueError(f"dropout must be at least 0 and below 1, not {p}")
        self.p = p
        self.kept_lanes = max(1, round((1.0 - p) * LANE_VALUES))

    def forward(self, x: Tensor) -> Tensor:
        """Return x with dropout while training, x itself otherwise."""
        if not self.training or self.p == 0.0:
            return x
        if x.device.type != "cpu":
            return functional.dropout(x, self.p)
        return _MaskedScale.apply(x, keep_mask(x, self.kept_lanes), LANE_VALUES / self.kept_lanes)  # pyright: ignore[reportReturnType]

    def extra_repr(self) -> str:
        """Show p in the printed model."""
        return f"p={self.p}"


class _DropoutOfReLU(torch.autograd.Function):
    """ReLU and dropout in two passes over memory: y > 0 tells both what was kept and what was positive."""

    @staticmethod
    def forward(ctx, x: Tensor, kept_lanes: int) -> Tensor:
        ctx.scale = LANE_VALUES / kept_lanes
        y = keep_mask(x, kept_lanes)
        torch.addcmul(x.new_zeros(()), x.clamp_min(0.0), y, value=ctx.scale, out=y)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        (y,) = ctx.saved_tensors
        return torch.ops.aten.threshold_backward(grad, y, 0).mul_(ctx.scale), None


class ReLUDropout(Dropout):
    """ReLU, then dropout: the same numbers as the two modules, for less memory traffic on a CPU."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the activations, with dropout while training."""
        if self.training and self.p > 0.0 and x.device.type == "cpu":
            return _DropoutOfReLU.apply(x, self.kept_lanes)  # pyright: ignore[reportReturnType]
        return super().forward(functional.relu(x))
