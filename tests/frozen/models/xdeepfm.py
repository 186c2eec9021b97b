"""xDeepFM: z = Σ_i w_i(x_i) + Linear([p^1 ‖ … ‖ p^K]) + MLP(e).

Compressed interaction network on X^0 = (e_1 … e_F) ∈ R^(F×d):
X^k_n = c^k_n + Σ_(i,j) W^k_(n,i,j) X^0_i ∘ X^(k-1)_j, and p^k_n sums X^k_n over d. Every map is
pooled and passed on (no split), without activation, with bias.

Branches: simple = linear part and compressed interaction network, h_s = [w ‖ p]; complex = the MLP.
Source: Lian et al., "xDeepFM", KDD 2018, in the form of the FuxiCTR library.

Shapes: B batch, C columns of x, F fields, K size of an embedding of the simple branch, M maps of
a layer, N maps of the one before, P all maps, S and D widths of e_s and e_c.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.branches import Branches, TwoBranch
from models.dfm import Sum
from models.embedding import Features, field_weights
from models.framework import Framework
from models.mlp import Head, Tower, linear
from models.ssem import Share


class InteractionNetwork(nn.Module):
    """The compressed interaction network: e_BFK → p_BP."""

    def __init__(self, fields: int, maps: Sequence[int]) -> None:
        super().__init__()
        before = (fields, *maps[:-1])
        self.layers = nn.ModuleList(linear(fields * n, m) for n, m in zip(before, maps, strict=True))

    def forward(self, e_BFK: Tensor) -> Tensor:
        """Return the pooled maps of all layers."""
        x_0_BKF = x_BKN = e_BFK.transpose(1, 2).contiguous()
        pooled: list[Tensor] = []
        for layer in self.layers:
            x_BKN = layer((x_0_BKF.unsqueeze(-1) * x_BKN.unsqueeze(-2)).flatten(2))
            pooled.append(x_BKN.sum(1))
        return torch.cat(pooled, dim=1)


class XDeepFMBranches(TwoBranch):
    """A linear part with a compressed interaction network, and an MLP."""

    def __init__(
        self,
        features: Features,
        *,
        complex_dim: int,
        cin_units: Sequence[int],
        hidden_units: Sequence[int],
        dropout: float,
        batch_norm: bool,
    ) -> None:
        deep = Tower(features.fields * complex_dim, hidden_units, dropout=dropout, batch_norm=batch_norm)
        super().__init__(simple_width=features.fields + sum(cin_units), complex_width=deep.out_dim)
        self.fields = features.fields
        self.weights = field_weights(features)
        self.cin = InteractionNetwork(features.fields, cin_units)
        self.cin_head = Head(sum(cin_units))
        self.deep = deep

    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""
        w_BF = self.weights(x_BC).squeeze(-1)
        p_BP = self.cin(e_s_BS.unflatten(1, (self.fields, -1)))
        h_c_BG, z_c_B = self.deep(e_c_BD)
        return Branches(torch.cat((w_BF, p_BP), dim=1), h_c_BG, w_BF.sum(1) + self.cin_head(p_BP), z_c_B)


class XDeepFM(Framework):
    """A compressed interaction network beside an MLP."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        cin_units: Sequence[int],
        hidden_units: Sequence[int],
    ) -> None:
        branches = XDeepFMBranches(
            features,
            complex_dim=embedding_dim,
            cin_units=cin_units,
            hidden_units=hidden_units,
            dropout=dropout,
            batch_norm=batch_norm,
        )
        super().__init__(Share(features, embedding_dim=embedding_dim), branches, Sum())
