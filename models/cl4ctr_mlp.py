"""CL4CTR-MLP: the different model that the TF4CTR authors ran under the name of CL4CTR.

    z = w·MLP(e) + b; L = L_ctr + α L_cl + β (L_ali + L_uni)

    L_cl = mean ‖h_1 - h_2‖², h_k = P_k Encoder(e^k), e^k = dropout_k(e), Encoder = MLP → Linear(D)
    L_ali = mean over fields of ‖e_i^1 - e_i^2‖²: two views of the same value
    L_uni = mean over i ≠ j of cos(e_i^1, e_j^2), within a sample

There is no factorisation machine, the Transformer is an MLP, and the pair losses compare masks
and not values. See `cl4ctr.py` for CL4CTR as published.
Source: a description of the same authors' CETN repository; its code was not read.

Shapes: B batch, C columns of x, F fields, K size of an embedding, D = F·K.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import normalize

from models.dropout import Dropout
from models.embedding import Embedding, Features
from models.logits import Logits
from models.mlp import MLP, Tower, linear


def view_uniformity(e_1_BFK: Tensor, e_2_BFK: Tensor) -> Tensor:
    """Mean cosine between field i of the first and field j ≠ i of the second view of a sample."""
    u_1_BFK, u_2_BFK = normalize(e_1_BFK, dim=2), normalize(e_2_BFK, dim=2)
    samples, fields, _ = u_1_BFK.shape
    all_pairs = (u_1_BFK.sum(1) * u_2_BFK.sum(1)).sum()
    return (all_pairs - (u_1_BFK * u_2_BFK).sum()) / (samples * max(fields * (fields - 1), 1))


class CL4CTRMLP(nn.Module):
    """An MLP with losses on two masked views of its embeddings."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        hidden_units: Sequence[int],
        mask_rate: float,
        encoder_units: Sequence[int],
        alpha: float,
        beta: float,
    ) -> None:
        super().__init__()
        width = features.fields * embedding_dim
        self.alpha, self.beta = alpha, beta
        self.embedding = Embedding(features, embedding_dim)
        self.tower = Tower(width, hidden_units, dropout=dropout, batch_norm=batch_norm)
        self.mask = Dropout(mask_rate)
        encoder = MLP(width, encoder_units, dropout=dropout, batch_norm=batch_norm)
        self.encoder = nn.Sequential(encoder, linear(encoder.out_dim, width))
        self.projections = nn.ModuleList(linear(width, embedding_dim) for _ in range(2))

    def _auxiliary(self, e_BFK: Tensor) -> Tensor:
        views = self.mask(e_BFK), self.mask(e_BFK)
        h_1_BK, h_2_BK = (p(self.encoder(view.flatten(1))) for p, view in zip(self.projections, views, strict=True))
        contrastive = (h_1_BK - h_2_BK).float().square().sum(1).mean()
        alignment = (views[0] - views[1]).square().sum(2).mean()
        return self.alpha * contrastive + self.beta * (alignment + view_uniformity(*views))

    def forward(self, x_BC: Tensor) -> Logits:
        """Return the logit, and while training the extra losses."""
        e_BFK = self.embedding(x_BC)
        _, z_B = self.tower(e_BFK.flatten(1))
        return Logits(z_B, auxiliary=self._auxiliary(e_BFK) if self.training else None)
