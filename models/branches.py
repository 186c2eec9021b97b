"""Two-branch encoders, between SSEM and DFM.

Any pair of a simple and a complex branch fits, if it derives from `TwoBranch`: it reads e_s and
e_c (flattened) and the raw ids (for terms with tables of their own), and returns the last
hidden vectors and the logit of each branch.

Shapes: B batch, C columns of x, S and D widths of e_s and e_c, H and G widths of h_s and h_c.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn

from models.mlp import Tower


class Branches(NamedTuple):
    """The outputs of the two encoders."""

    h_s_BH: Tensor
    h_c_BG: Tensor
    z_s_B: Tensor
    z_c_B: Tensor


class TwoBranch(nn.Module, ABC):
    """A simple and a complex encoder; the fusion is given the widths of their outputs."""

    def __init__(self, *, simple_width: int, complex_width: int) -> None:
        super().__init__()
        self.simple_width = simple_width
        self.complex_width = complex_width

    @abstractmethod
    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""


class TwinMLP(TwoBranch):
    """Equation 6: ĥ = MLP(e), z = w·ĥ + b, for each branch."""

    def __init__(
        self,
        simple_in: int,
        complex_in: int,
        *,
        simple_units: Sequence[int],
        complex_units: Sequence[int],
        dropout: float,
        batch_norm: bool,
    ) -> None:
        simple = Tower(simple_in, simple_units, dropout=dropout, batch_norm=batch_norm)
        complex_ = Tower(complex_in, complex_units, dropout=dropout, batch_norm=batch_norm)
        super().__init__(simple_width=simple.out_dim, complex_width=complex_.out_dim)
        self.simple = simple
        self.complex = complex_

    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""
        del x_BC
        h_s_BH, z_s_B = self.simple(e_s_BS)
        h_c_BG, z_c_B = self.complex(e_c_BD)
        return Branches(h_s_BH, h_c_BG, z_s_B, z_c_B)
