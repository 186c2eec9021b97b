"""TF4CTR: SSEM, a shallow and a deep MLP, DFM.

The equations stand in `ssem.py`, `branches.py` (`TwinMLP`) and `dfm.py`. With SER the shallow
MLP reads half as many inputs as the deep one.
"""

from collections.abc import Sequence

from models.branches import TwinMLP
from models.dfm import build_dfm
from models.embedding import Features
from models.framework import Framework
from models.ssem import build_ssem


class TF4CTR(Framework):
    """The paper's model."""

    def __init__(
        self,
        features: Features,
        *,
        embedding_dim: int,
        dropout: float,
        batch_norm: bool,
        ssem: str,
        dfm: str,
        simple_units: Sequence[int],
        complex_units: Sequence[int],
        temperature: float,
        noise_at_eval: bool,
    ) -> None:
        selection = build_ssem(ssem, features, embedding_dim=embedding_dim, dropout=dropout, batch_norm=batch_norm)
        branches = TwinMLP(
            selection.fields * selection.simple_dim,
            selection.fields * selection.complex_dim,
            simple_units=simple_units,
            complex_units=complex_units,
            dropout=dropout,
            batch_norm=batch_norm,
        )
        fusion = build_dfm(
            dfm,
            simple_width=branches.simple_width,
            complex_width=branches.complex_width,
            temperature=temperature,
            noise_at_eval=noise_at_eval,
        )
        super().__init__(selection, branches, fusion)
