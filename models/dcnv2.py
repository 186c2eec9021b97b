"""DCNv2, parallel: x_(l+1) = x_l + x_0 ∘ (W_l x_l + b_l) beside h = MLP(x_0); z = Linear([x_L ‖ h]).

x_0 = e ∈ R^D, W_l ∈ R^(D×D) of full rank, b_l ∈ R^D.

Branches: simple = the cross network, h_s = x_L; complex = the MLP. The joint output layer is
split between them, which leaves z as it is.
Source: Wang et al., "DCN V2", WWW 2021, in the form of the FuxiCTR library (its default, and
the best in BARS: the parallel structure without low-rank mixture).

Shapes: B batch, C columns of x, S and D widths of e_s and e_c.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from models.branches import Branches, TwoBranch
from models.dfm import Sum
from models.embedding import Features
from models.framework import Framework
from models.mlp import MLP, JointHead, linear
from models.ssem import Share


class DCNv2Branches(TwoBranch):
    """A cross network with full matrices and an MLP, with a joint output layer."""

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
        self.cross = nn.ModuleList(linear(width, width) for _ in range(cross_layers))
        self.deep = deep
        self.head = JointHead(width, deep.out_dim)

    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""
        del x_BC
        h_s_BS = e_s_BS
        for layer in self.cross:
            h_s_BS = h_s_BS + e_s_BS * layer(h_s_BS)
        h_c_BG = self.deep(e_c_BD)
        return Branches(h_s_BS, h_c_BG, *self.head(h_s_BS, h_c_BG))


class DCNv2(Framework):
    """A cross network with full matrices beside an MLP."""

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
        branches = DCNv2Branches(
            features,
            simple_dim=embedding_dim,
            complex_dim=embedding_dim,
            cross_layers=cross_layers,
            hidden_units=hidden_units,
            dropout=dropout,
            batch_norm=batch_norm,
        )
        super().__init__(Share(features, embedding_dim=embedding_dim), branches, Sum())
