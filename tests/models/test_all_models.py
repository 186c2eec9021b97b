"""Requirements of all models."""

import inspect
from importlib import import_module
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models import MODELS, build_model
from models.embedding import embedding_parameters
from models.logits import Logits
from models.losses import log_loss, twin_focus_loss
from tests.models.toys import LISTS, PLAIN, batch, dropouts, small
from workflow.settings import MODEL_CLASSES

SSEMS, DFMS = ("Share", "SER", "GM", "MoE"), ("Sum", "WSF", "VF", "CF", "MoEF")
GRID = [("TF4CTR", {"ssem": ssem, "dfm": dfm}) for ssem in SSEMS for dfm in DFMS]
# The suite has each SSEM and each DFM at least once: Share with Sum, SER with WSF, and so on.
REST = [case for place, case in enumerate(GRID) if place // len(DFMS) != place % len(DFMS) % len(SSEMS)]
ATTACK = pytest.mark.attack
CASES: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in MODELS if name not in ("TF4CTR", "Framed", "Custom")),
    ("DualMLP", {"dfm": "WSF"}),
    *GRID,
    ("Framed", {"base": "DeepFM", "ssem": "GM", "dfm": "VF"}),
    ("Framed", {"base": "WideDeep", "ssem": "SER", "dfm": "CF"}),
    ("Framed", {"base": "xDeepFM", "ssem": "MoE", "dfm": "MoEF"}),
    ("Framed", {"base": "xDeepFM", "ssem": "SER", "dfm": "VF", "authors_code": True}),
    ("Framed", {"base": "WideDeep", "ssem": "Share", "dfm": "CF", "authors_code": True}),
    ("Framed", {"base": "DCNv2", "ssem": "SER", "dfm": "WSF"}),
    ("Framed", {"base": "AFN+", "ssem": "Share", "dfm": "WSF"}),
]
# Forms that not every test here can be asked of: the first predicts a row by its batch.
MORE: list[tuple[str, dict[str, Any]]] = [
    ("Framed", {"base": "DeepFM", "authors_code": True}),
    ("CL4CTR", {"pairs": "batch", "mask": "feature"}),
    ("EDCN", {"regulation": False, "bridge": "attention_pooling"}),
]


def each(cases: list[tuple[str, dict[str, Any]]]) -> pytest.MarkDecorator:
    """A test for each of these models, called by its name and settings; the rest of the grid is for `make attack`."""
    return pytest.mark.parametrize(
        ("name", "settings"),
        [
            pytest.param(*case, id=" ".join((case[0], *map(str, case[1].values()))), marks=[ATTACK] * (case in REST))
            for case in cases
        ],
    )


every_case = each(CASES)


def labels(rows: int) -> Tensor:
    return torch.randint(0, 2, (rows,), generator=torch.Generator().manual_seed(5)).float()


def spread(model: nn.Module) -> nn.Module:
    """Give embeddings a size at which every part of the model matters."""
    with torch.no_grad():
        for weight_VD in embedding_parameters(model):
            weight_VD.copy_(torch.where(weight_VD == 0, 0.0, torch.randn_like(weight_VD)))
    return model


def training_loss(out: Logits, y_B: Tensor) -> Tensor:
    loss = log_loss(out.z_B, y_B)
    if out.z_s_B is not None and out.z_c_B is not None:
        loss = loss + twin_focus_loss(out.z_s_B, out.z_c_B, y_B, alpha=0.25, c=0.7, gamma=2.0)
    return loss if out.auxiliary is None else loss + out.auxiliary


def test_settings_and_models_are_the_same():
    assert set(MODELS) == set(MODEL_CLASSES)


@pytest.mark.parametrize("name", MODELS)
def test_keys_of_the_settings_are_the_arguments_of_the_model(name: str):
    module, _, attribute = MODELS[name].partition(":")
    parameters = list(inspect.signature(getattr(import_module(module), attribute)).parameters.values())
    assert parameters[0].name == "features"
    assert all(p.kind is p.KEYWORD_ONLY and p.default is p.empty for p in parameters[1:])
    assert {p.name for p in parameters[1:]} == set(MODEL_CLASSES[name].model_fields) - {"name"}


def test_unknown_model():
    with pytest.raises(ValueError, match="unknown model 'DNNN'"):
        build_model("DNNN", PLAIN, {})


def test_name_among_the_settings_is_allowed_and_others_are_not():
    settings = MODEL_CLASSES["DNN"]().model_dump()
    build_model("DNN", PLAIN, settings)
    with pytest.raises(TypeError, match="hidden"):
        build_model("DNN", PLAIN, settings | {"hidden": (4,)})


@every_case
def test_shapes_and_a_gradient_for_every_parameter(name: str, settings: dict[str, Any]):
    for features, rows in ((PLAIN, 6), (LISTS, 256)):
        model = spread(small(name, features, **settings))
        out = model(batch(features, rows))
        assert out.z_B.shape == (rows,)
        assert all(z_B is None or z_B.shape == (rows,) for z_B in (out.z_s_B, out.z_c_B))
        assert out.auxiliary is None or out.auxiliary.shape == ()
    training_loss(out, labels(256)).backward()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.ne(0).any(), key


@every_case
def test_logits_are_float32_under_autocast(name: str, settings: dict[str, Any]):
    model = spread(small(name, LISTS, **settings))
    with torch.autocast("cpu", torch.bfloat16):
        out = model(batch(LISTS, 64))
    for value in out:
        assert value is None or value.dtype == torch.float32
    training_loss(out, labels(64)).backward()


@every_case
def test_a_seed_decides_everything(name: str, settings: dict[str, Any]):
    def run(seed: int) -> list[Tensor]:
        model = small(name, LISTS, seed, **dropouts(name), **settings)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for step in range(3):
            optimizer.zero_grad()
            training_loss(model(batch(LISTS, 32, step)), labels(32)).backward()
            optimizer.step()
        return [value.clone() for value in model.state_dict().values()]

    first, again, other = run(1), run(1), run(2)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


@every_case
def test_it_fits_a_tiny_set_and_pad_rows_stay_zero(name: str, settings: dict[str, Any]):
    x_BC, y_B = batch(LISTS, 24), labels(24)
    model = small(name, LISTS, **settings)
    tables = embedding_parameters(model)
    pads = [(weight_VD == 0).all(1).nonzero().flatten() for weight_VD in tables]
    assert sum(map(len, pads)) >= 5
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    while len(losses) < 15 and min(losses, default=1.0) > 0.1:
        model.train()
        for _ in range(10):
            optimizer.zero_grad()
            training_loss(model(x_BC), y_B).backward()
            optimizer.step()
        model.eval()
        losses.append(log_loss(model(x_BC).z_B, y_B).item())
    assert losses[-1] <= 0.1
    for weight_VD, pad in zip(tables, pads, strict=True):
        assert not weight_VD[pad].any()
        assert weight_VD.abs().max() > 0.01
