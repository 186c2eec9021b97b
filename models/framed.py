"""Any two-branch model inside the framework: SSEM → its two branches → DFM, with L_TF on both.

The explicit branch (linear part, FM, cross network, CIN, attention, logarithmic network) is the
simple encoder and reads e_s, the deep network is the complex one and reads e_c:

    DeepFM, xDeepFM, DCN, DCNv2, AutoInt+, AFN+   the branches of the model itself
    WideDeep   z_s = Σ_i w_i(x_i) + v·e_s + b, h_s = [w ‖ e_s]. Alone, its linear part reads ids
               and no embedding, so SSEM would have no effect: here it is also linear in e_s.
               The weights w_i stay, as in DeepFM and xDeepFM; v = 0 is the model itself.

With Share and Sum a framed model is the model itself (WideDeep: plus v·e_s + b; AFN+: with one
table instead of two), so what it gains is the framework's.

`authors_code` is what the TF4CTR authors published under these names, which is not the method of
their paper:

    DeepFM     The FM term is taken over the flattened e_s and ends as one number per batch:
               q = Σ_b ½((Σ_k e_bk)² - Σ_k e_bk²); h_s = Σ_i w_i(x_i) + b + q, z_s = v·h_s + b'.
               q is the same for every row, and the prediction of a row depends on its batch.
    WideDeep   No SSEM. h_s = Σ_i w_i(x_i); z_s = h_s with WSF, else v·h_s + b.
    xDeepFM    The CIN ends in a linear layer as wide as the MLP: h_s = W p + b, z_s = v·h_s + b';
               the linear part Σ_i w_i(x_i) is added to the final logit only.

Source: the paper's section on compatibility (Table V); for `authors_code` the TF4CTR authors'
repository (`TF4CTRv2_DeepFM`, `TF4CTRv2_WideDeep`, `TF4CTRv2_xDeepFM`).

Shapes: B batch, C columns of x, F fields, K size of an embedding of the simple branch, S and D
widths of e_s and e_c, H and G widths of h_s and h_c.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from models.afn import AFNBranches
from models.autoint import AutoIntBranches
from models.branches import Branches, TwoBranch
from models.dcn import DCNBranches
from models.dcnv2 import DCNv2Branches
from models.deepfm import DeepFMBranches
from models.dfm import build_dfm
from models.embedding import Features, field_weights
from models.framework import Framework
from models.logits import Logits
from models.mlp import Head, Tower, linear
from models.ssem import Ssem, build_ssem
from models.xdeepfm import InteractionNetwork, XDeepFMBranches


class LinearDeepBranches(TwoBranch):
    """A model that is linear in ids and in e_s, and an MLP: Wide & Deep behind an SSEM."""

    def __init__(
        self,
        features: Features,
        *,
        simple_dim: int,
        complex_dim: int,
        hidden_units: Sequence[int],
        dropout: float,
        batch_norm: bool,
    ) -> None:
        width = features.fields * simple_dim
        deep = Tower(features.fields * complex_dim, hidden_units, dropout=dropout, batch_norm=batch_norm)
        super().__init__(simple_width=features.fields + width, complex_width=deep.out_dim)
        self.weights = field_weights(features)
        self.linear = Head(width)
        self.deep = deep

    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""
        w_BF = self.weights(x_BC).squeeze(-1)
        h_c_BG, z_c_B = self.deep(e_c_BD)
        return Branches(torch.cat((w_BF, e_s_BS), dim=1), h_c_BG, w_BF.sum(1) + self.linear(e_s_BS), z_c_B)


BASES: dict[str, Callable[..., TwoBranch]] = {
    "DeepFM": DeepFMBranches,
    "WideDeep": LinearDeepBranches,
    "xDeepFM": XDeepFMBranches,
    "DCN": DCNBranches,
    "DCNv2": DCNv2Branches,
    "AutoInt+": AutoIntBranches,
    "AFN+": AFNBranches,
}


# -- the authors' code ----------------------------------------------------------------


class AuthorsScalarBranches(TwoBranch):
    """A simple branch of one number, DeepFM's or WideDeep's, and an MLP."""

    def __init__(
        self,
        features: Features,
        *,
        complex_dim: int,
        hidden_units: Sequence[int],
        dropout: float,
        batch_norm: bool,
        batch_term: bool,
        head: bool,
    ) -> None:
        deep = Tower(features.fields * complex_dim, hidden_units, dropout=dropout, batch_norm=batch_norm)
        super().__init__(simple_width=1, complex_width=deep.out_dim)
        self.weights = field_weights(features)
        self.bias = nn.Parameter(torch.zeros(())) if batch_term else None
        self.simple_head = Head(1) if head else None
        self.deep = deep

    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""
        h_s_B1 = self.weights(x_BC).sum(1)
        if self.bias is not None:
            h_s_B1 = h_s_B1 + self.bias + batch_products(e_s_BS)
        z_s_B = h_s_B1.squeeze(-1) if self.simple_head is None else self.simple_head(h_s_B1)
        h_c_BG, z_c_B = self.deep(e_c_BD)
        return Branches(h_s_B1, h_c_BG, z_s_B, z_c_B)


def batch_products(e_BS: Tensor) -> Tensor:
    """Sum the products of all pairs of elements of a row, over all rows: one number for the batch."""
    return 0.5 * (e_BS.sum(1).square() - e_BS.square().sum(1)).sum()


class AuthorsXDeepFMBranches(TwoBranch):
    """A compressed interaction network with an output layer as wide as the MLP, and an MLP."""

    def __init__(
        self,
        features: Features,
        *,
        complex_dim: int,
        cin_units: Sequence[int],
        hidden_units: Sequence[int],
        dropout: float,
        batch_norm: bool,
    ) -> None:
        deep = Tower(features.fields * complex_dim, hidden_units, dropout=dropout, batch_norm=batch_norm)
        super().__init__(simple_width=deep.out_dim, complex_width=deep.out_dim)
        self.fields = features.fields
        self.cin = InteractionNetwork(features.fields, cin_units)
        self.cin_out = linear(sum(cin_units), deep.out_dim)
        self.simple_head = Head(deep.out_dim)
        self.deep = deep

    def forward(self, e_s_BS: Tensor, e_c_BD: Tensor, x_BC: Tensor) -> Branches:
        """Return both branches' hidden vectors and logits."""
        del x_BC
        h_s_BH = self.cin_out(self.cin(e_s_BS.unflatten(1, (self.fields, -1))))
        h_c_BG, z_c_B = self.deep(e_c_BD)
        return Branches(h_s_BH, h_c_BG, self.simple_head(h_s_BH), z_c_B)


def authors_branches(
    features: Features, selection: Ssem, base: str, dfm: str, settings: Mapping[str, Any]
) -> TwoBranch:
    """Make the branches that the authors published for this model."""
    if base == "xDeepFM":
        return AuthorsXDeepFMBranches(features, complex_dim=selection.complex_dim, **settings)
    if base not in ("DeepFM", "WideDeep"):
        raise ValueError(f"the authors published no code for {base!r} in the framework")
    deepfm = base == "DeepFM"
    return AuthorsScalarBranches(
        features, complex_dim=selection.complex_dim, batch_term=deepfm, head=deepfm or dfm != "WSF", **settings
    )


# -- the model ------------------------------------------------------------------------


class Framed(Framework):
    """A two-branch model between SSEM and DFM."""

    def __init__(
        self,
        features: Features,
        *,
        base: Mapping[str, Any],
        ssem: str,
        dfm: str,
        temperature: float,
        noise_at_eval: bool,
        authors_code: bool,
    ) -> None:
        name = base["name"]
        if name not in BASES:
            raise ValueError(f"{name!r} has no two branches; known: {', '.join(BASES)}")
        selection = build_ssem(
            ssem,
            features,
            embedding_dim=base["embedding_dim"],
            dropout=base["dropout"],
            batch_norm=base["batch_norm"],
        )
        settings = {key: value for key, value in base.items() if key not in ("name", "embedding_dim")}
        if authors_code:
            branches = authors_branches(features, selection, name, dfm, settings)
        else:
            dims = {"simple_dim": selection.simple_dim, "complex_dim": selection.complex_dim}
            if name == "xDeepFM":
                del dims["simple_dim"]  # maps are as many for any size of an embedding
            branches = BASES[name](features, **dims, **settings)
        fusion = build_dfm(
            dfm,
            simple_width=branches.simple_width,
            complex_width=branches.complex_width,
            temperature=temperature,
            noise_at_eval=noise_at_eval,
        )
        super().__init__(selection, branches, fusion)
        self.last_weights = field_weights(features) if authors_code and name == "xDeepFM" else None

    def forward(self, x_BC: Tensor) -> Logits:
        """Return the fused logit and those of the branches."""
        out = super().forward(x_BC)
        if self.last_weights is None:
            return out
        return out._replace(z_B=out.z_B + self.last_weights(x_BC).flatten(1).sum(1))
