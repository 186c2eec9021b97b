"""Wide & Deep: z = Σ_i w_i(x_i) + MLP(e), where w_i(x_i) is one learned weight per value.

The linear part has no bias of its own, the output of the MLP has one. Unlike the original there
are no hand-made cross products, and one optimiser serves both parts.

Branches: simple = the linear part, complex = the MLP.
Source: Cheng et al., "Wide & Deep Learning for Recommender Systems", DLRS 2016, in the form of
the FuxiCTR library.

Shapes: B batch, C columns of x, F fields, S and D widths of e_s and e_c.
"""

from collections.abc import Sequence

from torch import Tensor

from models.branches import Branches, TwoBranch
from models.dfm import Sum
from models.embedding import Features, field_weights
from models.framework import Framework
from models.mlp import Tower
from models.ssem import Share


class WideDeepBranches(TwoBranch):
    """The linear part, which reads ids and not embeddings, and an MLP."""

    def __init__(
        self, features: Features, *, complex_dim: int, hidden_units: Sequence[int], dropout: float, batch_norm: bool
    ) -> None:
        deep = Tower(features.fields * complex_dim, hidden_units, dropout=dropout, batch_norm=batch_norm)
        super().__init__(simple_width=features.fields, complex_width=deep.out_dim)
        self.weights = field_weights(features)
        self.deep = deep

    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""
        del e_s_BS
        w_BF = self.weights(x_BC).squeeze(-1)
        h_c_BG, z_c_B = self.deep(e_c_BD)
        return Branches(w_BF, h_c_BG, w_BF.sum(1), z_c_B)


class WideDeep(Framework):
    """A linear model beside an MLP."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        hidden_units: Sequence[int],
    ) -> None:
        branches = WideDeepBranches(
            features, complex_dim=embedding_dim, hidden_units=hidden_units, dropout=dropout, batch_norm=batch_norm
        )
        super().__init__(Share(features, embedding_dim=embedding_dim), branches, Sum())
