"""EDCN: a cross network and a dense network that meet after every layer.

    (c, s) = Reg_0(e), x_0 = c; for l = 0 … L-1:
    c ← c + (w_l·c) x_0 + b_l; s ← Dropout(ReLU(Linear(s))), D → D; m = Bridge(c, s);
    unless l is last: (c, s) = Reg_(l+1)(m)
    z = Linear([c ‖ s ‖ m]) ∈ R^(3D) → R

Reg multiplies a vector by softmax(g/τ) over the fields, then normalises it by batch if
`batch_norm` says so, each stream with its own g and its own norm. `regulation: false` takes the
weights away, not the norms, as in BARS's best model on ML-tag.
Bridges: hadamard_product c∘s; pointwise_addition c + s; concatenation ReLU(Linear([c ‖ s]));
attention_pooling A_1(c)∘c + A_2(s)∘s with A = softmax(Linear(ReLU(Linear))).

The width of the dense network is D; there are no other hidden sizes. FuxiCTR 2, the library of
the TF4CTR authors, lacks the residual of c (`cross_residual: false`), cannot switch the
regulation off, and uses A_1 twice.
Source: Chen et al., "Enhancing Explicit and Implicit Feature Interactions via Information
Sharing for Parallel Deep CTR Models", CIKM 2021, in the form of FuxiCTR 1.2.2.

Shapes: B batch, C columns of x, F fields, D width of the embeddings.
"""

import torch
from torch import Tensor, nn

from models.dcn import CrossLayer
from models.embedding import Embedding, Features
from models.logits import Logits
from models.mlp import MLP, Head, linear


class FieldWeights(nn.Module):
    """Multiplies each field by its share of softmax(g/τ)."""

    def __init__(self, fields: int, dim: int, *, temperature: float) -> None:
        super().__init__()
        self.dim = dim
        self.temperature = temperature
        self.gate_F = nn.Parameter(torch.ones(fields))

    def forward(self, m_BD: Tensor) -> Tensor:
        """Return the weighted m_BD."""
        return m_BD * (self.gate_F / self.temperature).softmax(0).repeat_interleave(self.dim)


class Regulation(nn.Module):
    """Makes the two streams of a layer from one vector: weighted if asked, then normalised, each in its own way."""

    def __init__(self, fields: int, dim: int, *, temperature: float, weighted: bool, batch_norm: bool) -> None:
        super().__init__()
        self.cross_weights, self.dense_weights = (
            FieldWeights(fields, dim, temperature=temperature) if weighted else nn.Identity() for _ in range(2)
        )
        self.cross_norm, self.dense_norm = (
            nn.BatchNorm1d(fields * dim) if batch_norm else nn.Identity() for _ in range(2)
        )

    def forward(self, m_BD: Tensor) -> tuple[Tensor, Tensor]:
        """Return (c_BD, s_BD)."""
        return self.cross_norm(self.cross_weights(m_BD)), self.dense_norm(self.dense_weights(m_BD))


class Product(nn.Module):
    """c ∘ s."""

    def forward(self, c_BD: Tensor, s_BD: Tensor) -> Tensor:
        """Return m_BD."""
        return c_BD * s_BD


class Addition(nn.Module):
    """c + s."""

    def forward(self, c_BD: Tensor, s_BD: Tensor) -> Tensor:
        """Return m_BD."""
        return c_BD + s_BD


class Concatenation(nn.Module):
    """ReLU(Linear([c ‖ s]))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = linear(2 * width, width)

    def forward(self, c_BD: Tensor, s_BD: Tensor) -> Tensor:
        """Return m_BD."""
        return self.linear(torch.cat((c_BD, s_BD), dim=1)).relu()


class AttentionPooling(nn.Module):
    """A_1(c) ∘ c + A_2(s) ∘ s."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.cross, self.dense = (
            nn.Sequential(linear(width, width), nn.ReLU(), linear(width, width, bias=False), nn.Softmax(-1))
            for _ in range(2)
        )

    def forward(self, c_BD: Tensor, s_BD: Tensor) -> Tensor:
        """Return m_BD."""
        return self.cross(c_BD) * c_BD + self.dense(s_BD) * s_BD


def _bridge(name: str, width: int) -> nn.Module:
    match name:
        case "hadamard_product":
            return Product()
        case "pointwise_addition":
            return Addition()
        case "concatenation":
            return Concatenation(width)
        case "attention_pooling":
            return AttentionPooling(width)
    known = "hadamard_product, pointwise_addition, concatenation, attention_pooling"
    raise ValueError(f"unknown EDCN bridge {name!r}; known: {known}")


class EDCN(nn.Module):
    """A cross and a dense network with bridges."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        cross_layers: int,
        bridge: str,
        temperature: float,
        regulation: bool,
        cross_residual: bool,
    ) -> None:
        super().__init__()
        width = features.fields * embedding_dim
        self.cross_residual = cross_residual
        self.embedding = Embedding(features, embedding_dim)
        self.regulations = nn.ModuleList(
            Regulation(
                features.fields, embedding_dim, temperature=temperature, weighted=regulation, batch_norm=batch_norm
            )
            for _ in range(cross_layers)
        )
        self.cross = nn.ModuleList(CrossLayer(width) for _ in range(cross_layers))
        self.dense = nn.ModuleList(MLP(width, (width,), dropout=dropout, batch_norm=False) for _ in range(cross_layers))
        self.bridges = nn.ModuleList(_bridge(bridge, width) for _ in range(cross_layers))
        self.head = Head(3 * width)

    def forward(self, x_BC: Tensor) -> Logits:
        """Return the logit; the streams are mixed, so there are no separate branches."""
        m_BD = c_BD = s_BD = self.embedding(x_BC).flatten(1)
        x_0_BD: Tensor | None = None
        for regulate, cross, dense, bridge in zip(self.regulations, self.cross, self.dense, self.bridges, strict=True):
            c_BD, s_BD = regulate(m_BD)
            x_0_BD = c_BD if x_0_BD is None else x_0_BD
            crossed_BD = cross(x_0_BD, c_BD)
            c_BD = c_BD + crossed_BD if self.cross_residual else crossed_BD
            s_BD = dense(s_BD)
            m_BD = bridge(c_BD, s_BD)
        return Logits(self.head(torch.cat((c_BD, s_BD, m_BD), dim=1)))
