"""SSEM → two branches → DFM: the frame that any two-branch model fits into.

Shapes: B batch, C columns of x.
"""

from torch import Tensor, nn

from models.branches import TwoBranch
from models.dfm import Dfm
from models.logits import Logits
from models.ssem import Ssem


class Framework(nn.Module):
    """A two-branch model with its embeddings and its fusion."""

    def __init__(self, ssem: Ssem, branches: TwoBranch, dfm: Dfm) -> None:
        super().__init__()
        self.ssem = ssem
        self.branches = branches
        self.dfm = dfm

    def forward(self, x_BC: Tensor) -> Logits:
        """Return the fused logit and those of the branches."""
        out = self.branches(*self.ssem(x_BC), x_BC)
        return Logits(self.dfm(*out), out.z_s_B, out.z_c_B)
