"""Any two-branch model between SSEM and DFM: against numpy, and beside the model itself."""

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models import build_model
from models.embedding import Features, parameter_counts
from models.framed import BASES
from tests.models.naive import Array, mlp
from tests.models.test_all_models import DFMS, SSEMS, labels, spread, training_loss
from tests.models.toys import LISTS, PLAIN, batch, small
from workflow.settings import Framed

AUTHORS = ("DeepFM", "WideDeep", "xDeepFM")


def framed(base: str, features: Features = PLAIN, *, authors_code: bool = False, **settings: Any) -> nn.Module:
    if authors_code and base == "WideDeep":
        settings["ssem"] = "Share"
    return spread(small("Framed", features, base=base, authors_code=authors_code, **settings))


def value(model: nn.Module, name: str) -> Array:
    return model.state_dict()[name].double().numpy()


def looked_up(model: nn.Module, name: str, x_BC: Tensor) -> Array:
    """Embeddings of plain fields, with the fields' rows one after the other."""
    start = np.cumsum([0, *PLAIN.vocab_sizes[:-1]])
    return value(model, f"{name}.weight_VD")[x_BC.numpy() + start]


def head(model: nn.Module, name: str, h_BH: Array) -> Array:
    return h_BH @ value(model, f"{name}.weight")[0] + value(model, f"{name}.bias")[0]


def tower(model: nn.Module, name: str, e_BD: Array) -> Array:
    return head(model, f"{name}.head", mlp(model.get_submodule(f"{name}.mlp"), e_BD))


def pairs(e_BFK: Array) -> Array:
    """Σ over pairs of fields of their inner products, pair by pair."""
    fields = range(e_BFK.shape[1])
    return sum(
        ((e_BFK[:, i] * e_BFK[:, j]).sum(1) for i in fields for j in fields if i < j), start=np.zeros(len(e_BFK))
    )


def cin(model: nn.Module, e_BFK: Array) -> Array:
    x_BNK, pooled = e_BFK, []
    for layer in range(2):
        weight, bias = (value(model, f"branches.cin.layers.{layer}.{part}") for part in ("weight", "bias"))
        products = np.einsum("bfk,bnk->bfnk", e_BFK, x_BNK).reshape(len(e_BFK), -1, e_BFK.shape[2])
        x_BNK = np.einsum("mp,bpk->bmk", weight, products) + bias[:, None]
        pooled.append(x_BNK.sum(2))
    return np.concatenate(pooled, 1)


def simple_logit(model: nn.Module, base: str, x_BC: Tensor) -> Array:
    """z_s, or what stands for it before a joint head, by the formulas of the base."""
    e_BFK = looked_up(model, "ssem.simple_embedding", x_BC)
    e_BS = e_BFK.reshape(len(e_BFK), -1)
    if base in ("DeepFM", "WideDeep", "xDeepFM"):
        w_B = looked_up(model, "branches.weights", x_BC).sum((1, 2))
        if base == "DeepFM":
            return w_B + value(model, "branches.bias") + pairs(e_BFK)
        if base == "WideDeep":
            return w_B + head(model, "branches.linear", e_BS)
        return w_B + head(model, "branches.cin_head", cin(model, e_BFK))
    x_BS = e_BS
    for layer in range(3 if base == "DCN" else 4):
        weight = value(model, f"branches.cross.{layer}.{'weight' if base == 'DCN' else 'linear'}.weight")
        if base == "DCN":
            x_BS = x_BS + e_BS * (x_BS @ weight.T) + value(model, f"branches.cross.{layer}.bias_D")
        else:
            x_BS = x_BS + e_BS * (x_BS @ weight.T + value(model, f"branches.cross.{layer}.linear.bias"))
    return head(model, "branches.head.simple", x_BS)


@pytest.mark.parametrize("base", ["DeepFM", "WideDeep", "xDeepFM", "DCN", "DCNv2"])
def test_against_numpy(base: str):
    model = framed(base, ssem="SER", dfm="WSF").double()
    model(batch(PLAIN, 50))  # moves the running statistics
    model.eval()
    x_BC = batch(PLAIN, 9, seed=2)
    out = model(x_BC)
    e_BD = looked_up(model, "ssem.complex_embedding", x_BC).reshape(9, -1)
    z_s_B = simple_logit(model, base, x_BC)
    if base in ("DCN", "DCNv2"):
        z_c_B = mlp(model.get_submodule("branches.deep"), e_BD) @ value(model, "branches.head.complex.weight")[0]
    else:
        z_c_B = tower(model, "branches.deep", e_BD)
    np.testing.assert_allclose(out.z_s_B.detach(), z_s_B, rtol=1e-9)
    np.testing.assert_allclose(out.z_c_B.detach(), z_c_B, rtol=1e-9)
    np.testing.assert_allclose(out.z_B.detach(), 0.5 * z_s_B + 0.5 * z_c_B, rtol=1e-9)


@pytest.mark.parametrize("dfm", ["WSF", "Sum"])
@pytest.mark.parametrize("base", AUTHORS)
def test_the_authors_code_against_numpy(base: str, dfm: str):
    model = framed(base, authors_code=True, ssem="SER", dfm=dfm).double()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.uniform_(-0.5, 0.5)  # zero at the start
    model(batch(PLAIN, 50))
    model.eval()
    x_BC = batch(PLAIN, 9, seed=2)
    out = model(x_BC)
    z_c_B = tower(model, "branches.deep", looked_up(model, complex_table(base), x_BC).reshape(9, -1))
    last_B = np.zeros(9)
    if base == "xDeepFM":
        p_BP = cin(model, looked_up(model, "ssem.simple_embedding", x_BC))
        h_BH = p_BP @ value(model, "branches.cin_out.weight").T + value(model, "branches.cin_out.bias")
        z_s_B = head(model, "branches.simple_head", h_BH)
        last_B = looked_up(model, "last_weights", x_BC).sum((1, 2))
    else:
        h_B = looked_up(model, "branches.weights", x_BC).sum((1, 2))
        if base == "DeepFM":
            e_BS = looked_up(model, "ssem.simple_embedding", x_BC).reshape(9, -1)
            h_B = h_B + value(model, "branches.bias") + pairs(e_BS[:, :, None]).sum()
        z_s_B = h_B if (base, dfm) == ("WideDeep", "WSF") else head(model, "branches.simple_head", h_B[:, None])
    weight = 0.5 if dfm == "WSF" else 1.0
    np.testing.assert_allclose(out.z_s_B.detach(), z_s_B, rtol=1e-9)
    np.testing.assert_allclose(out.z_c_B.detach(), z_c_B, rtol=1e-9)
    np.testing.assert_allclose(out.z_B.detach(), weight * (z_s_B + z_c_B) + last_B, rtol=1e-9)


def complex_table(base: str) -> str:
    return "ssem.embedding" if base == "WideDeep" else "ssem.complex_embedding"


def test_the_authors_deepfm_predicts_a_row_by_its_batch():
    x_BC = batch(PLAIN, 20)
    published, defined = framed("DeepFM", authors_code=True).eval(), framed("DeepFM").eval()
    assert (published(x_BC).z_s_B[:5] - published(x_BC[:5]).z_s_B).abs().min() > 0.01
    torch.testing.assert_close(defined(x_BC).z_s_B[:5], defined(x_BC[:5]).z_s_B)


@pytest.mark.parametrize("base", ["DeepFM", "xDeepFM", "DCN", "DCNv2", "AutoInt+"])
def test_share_and_sum_are_the_model_itself(base: str):
    alone, inside = small(base, LISTS), small("Framed", LISTS, base=base, ssem="Share", dfm="Sum")
    assert {k: v.shape for k, v in alone.state_dict().items()} == {k: v.shape for k, v in inside.state_dict().items()}
    inside.load_state_dict(alone.state_dict())
    x_BC = batch(LISTS, 12)
    for ours, theirs in zip(inside(x_BC)[:3], alone(x_BC)[:3], strict=True):
        assert torch.equal(ours, theirs)


def test_widedeep_with_no_weight_on_the_embeddings_is_the_model_itself():
    alone, inside = small("WideDeep", LISTS), small("Framed", LISTS, base="WideDeep", ssem="Share", dfm="Sum")
    missing, unexpected = inside.load_state_dict(alone.state_dict(), strict=False)
    assert (missing, unexpected) == (["branches.linear.weight", "branches.linear.bias"], [])
    with torch.no_grad():
        inside.get_parameter("branches.linear.weight").zero_()
    x_BC = batch(LISTS, 12)
    torch.testing.assert_close(inside(x_BC).z_B, alone(x_BC).z_B)


COMBINATIONS = [
    (base, ssem, dfm, authors_code)
    for base, ssem, dfm, authors_code in product(BASES, SSEMS, DFMS, (False, True))
    if not authors_code or (base in AUTHORS and (base != "WideDeep" or ssem == "Share"))
]


@pytest.mark.parametrize(("base", "ssem", "dfm", "authors_code"), COMBINATIONS)
def test_every_combination_trains_a_step(base: str, ssem: str, dfm: str, authors_code: bool):
    model = framed(base, LISTS, ssem=ssem, dfm=dfm, authors_code=authors_code)
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    out = model(batch(LISTS, 64))
    assert out.z_B.shape == out.z_s_B.shape == out.z_c_B.shape == (64,)
    training_loss(out, labels(64)).backward()
    torch.optim.Adam(model.parameters()).step()
    unchanged = [name for name, parameter in model.named_parameters() if torch.equal(parameter, before[name])]
    if authors_code and base == "DeepFM":  # a sum over the whole batch may saturate the DFM's softmax
        unchanged = [name for name in unchanged if not name.startswith("dfm.")]
    assert not unchanged


@pytest.mark.parametrize("ssem", ["Share", "SER"])
@pytest.mark.parametrize("dfm", DFMS)
def test_parameter_counts(ssem: str, dfm: str):
    """By formula, for 3 fields of 21 values in all, d = 8, MLP [12, 10] with batch norm, CIN [6, 5]."""
    f, v, d, maps, h = 3, 21, 8, (6, 5), 10
    k = d // 2 if ssem == "SER" else d
    tables = v * d + (v * k if ssem == "SER" else 0)
    deep = (f * d * 12 + 12) + 24 + (12 * h + h) + 20 + (h + 1)
    network = f * f * maps[0] + maps[0] + f * maps[0] * maps[1] + maps[1]

    expected = {
        ("DeepFM", False): 1 + fusion(f + k, h, dfm),
        ("WideDeep", False): f * k + 1 + fusion(f + f * k, h, dfm),
        ("xDeepFM", False): network + sum(maps) + 1 + fusion(f + sum(maps), h, dfm),
        ("DeepFM", True): 1 + 2 + fusion(1, h, dfm),
        ("WideDeep", True): (0 if dfm == "WSF" else 2) + fusion(1, h, dfm),
        ("xDeepFM", True): network + (sum(maps) * h + h) + (h + 1) + fusion(h, h, dfm),
    }
    for (base, authors_code), rest in expected.items():
        embeddings = v * d if (base, authors_code) == ("WideDeep", True) else tables  # which has no SSEM
        found = parameter_counts(framed(base, ssem=ssem, dfm=dfm, authors_code=authors_code))
        assert found == (embeddings + v, deep + rest), base


def fusion(g: int, h: int, dfm: str) -> int:
    """Parameters of a DFM between branches of widths g and h."""
    return {"Sum": 0, "WSF": 2, "VF": g + h + 2, "CF": g + h + 1, "MoEF": 4 * (g + h + 1)}[dfm]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"base": {"name": "DeepFM", "embedding_dim": 7}}, r"SER halves base\.embedding_dim"),
        ({"base": {"name": "DCN"}, "authors_code": True}, "exists for DeepFM, WideDeep and xDeepFM, not for DCN"),
        ({"base": {"name": "WideDeep"}, "authors_code": True}, "no SSEM"),
        ({"base": {"name": "DeepFM", "cin_units": [64]}}, "cin_units"),
    ],
)
def test_settings_that_cannot_be_framed_are_named(settings: dict[str, Any], words: str):
    with pytest.raises(ValueError, match=words):
        Framed.model_validate(settings)


def test_models_that_cannot_be_framed_are_named():
    settings = Framed().model_dump()
    with pytest.raises(ValueError, match="'EDCN' has no two branches"):
        build_model("Framed", PLAIN, settings | {"base": {"name": "EDCN"}})
    with pytest.raises(ValueError, match="published no code for 'DCN'"):
        build_model("Framed", PLAIN, settings | {"base": settings["base"] | {"name": "DCN"}, "authors_code": True})
