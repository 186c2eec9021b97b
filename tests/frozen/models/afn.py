"""AFN+: z = w_1 a + w_2 b + c, a logarithmic network beside an MLP, each with its own embeddings.

Logarithmic network on E ∈ R^(F×d): u = BN_F(log max(|E|, 1e-5)); z_n = Σ_i W_(n,i) u_i for each
of N neurons (no bias); v = BN_N(exp z) ∈ R^(d×N); a = Linear(MLP(flatten v)). Both norms take their
statistics over batch and d, and are there whatever `batch_norm` says. b = Linear(MLP(e')).

Branches: simple = the logarithmic network, z_s = w_1 a + c; complex = the MLP, z_c = w_2 b.
Source: Cheng, Shen and Huang, "Adaptive Factorization Network", AAAI 2020, in the form of the
FuxiCTR library: one loss for both parts, where the original trains three.

Shapes: B batch, C columns of x, F fields, K size of an embedding, N neurons, S and D widths of
e_s and e_c.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from models.branches import Branches, TwoBranch
from models.dfm import Sum
from models.embedding import Features
from models.framework import Framework
from models.mlp import JointHead, Tower, linear
from models.ssem import Separate

SMALLEST = 1e-5


class LogarithmicLayer(nn.Module):
    """Products of powers of fields: exp(Σ_i W_i log|e_i|), normalised before and after.

    Neurons come last, because batch norm is several times faster over the last of two axes.
    """

    def __init__(self, fields: int, neurons: int) -> None:
        super().__init__()
        self.log_norm = nn.BatchNorm1d(fields)
        self.powers = linear(fields, neurons, bias=False)
        self.exp_norm = nn.BatchNorm1d(neurons)

    def forward(self, e_BFK: Tensor) -> Tensor:
        """Return v_BKN."""
        u_BFK = self.log_norm(e_BFK.abs().clamp(min=SMALLEST).log())
        z_BKN = self.powers(u_BFK.transpose(1, 2))
        return self.exp_norm(z_BKN.exp().flatten(0, 1)).view_as(z_BKN)


class AFNBranches(TwoBranch):
    """A logarithmic network and an MLP, joined by a linear layer of their two logits."""

    def __init__(
        self,
        features: Features,
        *,
        simple_dim: int,
        complex_dim: int,
        log_neurons: int,
        afn_units: Sequence[int],
        afn_dropout: float,
        hidden_units: Sequence[int],
        dropout: float,
        batch_norm: bool,
    ) -> None:
        simple = Tower(log_neurons * simple_dim, afn_units, dropout=afn_dropout, batch_norm=batch_norm)
        deep = Tower(features.fields * complex_dim, hidden_units, dropout=dropout, batch_norm=batch_norm)
        super().__init__(simple_width=simple.out_dim, complex_width=deep.out_dim)
        self.fields = features.fields
        self.logarithmic = LogarithmicLayer(features.fields, log_neurons)
        self.simple = simple
        self.deep = deep
        self.head = JointHead(1, 1)

    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""
        del x_BC
        v_BKN = self.logarithmic(e_s_BS.unflatten(1, (self.fields, -1)))
        h_s_BH, a_B = self.simple(v_BKN.flatten(1))
        h_c_BG, b_B = self.deep(e_c_BD)
        return Branches(h_s_BH, h_c_BG, *self.head(a_B.unsqueeze(1), b_B.unsqueeze(1)))


class AFNPlus(Framework):
    """A logarithmic network beside an MLP, with an embedding table each."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        log_neurons: int,
        afn_units: Sequence[int],
        afn_dropout: float,
        hidden_units: Sequence[int],
    ) -> None:
        branches = AFNBranches(
            features,
            simple_dim=embedding_dim,
            complex_dim=embedding_dim,
            log_neurons=log_neurons,
            afn_units=afn_units,
            afn_dropout=afn_dropout,
            hidden_units=hidden_units,
            dropout=dropout,
            batch_norm=batch_norm,
        )
        tables = Separate(features, simple_dim=embedding_dim, complex_dim=embedding_dim)
        super().__init__(tables, branches, Sum())
