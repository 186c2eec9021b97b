"""Code that counts as the frozen code does: the same function, and which bits or digits of it are the same.

`tests/models/frozen` holds the forms that the shipped runs were trained with, unchanged.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter
from torch import Tensor, nn

from models import MODELS, framed
from models.embedding import Features
from models.logits import Logits
from tests.models.frozen import FORMS, afn, xdeepfm
from tests.models.test_all_models import each, labels, spread
from tests.models.toys import LISTS, PLAIN, batch, dropouts, small
from workflow.plan.config import ROOT
from workflow.provenance import code as provenance
from workflow.provenance.equivalents import families, moves_digits, relation
from workflow.settings import FocalLoss, LogLoss, LossSettings, ModelSettings, RCELoss, TwinFocusLoss
from workflow.spec import Optimizer
from workflow.train.keep import family_name, training_code
from workflow.train.objective import objective
from workflow.train.step import Step

CASES: list[tuple[str, dict[str, Any]]] = [
    ("xDeepFM", {}),
    ("xDeepFM", {"cin_units": (6,)}),
    ("xDeepFM", {"cin_units": (6, 5, 4)}),
    ("AFN+", {}),
    ("AFN+", {"batch_norm": False}),
    *(("Framed", {"base": base, "ssem": "SER", "dfm": "WSF"}) for base in FORMS),
    ("Framed", {"base": "xDeepFM", "ssem": "Share", "dfm": "Sum", "authors_code": True}),
]
LOSSES: tuple[LossSettings, ...] = (LogLoss(), FocalLoss(), RCELoss(), TwinFocusLoss())
every_case = each(CASES)


def model_of(family: str) -> ModelSettings:
    """Settings of a model or, for a family such as `Framed DCN`, of a framed one."""
    name, _, base = family.partition(" ")
    values = {"name": name, "base": {"name": base}} if base else {"name": name}
    return TypeAdapter[ModelSettings](ModelSettings).validate_python(values)


FAMILIES = {family: model_of(family) for family in families()}


@pytest.fixture
def frozen_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Today's project with the frozen forms put back."""
    for package in ("models", "workflow"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    for form in (ROOT / "tests/models/frozen").glob("*.py"):
        if form.stem != "__init__":
            shutil.copy(form, tmp_path / "models" / form.name)
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    provenance.code_fingerprint.cache_clear()
    yield tmp_path
    provenance.code_fingerprint.cache_clear()


def test_with_them_a_framed_model_of_an_unchanged_base_is_what_it_is_today(frozen_tree: Path) -> None:
    """The forms kept here are those of the frozen code, and nothing that a model of another base runs has changed."""
    for family, one in families().items():
        model = FAMILIES[family]
        found = provenance.code_fingerprint(*provenance.TRAINING, MODELS[model.name])  # as the frozen commit counted
        assert found == one.frozen, family
        for equivalent in one.equivalents:
            assert (training_code(model) == equivalent.code) == (equivalent.differs == "nothing"), family


@pytest.mark.parametrize("family", FAMILIES)
def test_the_list_is_of_this_checkout(family: str) -> None:
    model, known = FAMILIES[family], families()[family]
    assert family_name(model) == family
    expected = known.codes[training_code(model)]
    assert relation(known.frozen, training_code(model), family) == (
        "same bits" if expected == "nothing" else "last digits"
    )
    assert moves_digits(training_code(model), family) == (expected == "last digits")
    assert not moves_digits(known.frozen, family)
    assert relation("0" * 64, training_code(model), family) == "other"
    assert relation(known.frozen, "0" * 64, family) == "other"  # a change that nobody proved
    for equivalent in known.equivalents:
        path, _, function = equivalent.proof.partition("::")
        assert f"def {function}(" in (ROOT / path).read_text()


# -- last digits ----------------------------------------------------------------------


def pair(monkeypatch: pytest.MonkeyPatch, name: str, features: Features, settings: dict[str, Any]) -> list[nn.Module]:
    """Both forms of a model, with the same weights, in double precision."""
    new = small(name, features, **settings, **dropouts(name)).double()
    for base, form in FORMS.items():
        monkeypatch.setitem(MODELS, base, form)
    monkeypatch.setitem(framed.BASES, "xDeepFM", xdeepfm.XDeepFMBranches)
    monkeypatch.setitem(framed.BASES, "AFN+", afn.AFNBranches)
    monkeypatch.setattr(framed, "InteractionNetwork", xdeepfm.InteractionNetwork)
    old = small(name, features, **settings, **dropouts(name)).double()
    assert {type(part).__module__.partition(".")[0] for part in old.modules()} >= {"tests", "models"}
    assert all(torch.equal(value, new.state_dict()[key]) for key, value in old.state_dict().items())
    old.load_state_dict(spread(new).state_dict())
    return [old, new]


@every_case
@pytest.mark.parametrize("features", [PLAIN, LISTS], ids=["plain", "lists"])
def test_old_and_new_form_are_one_function(
    name: str, settings: dict[str, Any], features: Features, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logits, losses, every gradient and the running statistics, in float64, with the same random numbers."""
    x_BC, y_B = batch(features, 40), labels(40).double()
    models = pair(monkeypatch, name, features, settings)
    for loss in LOSSES:
        found = []
        for model in models:
            model.train().zero_grad()
            torch.manual_seed(7)
            out: Logits = model(x_BC)
            if out.z_s_B is None and isinstance(loss, TwinFocusLoss):
                continue
            objective(loss, out, y_B).backward()
            gradients = {key: weight.grad for key, weight in model.named_parameters()}
            found.append({"z": out.z_B.detach(), **gradients, **dict(model.named_buffers())})
        old, new = found
        for key, value in old.items():
            torch.testing.assert_close(new[key], value, rtol=1e-9, atol=1e-12, msg=key)
        with torch.no_grad():
            old_z_B, new_z_B = (model.eval()(x_BC).z_B for model in models)
        torch.testing.assert_close(new_z_B, old_z_B, rtol=1e-9, atol=1e-12)


@every_case
def test_the_new_form_rounds_no_worse(name: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """In float32, logits and gradients lie about as near to those in float64 as the old form's do."""
    x_BC, y_B = batch(PLAIN, 512), labels(512)
    exact, *_ = pair(monkeypatch, name, PLAIN, settings)

    def gradients(model: nn.Module) -> Tensor:
        torch.manual_seed(7)
        out = model.train()(x_BC)
        objective(LogLoss(), out, y_B.to(out.z_B.dtype)).backward()
        grads = [weight.grad.flatten().double() for weight in model.parameters() if weight.grad is not None]
        return torch.cat([out.z_B.detach().double(), *grads])

    monkeypatch.undo()
    old, new = (model.float() for model in pair(monkeypatch, name, PLAIN, settings))
    true = gradients(exact)
    old_error, new_error = ((gradients(model) - true).norm() / true.norm() for model in (old, new))
    assert new_error < 4 * old_error + 1e-7


@every_case
def test_old_and_new_form_train_alike(name: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty steps of the training loop's own step stay together: random numbers are the same ones throughout."""
    x_BC, y_B = batch(LISTS, 200), labels(200).double()
    losses = []
    for model in pair(monkeypatch, name, LISTS, settings):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        autocast = torch.autocast("cpu", torch.bfloat16, enabled=False)
        step = Step(model.train(), [], optimizer, autocast, LogLoss(), Optimizer(max_gradient_norm=1.0))
        torch.manual_seed(3)
        losses.append([float(step(x_BC, y_B)) for _ in range(20)])
    old, new = losses
    assert new == pytest.approx(old, rel=1e-7)
    assert len(set(old)) == len(old)
