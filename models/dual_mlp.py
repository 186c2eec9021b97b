"""DualMLP: two MLPs over one embedding table; z = z_s + z_c, or w_1 z_s + w_2 z_c (WSF).

It is TF4CTR with the SSEM Share, as the authors' code has it.
"""

from collections.abc import Sequence

from models.branches import TwinMLP
from models.dfm import WSF, Sum
from models.embedding import Features
from models.framework import Framework
from models.ssem import Share

FUSIONS = {"Sum": Sum, "WSF": WSF}


class DualMLP(Framework):
    """Two MLPs, Share, and Sum or WSF."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        simple_units: Sequence[int],
        complex_units: Sequence[int],
        dfm: str,
    ) -> None:
        if dfm not in FUSIONS:
            raise ValueError(f"DualMLP fuses by {' or '.join(FUSIONS)}, not {dfm!r}")
        width = features.fields * embedding_dim
        selection = Share(features, embedding_dim=embedding_dim)
        branches = TwinMLP(
            width,
            width,
            simple_units=simple_units,
            complex_units=complex_units,
            dropout=dropout,
            batch_norm=batch_norm,
        )
        super().__init__(selection, branches, FUSIONS[dfm]())
