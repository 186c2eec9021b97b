"""DNN: z = w·MLP(e) + b over the concatenated embeddings e ∈ R^D, D = fields · d.

Shapes: B batch, C columns of x, D width of the embeddings.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from models.embedding import Embedding, Features
from models.logits import Logits
from models.mlp import Tower


class DNN(nn.Module):
    """One MLP over the concatenated embeddings."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        hidden_units: Sequence[int],
    ) -> None:
        super().__init__()
        self.embedding = Embedding(features, embedding_dim)
        self.tower = Tower(features.fields * embedding_dim, hidden_units, dropout=dropout, batch_norm=batch_norm)

    def forward(self, x_BC: Tensor) -> Logits:
        """Return the logit; there are no branches."""
        _, z_B = self.tower(self.embedding(x_BC).flatten(1))
        return Logits(z_B)
