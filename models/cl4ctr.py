"""CL4CTR: a factorisation machine (with an MLP, if units are given) and three extra losses.

    L = L_ctr + α L_cl + β (L_ali + L_uni)

    L_cl = mean ‖h_1 - h_2‖², h_k = P_k flatten(Encoder(mask_k(E))): two random masks of the
           embeddings, one Transformer encoder over the fields, two projections R^D → R^d
    L_ali = mean ‖e - e'‖² over pairs of different values of one field, averaged over fields
    L_uni = mean cos(e, e') over pairs of values of different fields

Both pair losses are exact in closed form, without listing pairs: over n vectors,
mean_(i<j) ‖e_i - e_j‖² = 2 Σ_k var_k, and Σ_(i≠j) u_i·u_j = ‖Σ u‖² - Σ‖u‖² for unit vectors u.
`pairs: table` takes all rows of the tables, as the paper defines it; `pairs: batch` takes the
samples of a batch, as the authors' code does for speed: then values of one field are paired
across samples, and fields within a sample.

Masks: `random` drops elements, `feature` whole fields, `dimension` whole dimensions of a sample.
Source: Wang et al., "CL4CTR", WSDM 2023, and the authors' code, without its mistakes: fields and
samples are not mixed when the encoder's output is flattened, and cosines of a field with itself
are not counted.

Shapes: B batch, C columns of x, F fields, K size of an embedding, N values of a field, V all
rows, D = F·K.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from models.deepfm import pairwise_products
from models.dropout import Dropout
from models.embedding import Embedding, Features, field_weights
from models.logits import Logits
from models.mlp import Tower, linear


def alignment(groups: Sequence[Tensor]) -> Tensor:
    """Mean squared distance between two vectors of a group e_NK, averaged over groups."""
    terms = [2.0 * (e_NK - e_NK.mean(0)).square().sum() / (len(e_NK) - 1) for e_NK in groups if len(e_NK) > 1]
    return torch.stack(terms).mean() if terms else groups[0].new_zeros(())


def table_uniformity(groups: Sequence[Tensor]) -> Tensor:
    """Mean cosine over all pairs of vectors from different groups e_NK."""
    sums_FK = torch.stack([normalize(e_NK, dim=1).sum(0) for e_NK in groups])
    sizes = [len(e_NK) for e_NK in groups]
    pairs = sum(sizes) ** 2 - sum(size**2 for size in sizes)
    return (sums_FK.sum(0).square().sum() - sums_FK.square().sum()) / max(pairs, 1)


def batch_uniformity(e_BFK: Tensor) -> Tensor:
    """Mean cosine over all pairs of fields of one sample."""
    u_BFK = normalize(e_BFK, dim=2)
    samples, fields, _ = u_BFK.shape
    return (u_BFK.sum(1).square().sum() - u_BFK.square().sum()) / (samples * max(fields * (fields - 1), 1))


class EncoderLayer(nn.Module):
    """A Transformer encoder layer with one head, normalised after each residual."""

    def __init__(self, dim: int, units: int, *, dropout: float) -> None:
        super().__init__()
        self.query, self.key, self.value, self.project = (linear(dim, dim) for _ in range(4))
        self.feed = nn.Sequential(linear(dim, units), nn.ReLU(inplace=True), Dropout(dropout), linear(units, dim))
        self.attention_norm = nn.LayerNorm(dim)
        self.feed_norm = nn.LayerNorm(dim)
        self.dropout = Dropout(dropout)
        self.factor = dim**-0.5

    def forward(self, x_BFK: Tensor) -> Tensor:
        """Return x_BFK."""
        scores_BFF = self.query(x_BFK) @ self.key(x_BFK).transpose(1, 2) * self.factor
        v_BFK = self.value(x_BFK)
        attended_BFK = self.project(self.dropout(scores_BFF.softmax(-1)).to(v_BFK.dtype) @ v_BFK)
        x_BFK = self.attention_norm(x_BFK + self.dropout(attended_BFK))
        return self.feed_norm(x_BFK + self.dropout(self.feed(x_BFK)))


class Mask(nn.Module):
    """Zeroes elements, fields or dimensions of each sample at random."""

    def __init__(self, kind: str, rate: float) -> None:
        super().__init__()
        if kind not in ("random", "feature", "dimension"):
            raise ValueError(f"unknown mask {kind!r}; known: random, feature, dimension")
        self.kind = kind
        self.dropout = Dropout(rate)

    def forward(self, e_BFK: Tensor) -> Tensor:
        """Return the masked e_BFK."""
        if self.kind == "random":
            return self.dropout(e_BFK)
        samples, fields, size = e_BFK.shape
        shape = (samples, fields, 1) if self.kind == "feature" else (samples, 1, size)
        return e_BFK * self.dropout(e_BFK.new_ones(shape))


class CL4CTR(nn.Module):
    """A factorisation machine, or DeepFM, that also learns from its own embeddings."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        hidden_units: Sequence[int],
        mask: str,
        mask_rate: float,
        encoder_layers: int,
        feed_units: int,
        encoder_dropout: float,
        pairs: str,
        alpha: float,
        beta: float,
    ) -> None:
        super().__init__()
        if pairs not in ("table", "batch"):
            raise ValueError(f"pairs must be table or batch, not {pairs!r}")
        width = features.fields * embedding_dim
        self.vocab_sizes = features.vocab_sizes
        self.pairs, self.alpha, self.beta = pairs, alpha, beta
        self.embedding = Embedding(features, embedding_dim)
        self.weights = field_weights(features)
        self.bias = nn.Parameter(torch.zeros(()))
        self.deep = Tower(width, hidden_units, dropout=dropout, batch_norm=batch_norm) if hidden_units else None
        self.mask = Mask(mask, mask_rate)
        self.encoder = nn.Sequential(
            *(EncoderLayer(embedding_dim, feed_units, dropout=encoder_dropout) for _ in range(encoder_layers))
        )
        self.projections = nn.ModuleList(linear(width, embedding_dim) for _ in range(2))

    def _contrastive(self, e_BFK: Tensor) -> Tensor:
        views = self.encoder(torch.cat((self.mask(e_BFK), self.mask(e_BFK)))).flatten(1).chunk(2)
        h_1_BK, h_2_BK = (project(view) for project, view in zip(self.projections, views, strict=True))
        return (h_1_BK - h_2_BK).float().square().sum(1).mean()

    def _representation(self, e_BFK: Tensor) -> Tensor:
        if self.pairs == "batch":
            return alignment(e_BFK.unbind(1)) + batch_uniformity(e_BFK)
        groups = [e_NK[1:] for e_NK in self.embedding.weight_VD.split(list(self.vocab_sizes))]  # without PAD
        return alignment(groups) + table_uniformity(groups)

    def forward(self, x_BC: Tensor) -> Logits:
        """Return the logit, and while training α L_cl + β (L_ali + L_uni)."""
        e_BFK = self.embedding(x_BC)
        z_B = self.bias + self.weights(x_BC).flatten(1).sum(1) + pairwise_products(e_BFK).sum(1)
        if self.deep is not None:
            z_B = z_B + self.deep(e_BFK.flatten(1))[1]
        if not self.training:
            return Logits(z_B)
        return Logits(z_B, auxiliary=self.alpha * self._contrastive(e_BFK) + self.beta * self._representation(e_BFK))
