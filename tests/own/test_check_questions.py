"""The remarks of `check`: a model for each common mistake, similar ones, and correct models."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from models.own_code import forget
from tests.train.prepared import run_spec, write_prepared
from workflow.cli.check import mapping
from workflow.errors import UserError
from workflow.plan.reading import read_yaml
from workflow.settings import Custom
from workflow.spec import Optimizer, RunSpec
from workflow.train.keep import state_path
from workflow.train.record import read_record
from workflow.train.run import train_runs
from workflow.train.trial import Trial, try_out

MODEL = """
import random
import numpy as np
import torch
from torch import nn
from models.embedding import Embedding
from models.mlp import Head

class Toy(nn.Module):
    def __init__(self, features, *, embedding_dim: int = 4, scale: float = 1.0):
        super().__init__()
        self.embedding = Embedding(features, embedding_dim)
        self.head = Head(features.fields * embedding_dim)
        self.features = features
        {init}

    def forward(self, x_BC):
        e_BFD = self.embedding(x_BC)
        z_B = self.head(e_BFD.flatten(1))
        {forward}
"""
TABLE, REST = (22 + 42 + 6) * 4, 3 * 4 + 1


@pytest.fixture(autouse=True)
def folder(here: Path) -> None:
    write_prepared(rows=300)


def spec(init: str = "pass", forward: str = "return z_B", strength: float = 0.1, max_epochs: int = 1) -> RunSpec:
    parts = {"init": init, "forward": forward}
    indented = {name: text.replace("\n", "\n        ") for name, text in parts.items()}
    Path("toy.py").write_text(MODEL.format(**indented))
    forget()
    return run_spec(Custom(module="toy.py:Toy"), optimizer=Optimizer(embedding_l2=strength), max_epochs=max_epochs)


def tried(init: str = "pass", forward: str = "return z_B") -> Trial:
    return try_out(spec(init, forward))


@pytest.mark.parametrize(
    ("init", "forward"),
    [
        ("pass", "return z_B"),
        (
            "self.norm = nn.BatchNorm1d(features.fields * embedding_dim)",
            "return self.head(self.norm(e_BFD.flatten(1)))",
        ),
        ("self.drop = nn.Dropout(0.5)", "return self.head(self.drop(e_BFD.flatten(1)))"),
        ("self.shift = nn.Parameter(torch.tensor(0.5))", "return z_B + self.shift"),
        (
            "self.perm = np.random.permutation(features.fields).tolist()",
            "return self.head(e_BFD[:, self.perm].flatten(1))",
        ),
        ("self.perm = random.sample(range(3), 3)", "return self.head(e_BFD[:, self.perm].flatten(1))"),
        ("self.register_buffer('steps', torch.zeros(()))", "if self.training: self.steps += 1\nreturn z_B"),
        (
            "pass",
            "a = (e_BFD @ e_BFD.transpose(1, 2)).masked_fill(torch.eye(3).bool(), -torch.inf).softmax(-1)\n"
            "return self.head((a @ e_BFD).flatten(1))",
        ),
    ],
)
def test_a_model_without_a_mistake_gets_no_remark(init: str, forward: str) -> None:
    trial = tried(init, forward)
    assert trial.remarks == ()
    assert trial.embedding == TABLE


@pytest.mark.parametrize(
    ("init", "forward", "words"),
    [
        ("pass", "return torch.sigmoid(z_B)", "leave the sigmoid out"),
        ("pass", "return torch.softmax(torch.stack([z_B, -z_B], -1), -1)[:, 0]", "leave the sigmoid out"),
        ("pass", "return z_B - z_B.mean()", "depends on the batch that it is in"),
        ("pass", "return z_B.cumsum(0)", "depends on the batch that it is in"),
        ("pass", "return z_B + torch.linspace(0, 1, len(z_B))", "depends on the batch that it is in"),
        ("pass", "return z_B / z_B.abs().max()", "a row's answer depends on the batch"),
        ("pass", "return self.head(e_BFD.flatten(1).squeeze())", "a batch of one row fails"),
        ("pass", "return z_B + 30", "the mean predicted rate is 1,"),
        ("pass", "return z_B - 30", "of the answers are saturated"),
        ("pass", "return nn.functional.dropout(z_B)", "something random is left on in eval()"),
        (
            "self.weight_F = np.random.default_rng().random(3).tolist()",  # a draw that two models never share
            "return self.head((e_BFD * torch.tensor(self.weight_F)[:, None]).flatten(1))",
            "is not seeded",
        ),
        ("self.scale = random.SystemRandom().random()", "return z_B * (1 + self.scale)", "is not seeded"),
        ("self.steps = 0", "self.steps += self.training\nreturn z_B", "loses something that training changes (steps)"),
        ("self.mean = torch.zeros(())", "self.mean = self.mean + z_B.mean().detach()\nreturn z_B", "(mean)"),
        ("self.seen = {'a': [0]}", "self.seen['a'].append(len(z_B))\nreturn z_B", "(seen)"),
    ],
)
def test_each_mistake_gets_its_remark(init: str, forward: str, words: str) -> None:
    remarks = tried(init, forward).remarks
    assert any(words in remark for remark in remarks), remarks


@pytest.mark.parametrize(
    ("forward", "operation"),
    [
        ("return torch.log(z_B - z_B.max())", "log gives"),
        ("return z_B / (z_B - z_B)", "div gives"),
        ("return torch.sqrt((z_B - z_B).abs()) + z_B", "Backward0"),
    ],
)
def test_the_operation_that_gives_nan_is_named(forward: str, operation: str) -> None:
    with pytest.raises(UserError, match="became NaN or infinite in step 1") as caught:
        tried(forward=forward)
    assert operation in str(caught.value)
    if "Backward" not in operation:
        (line,) = [n for n, text in enumerate(Path("toy.py").read_text().splitlines(), 1) if forward in text]
        assert f"in line {line}" in str(caught.value)


def test_a_table_that_only_a_loss_of_its_own_reads_is_used() -> None:
    extra = "return Logits(z_B, auxiliary=self.other(x_BC).square().mean())"
    trial = tried("self.other = Embedding(features, embedding_dim)", f"from models.logits import Logits\n{extra}")
    assert (trial.embedding, trial.remarks) == (2 * TABLE, ())


SHARED = "self.other = Embedding(features, embedding_dim)\nself.other.weight_VD = self.embedding.weight_VD"


def test_a_frozen_table_trains_nothing_and_gets_no_l2() -> None:
    trial = tried("self.embedding.weight_VD.requires_grad_(False)")
    assert (trial.embedding, trial.rest, trial.frozen) == (0, REST, TABLE)
    assert trial.remarks == ()
    run = spec("self.embedding.weight_VD.requires_grad_(False)", max_epochs=2)
    assert train_runs([run], "cpu", 0.0, lambda _: None) == []
    record = read_record(run.record_path)
    assert record.status == "ok", record.failure
    assert record.parameters.total == REST
    assert {epoch.l2_penalty for epoch in record.epochs} == {0.0}


def test_a_shared_table_counts_once_and_gets_its_l2_once() -> None:
    trial = tried(SHARED, "return self.head((e_BFD + self.other(x_BC)).flatten(1))")
    assert (trial.embedding, trial.rest) == (TABLE, REST)
    once = spec("pass", "return z_B", strength=0.5, max_epochs=1)
    train_runs([once], "cpu", 0.0, lambda _: None)
    first = read_record(once.record_path)
    shared = spec(SHARED, "return z_B", strength=0.5, max_epochs=1)
    train_runs([shared], "cpu", 0.0, lambda _: None)
    second = read_record(shared.record_path)
    assert second.epochs[0].l2_penalty == pytest.approx(first.epochs[0].l2_penalty, rel=0.05)


@pytest.mark.parametrize("draw", ["np.random.standard_normal()", "random.gauss(0, 1)", "torch.randn(()).item()"])
def test_a_run_that_draws_numbers_is_resumed_as_it_would_have_gone(draw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = spec("pass", f"return z_B + 0.1 * {draw} if self.training else z_B", max_epochs=3)
    train_runs([run], "cpu", 0.0, lambda _: None)
    whole = read_record(run.record_path)
    run.record_path.unlink()
    from workflow.train import checkpoint  # noqa: PLC0415

    save, count = checkpoint.save, 0

    def stop(*arguments: object) -> None:
        nonlocal count
        save(*arguments)  # pyright: ignore[reportArgumentType]
        count += 1
        if count == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "save", stop)
    with pytest.raises(KeyboardInterrupt):
        train_runs([run], "cpu", 0.0, lambda _: None)
    assert state_path(run).exists()
    np.random.seed(99)
    torch.manual_seed(99)
    train_runs([run], "cpu", 0.0, lambda _: None)
    again = read_record(run.record_path)
    assert [epoch.train_loss for epoch in again.epochs] == [epoch.train_loss for epoch in whole.epochs]


def test_exponents_are_numbers(tmp_path: Path) -> None:
    assert mapping("{scale: 1e-3, other: -2E+5, text: '1e-3', name: e5, hex: 1e}") == {
        "scale": 1e-3,
        "other": -2e5,
        "text": "1e-3",
        "name": "e5",
        "hex": "1e",
    }
    path = tmp_path / "x.yaml"
    path.write_text("a: {scale: 1e-3, b: .5e2, c: '1e-3'}\n")
    assert read_yaml(path) == {"a": {"scale": 1e-3, "b": 50.0, "c": "1e-3"}}
    assert math.isclose(mapping("{scale: 1.0e-3}")["scale"], 1e-3)
