"""Sample Selection Embedding Module: x → what the simple and the complex encoder read.

    Share         e_s = e_c = E x
    SER  (eq. 3)  e_s = E_s x with embeddings of size d/2, e_c = E_c x with size d; two tables
    GM   (eq. 4)  g = σ(Gate(e)), e_s = g·e, e_c = (1 - g)·e; Gate = MLP[D/4] → Linear(1)
    MoE  (eq. 5)  m_k = MLP[D/2, D](e) for k = 1, 2; (g_j1, g_j2) = softmax(Gate_j(e)),
                  Gate = MLP[D/4] → Linear(2); e_s = g_11 m_1 + g_12 m_2, e_c = g_21 m_1 + g_22 m_2

Every module returns (e_s_BS, e_c_BD), flattened, and says in `simple_dim` and `complex_dim` how
much of it belongs to one field.

Shapes: B batch, C columns of x, D fields · d, S width of the simple encoder's input (D or D/2),
K experts.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from models.embedding import Embedding, Features
from models.mlp import MLP, linear


class Ssem(nn.Module, ABC):
    """What the four have in common: how much of e_s and e_c belongs to one field."""

    def __init__(self, features: Features, *, simple_dim: int, complex_dim: int) -> None:
        super().__init__()
        self.fields = features.fields
        self.simple_dim = simple_dim
        self.complex_dim = complex_dim

    @abstractmethod
    def forward(self, x_BC: Tensor) -> tuple[Tensor, Tensor]:
        """Return (e_s_BS, e_c_BD)."""


class Share(Ssem):
    """Both encoders read the same embeddings."""

    def __init__(self, features: Features, *, embedding_dim: int) -> None:
        super().__init__(features, simple_dim=embedding_dim, complex_dim=embedding_dim)
        self.embedding = Embedding(features, embedding_dim)

    def forward(self, x_BC: Tensor) -> tuple[Tensor, Tensor]:
        """Return (e_BD, e_BD)."""
        e_BD = self.embedding(x_BC).flatten(1)
        return e_BD, e_BD


class Separate(Ssem):
    """A table for each encoder."""

    def __init__(self, features: Features, *, simple_dim: int, complex_dim: int) -> None:
        super().__init__(features, simple_dim=simple_dim, complex_dim=complex_dim)
        self.simple_embedding = Embedding(features, simple_dim)
        self.complex_embedding = Embedding(features, complex_dim)

    def forward(self, x_BC: Tensor) -> tuple[Tensor, Tensor]:
        """Return (e_s_BS, e_c_BD)."""
        return self.simple_embedding(x_BC).flatten(1), self.complex_embedding(x_BC).flatten(1)


class SER(Separate):
    """Two tables; the simple one has embeddings of half the size."""

    def __init__(self, features: Features, *, embedding_dim: int) -> None:
        if embedding_dim % 2:
            raise ValueError(f"SER halves embedding_dim, so it must be even, not {embedding_dim}")
        super().__init__(features, simple_dim=embedding_dim // 2, complex_dim=embedding_dim)


def _gate(width: int, outputs: int, *, dropout: float, batch_norm: bool) -> nn.Sequential:
    hidden = MLP(width, (width // 4,), dropout=dropout, batch_norm=batch_norm)
    return nn.Sequential(hidden, linear(width // 4, outputs))


class GM(Ssem):
    """One scalar gate per sample divides the embeddings between the encoders."""

    def __init__(self, features: Features, *, embedding_dim: int, dropout: float, batch_norm: bool) -> None:
        super().__init__(features, simple_dim=embedding_dim, complex_dim=embedding_dim)
        self.embedding = Embedding(features, embedding_dim)
        self.gate = _gate(features.fields * embedding_dim, 1, dropout=dropout, batch_norm=batch_norm)

    def forward(self, x_BC: Tensor) -> tuple[Tensor, Tensor]:
        """Return (g·e_BD, (1 - g)·e_BD)."""
        e_BD = self.embedding(x_BC).flatten(1)
        g_B1 = self.gate(e_BD).sigmoid()
        return g_B1 * e_BD, (1.0 - g_B1) * e_BD


class MoE(Ssem):
    """Two experts, mixed for each encoder by a gate of its own."""

    def __init__(self, features: Features, *, embedding_dim: int, dropout: float, batch_norm: bool) -> None:
        super().__init__(features, simple_dim=embedding_dim, complex_dim=embedding_dim)
        width = features.fields * embedding_dim
        self.embedding = Embedding(features, embedding_dim)
        self.experts = nn.ModuleList(
            MLP(width, (width // 2, width), dropout=dropout, batch_norm=batch_norm) for _ in range(2)
        )
        self.simple_gate = _gate(width, 2, dropout=dropout, batch_norm=batch_norm)
        self.complex_gate = _gate(width, 2, dropout=dropout, batch_norm=batch_norm)

    def forward(self, x_BC: Tensor) -> tuple[Tensor, Tensor]:
        """Return (e_s_BD, e_c_BD), each a mixture of the two experts."""
        e_BD = self.embedding(x_BC).flatten(1)
        m_BKD = torch.stack([expert(e_BD) for expert in self.experts], dim=1)
        g_s_BK, g_c_BK = self.simple_gate(e_BD).softmax(-1), self.complex_gate(e_BD).softmax(-1)
        return (g_s_BK.unsqueeze(-1) * m_BKD).sum(1), (g_c_BK.unsqueeze(-1) * m_BKD).sum(1)


def build_ssem(name: str, features: Features, *, embedding_dim: int, dropout: float, batch_norm: bool) -> Ssem:
    """Make the module of that name; dropout and batch_norm are those of its gates and experts."""
    if name == "Share":
        return Share(features, embedding_dim=embedding_dim)
    if name == "SER":
        return SER(features, embedding_dim=embedding_dim)
    if name == "GM":
        return GM(features, embedding_dim=embedding_dim, dropout=dropout, batch_norm=batch_norm)
    if name == "MoE":
        return MoE(features, embedding_dim=embedding_dim, dropout=dropout, batch_norm=batch_norm)
    raise ValueError(f"unknown SSEM {name!r}; known: Share, SER, GM, MoE")
