"""The MLP block, its initialisation, and heads that never lose precision."""

import math

import pytest
import torch
from torch import nn

from models.dropout import ReLUDropout
from models.mlp import MLP, Head, linear


def test_order_of_layers():
    layers = MLP(6, (5, 4), dropout=0.1, batch_norm=True)
    kinds = [nn.Linear, nn.BatchNorm1d, ReLUDropout] * 2
    assert [type(layer) for layer in layers] == kinds
    assert layers.out_dim == 4


@pytest.mark.parametrize(
    ("dropout", "batch_norm", "kinds"),
    [(0.0, False, [nn.Linear, ReLUDropout]), (0.0, True, [nn.Linear, nn.BatchNorm1d, ReLUDropout])],
)
def test_layers_that_are_left_out(dropout: float, batch_norm: bool, kinds: list[type[nn.Module]]):
    assert [type(layer) for layer in MLP(6, (5,), dropout=dropout, batch_norm=batch_norm)] == kinds


def test_without_units_it_passes_its_input_on():
    x = torch.randn(3, 6)
    network = MLP(6, (), dropout=0.1, batch_norm=True)
    assert network(x) is x
    assert network.out_dim == 6


def test_initial_weights_are_xavier_normal_and_biases_zero():
    torch.manual_seed(0)
    for layer in (linear(300, 500), Head(300, 500)):
        assert layer.weight.std().item() == pytest.approx(math.sqrt(2 / 800), rel=0.02)
        assert not layer.bias.any()
    assert linear(3, 2, bias=False).bias is None


def test_against_the_formula_in_evaluation():
    torch.manual_seed(0)
    network = MLP(6, (5, 4), dropout=0.3, batch_norm=True)
    network(torch.randn(64, 6) * 3 + 1)  # moves the running statistics
    network.eval()
    x = torch.randn(7, 6)
    h = x
    for first in (0, 3):
        dense, norm = network[first], network[first + 1]
        assert isinstance(dense, nn.Linear)
        assert isinstance(norm, nn.BatchNorm1d)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        h = h @ dense.weight.T + dense.bias
        h = (h - norm.running_mean) / (norm.running_var + 1e-5).sqrt() * norm.weight + norm.bias
        h = h.clamp(min=0)
    torch.testing.assert_close(network(x), h)


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_head_keeps_full_precision_under_autocast(outputs: int):
    torch.manual_seed(0)
    head = Head(64, outputs)
    h = torch.randn(9, 64)
    with torch.autocast("cpu", torch.bfloat16):
        z = head(h)
        assert linear(64, 1)(h).dtype == torch.bfloat16
        assert head(h.bfloat16()).dtype == torch.float32
    assert z.dtype == torch.float32
    assert z.shape == ((9,) if outputs == 1 else (9, 2))
    torch.testing.assert_close(z, head(h))


def test_training_in_bf16_stays_close_to_fp32():
    def gradient(bf16: bool) -> torch.Tensor:
        torch.manual_seed(0)
        network = nn.Sequential(MLP(16, (32, 32), dropout=0.0, batch_norm=True), Head(32))
        x = torch.randn(512, 16)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            z = network(x)
        z.square().mean().backward()
        return torch.cat([p.grad.flatten() for p in network.parameters() if p.grad is not None])

    full, half = gradient(False), gradient(True)
    assert ((full - half).norm() / full.norm()).item() < 0.05
