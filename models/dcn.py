"""DCN: x_(l+1) = x_l + (w_l·x_l) x_0 + b_l beside h = MLP(x_0); z = Linear([x_L ‖ h]).

x_0 = e ∈ R^D, w_l and b_l ∈ R^D.

Branches: simple = the cross network, h_s = x_L; complex = the MLP. The joint output layer is
split between them, which leaves z as it is.
Source: Wang et al., "Deep & Cross Network for Ad Click Predictions", ADKDD 2017, in the form of
the FuxiCTR library.

Shapes: B batch, C columns of x, S and D widths of e_s and e_c.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.branches import Branches, TwoBranch
from models.dfm import Sum
from models.embedding import Features
from models.framework import Framework
from models.mlp import MLP, JointHead, linear
from models.ssem import Share


class CrossLayer(nn.Module):
    """x → (w·x) x_0 + b, without the residual."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = linear(width, 1, bias=False)
        self.bias_D = nn.Parameter(torch.zeros(width))

    def forward(self, x_0_BD: Tensor, x_BD: Tensor) -> Tensor:
        """Return the crossing of x with x_0."""
        return self.weight(x_BD) * x_0_BD + self.bias_D


class DCNBranches(TwoBranch):
    """A cross network and an MLP with a joint output layer."""

    cross_layer: type[nn.Module] = CrossLayer

    def __init__(
        self,
        features: Features,
        *,
        simple_dim: int,
        complex_dim: int,
        cross_layers: int,
        hidden_units: Sequence[int],
        dropout: float,
        batch_norm: bool,
    ) -> None:
        width = features.fields * simple_dim
        deep = MLP(features.fields * complex_dim, hidden_units, dropout=dropout, batch_norm=batch_norm)
        super().__init__(simple_width=width, complex_width=deep.out_dim)
        self.cross = nn.ModuleList(self.cross_layer(width) for _ in range(cross_layers))
        self.deep = deep
        self.head = JointHead(width, deep.out_dim)

    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""
        del x_BC
        h_s_BS = e_s_BS
        for layer in self.cross:
            h_s_BS = h_s_BS + layer(e_s_BS, h_s_BS)
        h_c_BG = self.deep(e_c_BD)
        return Branches(h_s_BS, h_c_BG, *self.head(h_s_BS, h_c_BG))


class DCN(Framework):
    """A cross network beside an MLP."""

    branches_type: type[DCNBranches] = DCNBranches

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        cross_layers: int,
        hidden_units: Sequence[int],
    ) -> None:
        branches = self.branches_type(
            features,
            simple_dim=embedding_dim,
            complex_dim=embedding_dim,
            cross_layers=cross_layers,
            hidden_units=hidden_units,
            dropout=dropout,
            batch_norm=batch_norm,
        )
        super().__init__(Share(features, embedding_dim=embedding_dim), branches, Sum())
