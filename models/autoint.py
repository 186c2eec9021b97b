"""AutoInt+: z = Linear(flatten(X^L)) + MLP(e) [+ Σ_i w_i(x_i)], with self-attention over fields.

Layer, on X ∈ R^(F×I): Q = X W_q, K = X W_k, V = X W_v ∈ R^(F×A), no bias; each of the heads
takes A/heads columns; O = dropout(softmax(Q Kᵀ [/ √(A/heads)])) V, heads side by side; residual:
O + X W_res where I ≠ A, else O + X; LayerNorm; ReLU. The first layer has I = d, the others I = A.

Branches: simple = the attention (with the linear part, if there is one), h_s = flatten(X^L);
complex = the MLP. Options: residual, scale, layer_norm, wide.
Source: Song et al., "AutoInt", CIKM 2019, in the form of FuxiCTR since 1.2.2. The original gives
Q, K, V and the residual a bias and a ReLU.

Shapes: B batch, C columns of x, F fields, I and A widths before and after a layer, H heads,
K width of a head, S and D widths of e_s and e_c.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from models.branches import Branches, TwoBranch
from models.dfm import Sum
from models.dropout import Dropout
from models.embedding import Features, field_weights
from models.framework import Framework
from models.mlp import Head, Tower, linear
from models.ssem import Share


class FieldAttention(nn.Module):
    """Multi-head self-attention over the fields of a sample."""

    def __init__(
        self, in_dim: int, out_dim: int, *, heads: int, dropout: float, residual: bool, scale: bool, layer_norm: bool
    ) -> None:
        super().__init__()
        if out_dim % heads:
            raise ValueError(f"attention_dim must be a multiple of heads, but {out_dim} is not one of {heads}")
        self.heads = heads
        self.factor = (out_dim // heads) ** -0.5 if scale else 1.0
        self.query, self.key, self.value = (linear(in_dim, out_dim, bias=False) for _ in range(3))
        self.residual = residual
        self.project = linear(in_dim, out_dim, bias=False) if residual and in_dim != out_dim else nn.Identity()
        self.dropout = Dropout(dropout)
        self.norm = nn.LayerNorm(out_dim) if layer_norm else nn.Identity()

    def _split(self, x_BFA: Tensor) -> Tensor:
        return x_BFA.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x_BFI: Tensor) -> Tensor:
        """Return x_BFA."""
        q_BHFK, k_BHFK, v_BHFK = (self._split(layer(x_BFI)) for layer in (self.query, self.key, self.value))
        a_BHFF = (q_BHFK @ k_BHFK.transpose(-1, -2) * self.factor).softmax(-1)
        o_BFA = (self.dropout(a_BHFF).to(v_BHFK.dtype) @ v_BHFK).transpose(1, 2).flatten(2)
        if self.residual:
            o_BFA = o_BFA + self.project(x_BFI)
        return self.norm(o_BFA).relu()


class AutoIntBranches(TwoBranch):
    """Self-attention over fields, and an MLP."""

    def __init__(
        self,
        features: Features,
        *,
        simple_dim: int,
        complex_dim: int,
        attention_layers: int,
        attention_dim: int,
        heads: int,
        residual: bool,
        scale: bool,
        layer_norm: bool,
        wide: bool,
        hidden_units: Sequence[int],
        dropout: float,
        batch_norm: bool,
    ) -> None:
        deep = Tower(features.fields * complex_dim, hidden_units, dropout=dropout, batch_norm=batch_norm)
        super().__init__(simple_width=features.fields * attention_dim, complex_width=deep.out_dim)
        self.fields = features.fields
        self.attention = nn.Sequential(
            *(
                FieldAttention(
                    simple_dim if layer == 0 else attention_dim,
                    attention_dim,
                    heads=heads,
                    dropout=dropout,
                    residual=residual,
                    scale=scale,
                    layer_norm=layer_norm,
                )
                for layer in range(attention_layers)
            )
        )
        self.attention_head = Head(features.fields * attention_dim)
        self.weights = field_weights(features) if wide else None
        self.deep = deep

    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""
        h_s_BH = self.attention(e_s_BS.unflatten(1, (self.fields, -1))).flatten(1)
        z_s_B = self.attention_head(h_s_BH)
        if self.weights is not None:
            z_s_B = z_s_B + self.weights(x_BC).flatten(1).sum(1)
        h_c_BG, z_c_B = self.deep(e_c_BD)
        return Branches(h_s_BH, h_c_BG, z_s_B, z_c_B)


class AutoIntPlus(Framework):
    """Self-attention over fields beside an MLP."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        attention_layers: int,
        attention_dim: int,
        heads: int,
        residual: bool,
        scale: bool,
        layer_norm: bool,
        wide: bool,
        hidden_units: Sequence[int],
    ) -> None:
        branches = AutoIntBranches(
            features,
            simple_dim=embedding_dim,
            complex_dim=embedding_dim,
            attention_layers=attention_layers,
            attention_dim=attention_dim,
            heads=heads,
            residual=residual,
            scale=scale,
            layer_norm=layer_norm,
            wide=wide,
            hidden_units=hidden_units,
            dropout=dropout,
            batch_norm=batch_norm,
        )
        super().__init__(Share(features, embedding_dim=embedding_dim), branches, Sum())
