"""Losses on logits, all means over the batch.

With t = z for y = 1 and t = -z for y = 0, p = σ(t) is the probability given to the true class.
log p and log(1 - p) come from t, never from a probability, and powers are taken of
logarithms: every loss and its gradient stay finite for any finite logit.

Shapes: B batch.
"""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid


def true_class_logit(z_B: Tensor, y_B: Tensor) -> Tensor:
    """Turn logits of the label 1 into logits of the true label."""
    return torch.where(y_B > 0.5, z_B, -z_B)


def log_loss(z_B: Tensor, y_B: Tensor) -> Tensor:
    """L_ctr: mean of -log p."""
    return -logsigmoid(true_class_logit(z_B, y_B)).mean()


def focal_loss(z_B: Tensor, y_B: Tensor, gamma: float) -> Tensor:
    """Mean of (1 - p)^γ · (-log p), without class weight; the gradient goes through the modulator."""
    t_B = true_class_logit(z_B, y_B)
    return -((gamma * logsigmoid(-t_B)).exp() * logsigmoid(t_B)).mean()


def rce_loss(z_B: Tensor, y_B: Tensor, beta: float) -> Tensor:
    """Mean of w · (-log p) with the weight w = p^β held constant (reweighted cross-entropy)."""
    log_p_B = logsigmoid(true_class_logit(z_B, y_B))
    return -((beta * log_p_B.detach()).exp() * log_p_B).mean()


def _shifted_power(shift: float, log_p_B: Tensor, gamma: float) -> Tensor:
    """(shift + p)^γ from log p; stays differentiable where shift = 0 and p underflows.

    `new_full` fills on the device, where `new_tensor` would copy from the host and stop the step.
    """
    log_shift = log_p_B.new_full((), shift).log()
    return (gamma * torch.logaddexp(log_p_B, log_shift)).exp()


def twin_focus_loss(z_s_B: Tensor, z_c_B: Tensor, y_B: Tensor, *, alpha: float, c: float, gamma: float) -> Tensor:
    """L_TF (eq. 7): α · mean[(c + p_s)^γ · (-log p_s)] + (1 - α) · mean[(2 - c - p_c)^γ · (-log p_c)].

    The gradient goes through both modulators. 2 - c - p is computed as (1 - c) + (1 - p).
    """
    if not 0.0 <= c <= 1.0:
        raise ValueError(f"c must lie between 0 and 1, not {c}")
    t_s_B, t_c_B = true_class_logit(z_s_B, y_B), true_class_logit(z_c_B, y_B)
    log_p_s_B = logsigmoid(t_s_B)
    simple_B = -_shifted_power(c, log_p_s_B, gamma) * log_p_s_B
    complex_B = -_shifted_power(1.0 - c, logsigmoid(-t_c_B), gamma) * logsigmoid(t_c_B)
    return alpha * simple_B.mean() + (1.0 - alpha) * complex_B.mean()
