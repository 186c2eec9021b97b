"""Dropout from packed random bits."""

import pytest
import torch
from torch import Tensor, nn

from models.dropout import LANE_VALUES, Dropout, ReLUDropout, keep_mask

ROWS, WIDTH = 4000, 64


@pytest.mark.parametrize("p", [0.1, 0.2, 0.5, 0.9])
def test_every_lane_keeps_at_the_stated_rate(p: float):
    """With the top bit of a word stuck, every fourth lane would not."""
    torch.manual_seed(0)
    keep = Dropout(p).kept_lanes / LANE_VALUES
    assert keep == pytest.approx(1 - p, abs=0.5 / LANE_VALUES)
    rate_H = keep_mask(torch.empty(20_000, 8), Dropout(p).kept_lanes).mean(0)
    assert (rate_H - keep).abs().max() < 5 * (p * (1 - p) / 20_000) ** 0.5


def test_lanes_are_independent():
    torch.manual_seed(0)
    mask = keep_mask(torch.empty(50_000, 8), LANE_VALUES // 2)
    assert (torch.corrcoef(mask.T) - torch.eye(8)).abs().max() < 0.02


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_values_are_zero_or_scaled_and_gradients_match(dtype: torch.dtype):
    torch.manual_seed(0)
    dropout = Dropout(0.3)
    x = torch.randn(ROWS, WIDTH, dtype=dtype, requires_grad=True)
    y = dropout(x)
    y.backward(torch.ones_like(y))
    assert y.dtype == dtype
    assert x.grad is not None
    kept = y != 0
    scale = LANE_VALUES / dropout.kept_lanes
    torch.testing.assert_close(y[kept], (x.detach() * scale)[kept])
    torch.testing.assert_close(x.grad, kept.to(dtype) * torch.tensor(scale, dtype=dtype))
    assert y.detach().double().mean().item() == pytest.approx(x.detach().double().mean().item(), abs=0.02)


def test_gradient_in_double_precision():
    torch.manual_seed(0)
    dropout = Dropout(0.4)
    x = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)

    def fixed(value: Tensor) -> Tensor:
        torch.manual_seed(7)
        return dropout(value)

    assert torch.autograd.gradcheck(fixed, (x,))


def test_a_seed_decides_the_mask():
    x = torch.ones(ROWS, WIDTH)
    masks: list[Tensor] = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        masks.append(Dropout(0.5)(x))
    assert torch.equal(masks[0], masks[1])
    assert not torch.equal(masks[0], masks[2])


@pytest.mark.parametrize("shape", [(1,), (3,), (5, 7), (2, 3, 5)])
def test_any_shape(shape: tuple[int, ...]):
    assert Dropout(0.5)(torch.ones(shape)).shape == shape


def test_a_transposed_input():
    torch.manual_seed(0)
    x = torch.randn(6, 8).T
    y = Dropout(0.5)(x)
    kept = y != 0
    torch.testing.assert_close(y[kept], 2 * x[kept])


def test_evaluation_and_p_zero_change_nothing():
    x = torch.randn(4, 4)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0)(x) is x


@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5])
def test_impossible_probabilities(p: float):
    with pytest.raises(ValueError, match="dropout"):
        Dropout(p)


def test_as_a_layer():
    network = nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True), Dropout(0.5))
    network(torch.randn(8, 4)).sum().backward()
    assert "p=0.5" in repr(network)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("p", [0.0, 0.1, 0.5])
def test_relu_and_dropout_in_one_are_the_two_in_turn(dtype: torch.dtype, p: float):
    x = torch.randn(64, 50).to(dtype)
    grad = torch.randn(64, 50).to(dtype)
    results = []
    for network in (nn.Sequential(nn.ReLU(), Dropout(p)), ReLUDropout(p)):
        torch.manual_seed(5)
        leaf = x.clone().requires_grad_()
        y = network(leaf)
        y.backward(grad)
        results.append((y, leaf.grad))
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][1], results[1][1])
    assert (results[1][0] == 0).any()


def test_relu_and_dropout_in_evaluation_are_relu():
    x = torch.randn(5, 5)
    assert torch.equal(ReLUDropout(0.5).eval()(x), x.clamp(min=0))
