"""DFM against a plain numpy recomputation, and VF's noise."""

import numpy
import pytest
import torch
from torch import Tensor

from models.dfm import CF, VF, WSF, Dfm, MoEF, Sum, build_dfm
from tests.models.naive import softmax

ROWS, SIMPLE, COMPLEX = 12, 5, 7


def build(name: str, *, noise_at_eval: bool = False) -> Dfm:
    torch.manual_seed(0)
    dfm = build_dfm(name, simple_width=SIMPLE, complex_width=COMPLEX, temperature=0.8, noise_at_eval=noise_at_eval)
    with torch.no_grad():
        for parameter in dfm.parameters():
            parameter.normal_()
    return dfm.double()


def inputs() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    torch.manual_seed(1)
    h_s_BS, h_c_BH = torch.randn(ROWS, SIMPLE).double(), torch.randn(ROWS, COMPLEX).double()
    return h_s_BS, h_c_BH, torch.randn(ROWS).double(), torch.randn(ROWS).double()


def by_hand(dfm: Dfm, h_s: numpy.ndarray, h_c: numpy.ndarray, z_s: numpy.ndarray, z_c: numpy.ndarray) -> numpy.ndarray:
    w = {key: value.numpy() for key, value in dfm.state_dict().items()}
    u = numpy.concatenate([h_s, h_c], axis=1)
    match dfm:
        case Sum():
            return z_s + z_c
        case WSF():
            return w["weight_K"][0] * z_s + w["weight_K"][1] * z_c
        case VF():
            pi_s = h_s @ w["simple_vote.weight"].T + w["simple_vote.bias"]
            pi_c = h_c @ w["complex_vote.weight"].T + w["complex_vote.bias"]
            p = softmax(numpy.concatenate([pi_s, pi_c], axis=1) / 0.8)
            return p[:, 0] * z_s + p[:, 1] * z_c
        case CF():
            return (u @ w["head.weight"].T + w["head.bias"])[:, 0]
        case MoEF():
            g = softmax(u @ w["gate.weight"].T + w["gate.bias"])
            return (g * (u @ w["experts.weight"].T + w["experts.bias"])).sum(1)
    raise AssertionError(dfm)


@pytest.mark.parametrize("name", ["Sum", "WSF", "VF", "CF", "MoEF"])
def test_formula(name: str):
    dfm, data = build(name).eval(), inputs()
    z_B = dfm(*data).detach().numpy()
    numpy.testing.assert_allclose(z_B, by_hand(dfm, *(value.numpy() for value in data)), atol=1e-12)


@pytest.mark.parametrize("name", ["CF", "MoEF"])
def test_the_heads_do_not_reach_the_prediction(name: str):
    h_s_BS, h_c_BH, z_s_B, z_c_B = inputs()
    dfm = build(name)
    assert torch.equal(dfm(h_s_BS, h_c_BH, z_s_B, z_c_B), dfm(h_s_BS, h_c_BH, z_s_B + 1, z_c_B - 1))


def test_wsf_starts_at_one_half():
    assert WSF().weight_K.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("at_eval", [False, True])
def test_vf_draws_noise_in_training_and_in_evaluation_only_when_asked(at_eval: bool):
    dfm, data = build("VF", noise_at_eval=at_eval), inputs()
    assert not torch.equal(dfm(*data), dfm(*data))
    dfm.eval()
    assert torch.equal(dfm(*data), dfm(*data)) is not at_eval


def test_vf_noise_is_gumbel():
    """The chance that the first branch wins is σ(π_s - π_c), whatever the temperature."""
    dfm = build("VF")
    assert isinstance(dfm, VF)
    h_s_BS, h_c_BH, _, _ = (value[:1].expand(20_000, *value.shape[1:]) for value in inputs())
    one_B, zero_B = torch.ones(20_000).double(), torch.zeros(20_000).double()
    wins = (dfm(h_s_BS, h_c_BH, one_B, zero_B) > 0.5).double().mean().item()
    expected = (dfm.simple_vote(h_s_BS[:1]) - dfm.complex_vote(h_c_BH[:1])).sigmoid().item()
    assert 0.02 < expected < 0.98
    assert wins == pytest.approx(expected, abs=0.02)


def test_unknown_name():
    with pytest.raises(ValueError, match="unknown DFM 'SUM'"):
        build("SUM")
