"""EulerNet: feature interactions of learned order, in polar coordinates of the complex plane.

    r = μ cos e, p = μ sin e, with one learned μ per field
    layer, from F to G fields: λ = ½ log(r² + p² + 1e-8), θ = atan2(p, r),
      λ' = exp(λᵀA + β_λ), θ' = θᵀA + β_θ with orders A ∈ R^(F×G), β ∈ R^(d×G);
      r ← ReLU(W flat(r) + c) + λ' cos θ', p ← ReLU(W flat(p) + c) + λ' sin θ'; LayerNorm over d
    z = (w·flat(r) + b) + (w·flat(p) + b)

A starts as the identity if F = G, else each column picks nearly one field. Dropout acts on λ and
θ (`explicit_dropout`) and on flat(r) and flat(p) (`implicit_dropout`).
Source: Tian et al., "EulerNet", SIGIR 2023, in the form of the FuxiCTR library (W starts
Xavier-uniform; the norms exist only if `layer_norm` asks for them).

Shapes: B batch, C columns of x, F and G fields before and after a layer, K size of an embedding.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.dropout import Dropout
from models.embedding import Embedding, Features
from models.logits import Logits
from models.mlp import Head

BIAS_STD = 0.01


def _orders(inputs: int, outputs: int) -> Tensor:
    if inputs == outputs:
        return torch.eye(inputs)
    return torch.softmax(torch.randn(inputs, outputs) / 0.01, dim=0)


class EulerLayer(nn.Module):
    """Explicit interactions of order A plus an implicit linear layer, for both coordinates."""

    def __init__(
        self, inputs: int, outputs: int, dim: int, *, layer_norm: bool, explicit_dropout: float, implicit_dropout: float
    ) -> None:
        super().__init__()
        self.outputs = outputs
        self.order_FG = nn.Parameter(_orders(inputs, outputs))
        self.implicit = nn.Linear(inputs * dim, outputs * dim)
        nn.init.xavier_uniform_(self.implicit.weight)
        nn.init.zeros_(self.implicit.bias)
        self.amplitude_bias_KG = nn.Parameter(torch.randn(dim, outputs) * BIAS_STD)
        self.phase_bias_KG = nn.Parameter(torch.randn(dim, outputs) * BIAS_STD)
        self.explicit_dropout = Dropout(explicit_dropout)
        self.implicit_dropout = Dropout(implicit_dropout)
        self.real_norm = nn.LayerNorm(dim) if layer_norm else nn.Identity()
        self.imaginary_norm = nn.LayerNorm(dim) if layer_norm else nn.Identity()

    def _explicit(self, value_BFK: Tensor, bias_KG: Tensor) -> Tensor:
        return (self.explicit_dropout(value_BFK).transpose(1, 2) @ self.order_FG + bias_KG).transpose(1, 2)

    def _implicit(self, value_BFK: Tensor) -> Tensor:
        value_BI = self.implicit_dropout(value_BFK.flatten(1))
        return self.implicit(value_BI).relu().unflatten(1, (self.outputs, -1))

    def forward(self, r_BFK: Tensor, p_BFK: Tensor) -> tuple[Tensor, Tensor]:
        """Return (r_BGK, p_BGK)."""
        log_amplitude_BFK = 0.5 * (r_BFK.square() + p_BFK.square() + 1e-8).log()
        amplitude_BGK = self._explicit(log_amplitude_BFK, self.amplitude_bias_KG).exp()
        phase_BGK = self._explicit(torch.atan2(p_BFK, r_BFK), self.phase_bias_KG)
        r_BGK = self._implicit(r_BFK) + amplitude_BGK * phase_BGK.cos()
        p_BGK = self._implicit(p_BFK) + amplitude_BGK * phase_BGK.sin()
        return self.real_norm(r_BGK), self.imaginary_norm(p_BGK)


class EulerNet(nn.Module):
    """Interactions whose orders are learned."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        shape: Sequence[int],
        layer_norm: bool,
        explicit_dropout: float,
        implicit_dropout: float,
    ) -> None:
        super().__init__()
        self.embedding = Embedding(features, embedding_dim)
        self.radius_F1 = nn.Parameter(torch.ones(features.fields, 1))
        before = (features.fields, *shape[:-1])
        self.layers = nn.ModuleList(
            EulerLayer(
                inputs,
                outputs,
                embedding_dim,
                layer_norm=layer_norm,
                explicit_dropout=explicit_dropout,
                implicit_dropout=implicit_dropout,
            )
            for inputs, outputs in zip(before, shape, strict=True)
        )
        self.head = Head((shape[-1] if shape else features.fields) * embedding_dim)

    def forward(self, x_BC: Tensor) -> Logits:
        """Return the logit; there are no branches."""
        e_BFK = self.embedding(x_BC)
        r_BFK, p_BFK = self.radius_F1 * e_BFK.cos(), self.radius_F1 * e_BFK.sin()
        for layer in self.layers:
            r_BFK, p_BFK = layer(r_BFK, p_BFK)
        return Logits(self.head(r_BFK.flatten(1)) + self.head(p_BFK.flatten(1)))
