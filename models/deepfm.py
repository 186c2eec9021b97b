"""DeepFM: z = b + Σ_i w_i(x_i) + ½ Σ_k [(Σ_i e_ik)² - Σ_i e_ik²] + MLP(e).

The factorisation machine and the MLP read the same embeddings e_i ∈ R^d, one per field; the
linear weights w_i have a table of their own.

Branches: simple = the factorisation machine, with h_s = [w ‖ ½((Σ e)² - Σ e²)] ∈ R^(F+d), whose
elements add up to z_s - b; complex = the MLP.
Source: Guo et al., "DeepFM", IJCAI 2017, in the form of FuxiCTR 2 (b is missing in FuxiCTR 1).

Shapes: B batch, C columns of x, F fields, K size of an embedding of the simple branch, S and D
widths of e_s and e_c.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.branches import Branches, TwoBranch
from models.dfm import Sum
from models.embedding import Features, field_weights
from models.framework import Framework
from models.mlp import Tower
from models.ssem import Share


def pairwise_products(e_BFK: Tensor) -> Tensor:
    """Sum of the products of all pairs of fields, element by element: ½((Σ e)² - Σ e²), as q_BK."""
    return 0.5 * (e_BFK.sum(1).square() - e_BFK.square().sum(1))


class DeepFMBranches(TwoBranch):
    """A factorisation machine, one value per sample, and an MLP."""

    def __init__(
        self,
        features: Features,
        *,
        simple_dim: int,
        complex_dim: int,
        hidden_units: Sequence[int],
        dropout: float,
        batch_norm: bool,
    ) -> None:
        deep = Tower(features.fields * complex_dim, hidden_units, dropout=dropout, batch_norm=batch_norm)
        super().__init__(simple_width=features.fields + simple_dim, complex_width=deep.out_dim)
        self.weights = field_weights(features)
        self.bias = nn.Parameter(torch.zeros(()))
        self.deep = deep
        self.fields = features.fields

    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""
        q_BK = pairwise_products(e_s_BS.unflatten(1, (self.fields, -1)))
        h_s_BH = torch.cat((self.weights(x_BC).squeeze(-1), q_BK), dim=1)
        h_c_BG, z_c_B = self.deep(e_c_BD)
        return Branches(h_s_BH, h_c_BG, self.bias + h_s_BH.sum(1), z_c_B)


class DeepFM(Framework):
    """A factorisation machine beside an MLP."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        hidden_units: Sequence[int],
    ) -> None:
        branches = DeepFMBranches(
            features,
            simple_dim=embedding_dim,
            complex_dim=embedding_dim,
            hidden_units=hidden_units,
            dropout=dropout,
            batch_norm=batch_norm,
        )
        super().__init__(Share(features, embedding_dim=embedding_dim), branches, Sum())
