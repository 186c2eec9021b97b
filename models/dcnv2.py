"""DCNv2, parallel: x_(l+1) = x_l + x_0 ∘ (W_l x_l + b_l) beside h = MLP(x_0); z = Linear([x_L ‖ h]).

x_0 = e ∈ R^D, W_l ∈ R^(D×D) of full rank, b_l ∈ R^D.

Branches: simple = the cross network, h_s = x_L; complex = the MLP. The joint output layer is
split between them, which leaves z as it is.
Source: Wang et al., "DCN V2", WWW 2021, in the form of the FuxiCTR library (its default, and
the best in BARS: the parallel structure without low-rank mixture).

Shapes: B batch, D width of e.
"""

from torch import Tensor, nn

from models.dcn import DCN, DCNBranches
from models.mlp import linear


class MatrixCrossLayer(nn.Module):
    """x → x_0 ∘ (W x + b), without the residual."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = linear(width, width)

    def forward(self, x_0_BD: Tensor, x_BD: Tensor) -> Tensor:
        """Return the crossing of x with x_0."""
        return x_0_BD * self.linear(x_BD)


class DCNv2Branches(DCNBranches):
    """A cross network with full matrices and an MLP, with a joint output layer."""

    cross_layer = MatrixCrossLayer


class DCNv2(DCN):
    """A cross network with full matrices beside an MLP."""

    branches_type = DCNv2Branches
