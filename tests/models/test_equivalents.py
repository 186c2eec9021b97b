"""Code that counts as the frozen code does: the same function, and which bits or digits of it are the same.

`tests/frozen` holds what the shipped runs were trained with and has changed since.
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
from tests.frozen import FORMS, LINES
from tests.frozen.models import afn, measure, xdeepfm
from tests.models.test_all_models import each, labels, spread
from tests.models.toys import LISTS, PLAIN, batch, dropouts, settings_of, small
from tests.train.conftest import CPU
from tests.train.prepared import run_spec, write_prepared
from workflow.plan.config import ROOT
from workflow.provenance import code as provenance
from workflow.provenance.equivalents import families, moves_digits, relation
from workflow.settings import FocalLoss, LogLoss, LossSettings, ModelSettings, RCELoss, TwinFocusLoss
from workflow.spec import Optimizer
from workflow.train import loop, predict
from workflow.train.keep import family_name, training_code
from workflow.train.objective import objective
from workflow.train.resident import load_resident
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
    """A small model or, for a family such as `Framed DCN`, a framed one."""
    name, _, base = family.partition(" ")
    values = settings_of(name, base=base) if base else settings_of(name)
    return TypeAdapter[ModelSettings](ModelSettings).validate_python({**values, "name": name})


FAMILIES = {family: model_of(family) for family in families()}


@pytest.fixture
def earlier_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Today's project with the frozen engine put back, without the forms of models."""
    for package in ("models", "workflow"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    put_back(tmp_path, "measure")
    for name, lines in LINES.items():
        text = (tmp_path / name).read_text()
        for today, before in lines.items():
            assert today in text
            text = text.replace(today, before)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    provenance.code_fingerprint.cache_clear()
    yield tmp_path
    provenance.code_fingerprint.cache_clear()


def put_back(tree: Path, *names: str) -> None:
    for name in names:
        shutil.copy(ROOT / f"tests/frozen/models/{name}.py", tree / "models")
    provenance.code_fingerprint.cache_clear()


def test_with_them_a_framed_model_of_an_unchanged_base_is_what_it_is_today(earlier_engine: Path) -> None:
    """What is kept here is the frozen code, and nothing else that a model runs has changed."""
    for family, one in families().items():
        assert training_code(FAMILIES[family]) in one.same_bits, family  # as the commits before today's engine counted
    put_back(earlier_engine, "afn", "xdeepfm")
    for family, one in families().items():
        model = FAMILIES[family]
        found = provenance.code_fingerprint(*provenance.TRAINING, MODELS[model.name])  # as the frozen commit counted
        assert found == one.frozen, family
        changed = any(name in family for name in FORMS)
        assert (one.same_bits.get(training_code(model)) == one.frozen) == (not changed or family in FORMS), family


@pytest.mark.parametrize("family", FAMILIES)
def test_the_list_is_of_this_checkout(family: str) -> None:
    model, known = FAMILIES[family], families()[family]
    assert family_name(model) == family
    moved = any(name in family for name in FORMS)
    assert relation(known.frozen, training_code(model), family) == ("last digits" if moved else "same bits")
    assert moves_digits(training_code(model), family) == moved
    assert not moves_digits(known.frozen, family)
    assert relation("0" * 64, training_code(model), family) == "other"
    assert relation(known.frozen, "0" * 64, family) == "other"  # a change that nobody proved
    for equivalent in known.equivalents:
        path, _, function = equivalent.proof.partition("::")
        assert f"def {function}(" in (ROOT / path).read_text()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_engine_keeps_every_bit(family: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With torch's own Adam, in the other way to ask for determinism, and with evaluation batches counted on `meta`."""
    model = FAMILIES[family]
    run = run_spec(model, TwinFocusLoss() if model.name == "TF4CTR" else LogLoss(), max_epochs=2)
    data = load_resident(write_prepared(rows=300).prepared_dir, CPU)
    monkeypatch.setattr(predict, "CPU_BUDGET_BYTES", 1 << 16)  # so that the batch follows from the widest tensor

    def trained() -> tuple[list[object], torch.Tensor]:
        torch.set_deterministic_debug_mode("default")
        predict._widest_bytes.cache_clear()
        result = loop.train(run, data, CPU, state_file=Path("state"), stamp="", say=lambda _: None)
        numbers = [(epoch.train_loss, epoch.valid, epoch.l2_penalty) for epoch in result.epochs]
        said = [*numbers, result.test, result.eval_batch_rows, torch.get_deterministic_debug_mode()]
        return said, torch.from_numpy(result.scores["test"])

    numbers, scores_N = trained()
    monkeypatch.setattr(loop, "EagerAdam", torch.optim.Adam)
    monkeypatch.setattr(loop, "be_deterministic", lambda: torch.use_deterministic_algorithms(True, warn_only=True))
    monkeypatch.setattr(predict, "widest_bytes", lambda *values: measure.row_cost(*values).widest_bytes)
    before, before_N = trained()
    assert before == numbers
    assert torch.equal(before_N, scores_N)


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
