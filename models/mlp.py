"""Linear layers with the paper's initialisation, and the MLP made of them.

Shapes: B batch, I inputs, H outputs, U and V widths of the two parts of a joint layer.
"""

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.dropout import ReLUDropout


def reset_linear(layer: nn.Linear | nn.Conv1d) -> None:
    """Draw Xavier-normal weights and set the bias to zero, in place."""
    nn.init.xavier_normal_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def linear(in_dim: int, out_dim: int, *, bias: bool = True) -> nn.Linear:
    """Make a linear layer with the paper's initialisation."""
    layer = nn.Linear(in_dim, out_dim, bias=bias)
    reset_linear(layer)
    return layer


def without_autocast(device: torch.device) -> AbstractContextManager[object]:
    """Compute in the precision of the weights; a device without autocast (meta) does so anyway."""
    if torch.amp.is_autocast_available(device.type):
        return torch.autocast(device.type, enabled=False)
    return nullcontext()


class Head(nn.Linear):
    """The linear layer in front of a logit, never in half precision.

    bf16 has 8 bits of mantissa: logits rounded to it would tie, and ties change AUC.
    """

    def __init__(self, in_dim: int, out_dim: int = 1, *, bias: bool = True) -> None:
        super().__init__(in_dim, out_dim, bias=bias)
        reset_linear(self)

    def forward(self, input: Tensor) -> Tensor:
        """Return z_B, or z_BH when there is more than one output."""
        with without_autocast(input.device):
            z_BH = functional.linear(input.to(self.weight.dtype), self.weight, self.bias)
        return z_BH.squeeze(-1) if self.out_features == 1 else z_BH


class JointHead(nn.Module):
    """One linear layer over [u ‖ v], in two parts: z_s = w_u·u + b and z_c = w_v·v.

    Both parts start with the variance of the joint layer.
    """

    def __init__(self, simple_width: int, complex_width: int) -> None:
        super().__init__()
        self.simple = Head(simple_width)
        self.complex = Head(complex_width, bias=False)
        for part in (self.simple, self.complex):
            nn.init.normal_(part.weight, std=math.sqrt(2.0 / (simple_width + complex_width + 1)))

    def forward(self, u_BU: Tensor, v_BV: Tensor) -> tuple[Tensor, Tensor]:
        """Return (z_s_B, z_c_B); their sum is the logit of the joint layer."""
        return self.simple(u_BU), self.complex(v_BV)


class MLP(nn.Sequential):
    """len(units) × (Linear → BatchNorm → ReLU → Dropout), without an output layer."""

    def __init__(self, in_dim: int, units: Sequence[int], *, dropout: float, batch_norm: bool) -> None:
        layers: list[nn.Module] = []
        width = in_dim
        for unit in units:
            layers.append(linear(width, unit))
            if batch_norm:
                layers.append(nn.BatchNorm1d(unit))
            layers.append(ReLUDropout(dropout))
            width = unit
        super().__init__(*layers)
        self.out_dim = width


class Tower(nn.Module):
    """An MLP and its head: h = MLP(e), z = w·h + b."""

    def __init__(self, in_dim: int, units: Sequence[int], *, dropout: float, batch_norm: bool) -> None:
        super().__init__()
        self.mlp = MLP(in_dim, units, dropout=dropout, batch_norm=batch_norm)
        self.head = Head(self.mlp.out_dim)
        self.out_dim = self.mlp.out_dim

    def forward(self, e_BI: Tensor) -> tuple[Tensor, Tensor]:
        """Return (h_BH, z_B)."""
        h_BH = self.mlp(e_BI)
        return h_BH, self.head(h_BH)
