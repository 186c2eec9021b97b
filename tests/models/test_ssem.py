"""SSEM against a plain numpy recomputation."""

import numpy
import pytest
import torch
from torch import nn

from models.embedding import parameter_counts
from models.mlp import MLP
from models.ssem import GM, SER, MoE, Share, Ssem, build_ssem
from tests.models.naive import mlp, numbers, softmax
from tests.models.toys import LISTS, PLAIN, batch

NAMES = ["Share", "SER", "GM", "MoE"]
DIM = 8


def build(name: str) -> Ssem:
    """In float64 with rows large enough to matter, in evaluation."""
    torch.manual_seed(0)
    module = build_ssem(name, LISTS, embedding_dim=DIM, dropout=0.1, batch_norm=True).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    module.train()(batch(LISTS, 50, seed=1))  # moves the running statistics
    return module.eval()


def gate(network: nn.Module, x: numpy.ndarray) -> numpy.ndarray:
    assert isinstance(network, nn.Sequential)
    hidden, last = network
    assert isinstance(hidden, MLP)
    assert isinstance(last, nn.Linear)
    assert hidden.out_dim == x.shape[1] // 4
    return mlp(hidden, x) @ numbers(last.weight).T + numbers(last.bias)


@pytest.mark.parametrize("name", NAMES)
def test_formula(name: str):
    module = build(name)
    x_BC = batch(LISTS, 20)
    e_s, e_c = (e.detach().numpy() for e in module(x_BC))

    def looked_up(table: nn.Module) -> numpy.ndarray:
        return numbers(table(x_BC)).reshape(20, -1)

    match module:
        case Share():
            expected_s = expected_c = looked_up(module.embedding)
        case SER():
            expected_s, expected_c = looked_up(module.simple_embedding), looked_up(module.complex_embedding)
        case GM():
            e = looked_up(module.embedding)
            g = 1 / (1 + numpy.exp(-gate(module.gate, e)))
            expected_s, expected_c = g * e, (1 - g) * e
        case MoE():
            e = looked_up(module.embedding)
            m = [mlp(expert, e) for expert in module.experts if isinstance(expert, MLP)]
            assert [m_k.shape[1] for m_k in m] == [e.shape[1]] * 2
            g_1, g_2 = softmax(gate(module.simple_gate, e)), softmax(gate(module.complex_gate, e))
            expected_s = g_1[:, :1] * m[0] + g_1[:, 1:] * m[1]
            expected_c = g_2[:, :1] * m[0] + g_2[:, 1:] * m[1]
        case _:
            raise AssertionError(name)
    numpy.testing.assert_allclose(e_s, expected_s, atol=1e-12)
    numpy.testing.assert_allclose(e_c, expected_c, atol=1e-12)
    assert [e.shape for e in (e_s, e_c)] == [
        (20, module.fields * dim) for dim in (module.simple_dim, module.complex_dim)
    ]


@pytest.mark.parametrize(("name", "tables"), [("Share", 8), ("SER", 12), ("GM", 8), ("MoE", 8)])
def test_one_table_or_two(name: str, tables: int):
    assert parameter_counts(build(name))[0] == sum(LISTS.vocab_sizes) * tables


def test_ser_halves_the_simple_embedding():
    module = SER(PLAIN, embedding_dim=8)
    assert (module.simple_dim, module.complex_dim) == (4, 8)
    with pytest.raises(ValueError, match="even, not 5"):
        SER(PLAIN, embedding_dim=5)


def test_unknown_name():
    with pytest.raises(ValueError, match="unknown SSEM 'SERR'"):
        build_ssem("SERR", PLAIN, embedding_dim=8, dropout=0.0, batch_norm=True)
