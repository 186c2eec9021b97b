"""exp(W u), batch norm and the linear layer behind it, with few passes over the widest tensor of AFN+.

Norm and linear layer are one product. With the mean μ and variance s² of y over the batch,

    v = γ (y - μ) / s + β,  h = A flatten(v) + b  ⇒  h = A' flatten(y) + b',
    A' = A γ / s,  b' = b + A (β - μ γ / s)

so that v is never written. Its gradient, with g = ∂L/∂h, G = Σ_b g (y - μ)ᵀ and a = γ / s, is

    ∂L/∂A = G a + (Σ_b g) βᵀ,  ∂L/∂a = Σ A G,  ∂L/∂β = Σ A (Σ_b g),  ∂L/∂s² = -½ γ s⁻³ ∂L/∂a,
    ∂L/∂y = A'ᵀ g - mean(A'ᵀ g) + 2 (y - μ) / M · ∂L/∂s²

where the two constants of ∂L/∂y go into the product, as a row of A' for a column of ones beside g.
Batch norm does not see a shift: y is e^z - 1, which keeps its digits where z is small.

Shapes: B batch, K size of an embedding, M = B·K, F fields, N neurons, H outputs, I = K·N.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function

CHUNK_ROWS = 4000  # of M at a time on a CPU, whose cache holds what they make until it is read again


def _chunks(*tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
    rows = CHUNK_ROWS if tensors[0].device.type == "cpu" else max(1, len(tensors[0]))
    return zip(*(tensor.split(rows) for tensor in tensors), strict=True)


class _ExpPowers(Function):
    @staticmethod
    def forward(ctx: Any, u_MF: Tensor, weight_NF: Tensor) -> Tensor:
        weight_FN = weight_NF.t().contiguous()
        y_MN = u_MF.new_empty(len(u_MF), len(weight_NF))
        for u_RF, y_RN in _chunks(u_MF, y_MN):
            torch.mm(u_RF, weight_FN, out=y_RN).expm1_()
        ctx.save_for_backward(u_MF, weight_NF, y_MN)
        return y_MN

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        u_MF, weight_NF, y_MN = ctx.saved_tensors
        grad_u_MF = torch.empty_like(u_MF)
        # (uᵀ g)ᵀ: gᵀ u, which torch would take, is several times slower for so few fields.
        wide = torch.promote_types(u_MF.dtype, torch.float32)
        grad_FN = u_MF.new_zeros(u_MF.shape[1], len(weight_NF), dtype=wide)
        for u_RF, y_RN, grad_RN, grad_u_RF in _chunks(u_MF, y_MN, grads[0], grad_u_MF):
            grad_z_RN = torch.addcmul(grad_RN, grad_RN, y_RN)
            grad_FN += u_RF.t() @ grad_z_RN
            torch.mm(grad_z_RN, weight_NF, out=grad_u_RF)
        return grad_u_MF, grad_FN.t().to(weight_NF.dtype)


class _NormLinear(Function):
    @staticmethod
    def forward(
        ctx: Any,
        y_MN: Tensor,
        mean_N: Tensor,
        inverse_std_N: Tensor,
        gain_N: Tensor,
        shift_N: Tensor,
        weight_HI: Tensor,
        bias_H: Tensor,
        of_batch: bool,
    ) -> Tensor:
        scale_N = gain_N * inverse_std_N
        weight_HKN = weight_HI.unflatten(1, (-1, len(mean_N)))
        scaled_HI = (weight_HKN * scale_N).flatten(1).to(y_MN.dtype)
        constant_H = bias_H + weight_HKN.sum(1) @ (shift_N - scale_N * mean_N)
        ctx.of_batch = of_batch
        ctx.save_for_backward(y_MN, mean_N, inverse_std_N, gain_N, shift_N, weight_HI, scaled_HI)
        return torch.addmm(constant_H.to(y_MN.dtype), y_MN.view(-1, weight_HI.shape[1]), scaled_HI.t())

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        y_MN, mean_N, inverse_std_N, gain_N, shift_N, weight_HI, scaled_HI = ctx.saved_tensors
        grad_BH, samples = grads[0], len(y_MN)
        total_H = grad_BH.sum(0, dtype=mean_N.dtype)
        scale_N = gain_N * inverse_std_N
        weight_HKN = weight_HI.unflatten(1, (-1, len(mean_N)))
        products_HI = grad_BH.t() @ y_MN.view(len(grad_BH), -1)
        grad_HKN = products_HI.to(weight_HI.dtype).view_as(weight_HKN) - total_H.view(-1, 1, 1) * mean_N
        grad_scale_N = (grad_HKN * weight_HKN).sum((0, 1))
        grad_shift_N = total_H @ weight_HKN.sum(1)
        slope_N = -gain_N * inverse_std_N**3 * grad_scale_N / samples * ctx.of_batch
        constant_N = -grad_shift_N * scale_N / samples * ctx.of_batch - slope_N * mean_N
        grad_HKN.mul_(scale_N).add_(total_H.view(-1, 1, 1) * shift_N)
        ones_B1 = grad_BH.new_ones(len(grad_BH), 1)
        rows_GI = torch.cat((scaled_HI, constant_N.to(scaled_HI.dtype).repeat(weight_HKN.shape[1]).unsqueeze(0)))
        grad_y_MN = (torch.cat((grad_BH, ones_B1), dim=1) @ rows_GI).view_as(y_MN)
        grad_y_MN.addcmul_(y_MN, slope_N.to(y_MN.dtype))
        return grad_y_MN, None, None, grad_scale_N * inverse_std_N, grad_shift_N, grad_HKN.flatten(1), total_H, None


def exp_powers(u_MF: Tensor, weight_NF: Tensor) -> Tensor:
    """exp(W u) - 1 of every row, as y_MN."""
    return _ExpPowers.apply(u_MF, weight_NF)  # pyright: ignore[reportReturnType]


@torch.no_grad()
def moments(y_MN: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance (over M, not M - 1) of every neuron, in at least float32.

    Sums are taken of the distance from the first rows' mean, so that a variance far below the mean keeps its digits.
    """
    wide = torch.promote_types(y_MN.dtype, torch.float32)
    start_N = y_MN[:CHUNK_ROWS].mean(0, dtype=wide)
    sums_2N = torch.zeros(2, y_MN.shape[1], dtype=torch.float64, device=y_MN.device)
    for (y_RN,) in _chunks(y_MN):
        d_RN = y_RN - start_N
        sums_2N[0] += d_RN.sum(0)
        sums_2N[1] += d_RN.square_().sum(0)
    mean_N, square_N = sums_2N / len(y_MN)
    return (start_N + mean_N).to(wide), (square_N - mean_N.square()).clamp_(min=0.0).to(wide)


def norm_linear(y_MN: Tensor, norm: nn.BatchNorm1d, layer: nn.Linear) -> Tensor:
    """A batch norm of y + 1, which while training follows the batch, and a linear layer of K rows each: h_BH."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert norm.num_batches_tracked is not None
    mean_N, variance_N = moments(y_MN) if norm.training else (norm.running_mean - 1.0, norm.running_var)
    if norm.training:
        assert norm.momentum is not None
        norm.num_batches_tracked.add_(1)
        norm.running_mean.lerp_(mean_N + 1.0, norm.momentum)
        norm.running_var.lerp_(variance_N * (len(y_MN) / (len(y_MN) - 1)), norm.momentum)
    inverse_std_N = (variance_N + norm.eps).rsqrt()
    weights = norm.weight, norm.bias, layer.weight, layer.bias
    return _NormLinear.apply(y_MN, mean_N, inverse_std_N, *weights, norm.training)  # pyright: ignore[reportReturnType]


def product_dtype(x: Tensor) -> torch.dtype:
    """Type in which products are computed: that of autocast, where it is on."""
    kind = x.device.type
    on = torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind)
    return torch.get_autocast_dtype(kind) if on else x.dtype
