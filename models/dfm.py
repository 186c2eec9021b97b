"""Dynamic Fusion Module: the outputs of two encoders → the logit z of the prediction.

    Sum            z = z_s + z_c
    WSF  (eq. 8)   z = w_1 z_s + w_2 z_c, both weights learned from 0.5
    VF   (eq. 9)   π_s = w·h_s + b, π_c = w'·h_c + b', p = softmax([π_s, π_c] + noise)/τ),
                   z = p_s z_s + p_c z_c
    CF   (eq. 10)  z = w·[h_s ‖ h_c] + b
    MoEF (eq. 11)  u = [h_s ‖ h_c], g = softmax(Linear(u)), m = Linear(u), z = g_1 m_1 + g_2 m_2

The paper's log π is undefined for a linear output, so π itself is the logit. Noise is Gumbel
noise, drawn while training. In CF and MoEF z_s and z_c are not used: they feed only the Twin
Focus loss.

Shapes: B batch, S and H width of the simple and the complex encoder's output, K = 2 branches.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.mlp import Head


class Dfm(nn.Module, ABC):
    """What the five have in common: their arguments."""

    @abstractmethod
    def forward(self, h_s_BS: Tensor, h_c_BH: Tensor, z_s_B: Tensor, z_c_B: Tensor) -> Tensor:
        """Return z_B."""


class Sum(Dfm):
    """The sum of the two logits."""

    def forward(self, h_s_BS: Tensor, h_c_BH: Tensor, z_s_B: Tensor, z_c_B: Tensor) -> Tensor:
        """Return z_B."""
        del h_s_BS, h_c_BH
        return z_s_B + z_c_B


class WSF(Dfm):
    """Weighted sum fusion."""

    def __init__(self) -> None:
        super().__init__()
        self.weight_K = nn.Parameter(torch.full((2,), 0.5))

    def forward(self, h_s_BS: Tensor, h_c_BH: Tensor, z_s_B: Tensor, z_c_B: Tensor) -> Tensor:
        """Return z_B."""
        del h_s_BS, h_c_BH
        return self.weight_K[0] * z_s_B + self.weight_K[1] * z_c_B


class VF(Dfm):
    """Voting fusion: a soft choice between the two logits for each sample."""

    def __init__(self, simple_width: int, complex_width: int, *, temperature: float, noise_at_eval: bool) -> None:
        super().__init__()
        self.simple_vote = Head(simple_width)
        self.complex_vote = Head(complex_width)
        self.temperature = temperature
        self.noise_at_eval = noise_at_eval

    def forward(self, h_s_BS: Tensor, h_c_BH: Tensor, z_s_B: Tensor, z_c_B: Tensor) -> Tensor:
        """Return z_B."""
        pi_BK = torch.stack((self.simple_vote(h_s_BS), self.complex_vote(h_c_BH)), dim=-1)
        if self.training or self.noise_at_eval:
            p_BK = functional.gumbel_softmax(pi_BK, self.temperature)
        else:
            p_BK = (pi_BK / self.temperature).softmax(-1)
        return (p_BK * torch.stack((z_s_B, z_c_B), dim=-1)).sum(-1)


class CF(Dfm):
    """Concatenation fusion."""

    def __init__(self, simple_width: int, complex_width: int) -> None:
        super().__init__()
        self.head = Head(simple_width + complex_width)

    def forward(self, h_s_BS: Tensor, h_c_BH: Tensor, z_s_B: Tensor, z_c_B: Tensor) -> Tensor:
        """Return z_B."""
        del z_s_B, z_c_B
        return self.head(torch.cat((h_s_BS, h_c_BH), dim=-1))


class MoEF(Dfm):
    """Mixture-of-experts fusion: two linear experts and a linear gate."""

    def __init__(self, simple_width: int, complex_width: int) -> None:
        super().__init__()
        self.gate = Head(simple_width + complex_width, 2)
        self.experts = Head(simple_width + complex_width, 2)

    def forward(self, h_s_BS: Tensor, h_c_BH: Tensor, z_s_B: Tensor, z_c_B: Tensor) -> Tensor:
        """Return z_B."""
        del z_s_B, z_c_B
        u_BU = torch.cat((h_s_BS, h_c_BH), dim=-1)
        return (self.gate(u_BU).softmax(-1) * self.experts(u_BU)).sum(-1)


def build_dfm(name: str, *, simple_width: int, complex_width: int, temperature: float, noise_at_eval: bool) -> Dfm:
    """Make the module of that name; temperature and noise_at_eval are VF's."""
    if name == "Sum":
        return Sum()
    if name == "WSF":
        return WSF()
    if name == "VF":
        return VF(simple_width, complex_width, temperature=temperature, noise_at_eval=noise_at_eval)
    if name == "CF":
        return CF(simple_width, complex_width)
    if name == "MoEF":
        return MoEF(simple_width, complex_width)
    raise ValueError(f"unknown DFM {name!r}; known: Sum, WSF, VF, CF, MoEF")
