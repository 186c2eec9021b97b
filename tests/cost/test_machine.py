"""What a row costs does not depend on the size of tables; what is measured is a speed."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from models import build_model
from models.embedding import Features, parameter_counts
from tests.frozen.models.measure import row_cost
from workflow.cost import epochs
from workflow.cost.epochs import SHIPPED, Work, every_run, key_of, published_data, shipped, write_shipped
from workflow.cost.forecast import shipped_runs
from workflow.cost.machine import gpu_speed, held_bytes, work_of
from workflow.cost.speed import speed_here
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.settings import MODEL_CLASSES

FIELDS = [(70, 1, "mean"), (500, 3, "mean"), (9, 1, "mean"), (41, 2, "sum")]
FEATURES = Features((70, 500, 9, 41), (1, 3, 1, 2), ("mean", "mean", "mean", "sum"))
WIDTH = 39 * 16  # of the embeddings of 39 fields


def work(name: str, **settings: Any) -> Work:
    return work_of(MODEL_CLASSES[name].model_validate(settings), [(1, 1, "mean")] * 39)  # pyright: ignore[reportArgumentType]


def mlp(*widths: int) -> int:
    return sum(first * second for first, second in pairwise(widths))


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        *(("DNN", {"hidden_units": units}, mlp(WIDTH, *units, 1)) for units in ((400, 400, 400), (7,), ())),
        (  # SER gives the simple MLP half the inputs
            "TF4CTR",
            {"ssem": "SER", "dfm": "WSF", "simple_units": (400, 400)},
            mlp(WIDTH // 2, 400, 400, 1) + mlp(WIDTH, 400, 400, 400, 1),
        ),
        ("DCNv2", {"cross_layers": 3}, 3 * WIDTH**2 + mlp(WIDTH, 400, 400, 400) + WIDTH + 400),
        (  # each map of each dimension weighs every pair of a field and a map before; in the last layer they add up
            "xDeepFM",
            {"cin_units": (64, 32)},
            16 * 39 * 39 * 64 + (16 * 39 * 64 + 39 * 64 * 32) + 96 + mlp(WIDTH, 400, 400, 400, 1),
        ),
        (  # gates read one learned vector where they have no context: computed once per batch, it is left out
            "FinalMLP",
            {"units_1": (400,), "units_2": (200,), "heads": 10, "selection_units": (800,)},
            mlp(WIDTH, 400, 1) + mlp(WIDTH, 200, 1) + 400 * 20,
        ),
    ],
)
def test_multiply_adds(name: str, settings: dict[str, Any], expected: int):
    assert work(name, **settings).multiply_adds == expected


def test_extra_losses_cost_while_training_only():
    found = work("CL4CTR", pairs="table")
    layer = 4 * 16 * 16 * 39 + 2 * 39 * 39 * 16 + 2 * 16 * 128 * 39  # projections, attention, feed-forward
    assert found.multiply_adds == mlp(WIDTH, 400, 400, 400, 1)
    assert found.training_multiply_adds == found.multiply_adds + 2 * (3 * layer + WIDTH * 16)


@pytest.mark.parametrize("name", sorted(set(MODEL_CLASSES) - {"Custom", "Framed"}))
def test_small_tables_give_the_count_of_large_ones(name: str) -> None:
    settings = MODEL_CLASSES[name]()
    values = settings.model_dump(exclude={"name"})
    found, whole = work_of(settings, FIELDS), row_cost(name, FEATURES, values)  # pyright: ignore[reportArgumentType]
    assert (found.multiply_adds, found.training_multiply_adds) == (whole.multiply_adds, whole.training_multiply_adds)
    assert found.parameters(sum(FEATURES.vocab_sizes)) == sum(parameter_counts(build_model(name, FEATURES, values)))
    assert found.bytes >= 4 * 16 * 4  # at least the embeddings of a row
    assert found.training_bytes >= found.bytes
    assert found.training_bytes >= found.held_bytes >= 4 * 16 * 4


def test_a_row_holds_what_the_backward_pass_reads() -> None:
    # By hand: the first layer's input (3), the ReLU's result (5), which the second layer reads too.
    layers = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 1), nn.Flatten(0))
    assert held_bytes(layers, (torch.zeros(2, 3), torch.zeros(4, 3))) == 4 * (3 + 5)


def test_a_speed_is_measured() -> None:
    for speed in (speed_here("cpu"), gpu_speed()):
        assert speed is None or (speed.multiply_adds_per_s > 1e8 and speed.bytes_per_s > 1e7)
    assert speed_here("cpu") is not None


def test_counts_are_made_anew_where_older_code_had_fewer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "counts.json"
    path.write_text('{"001afdce52fad62f": [1, 2]}')
    monkeypatch.setattr(epochs, "SHIPPED", path)
    shipped.cache_clear()
    demo = load_campaign(ROOT / "config/demo.yaml")
    write_shipped(path, [demo.model_copy(update={"datasets": ("frappe",), "experiments": ("figure_8",)})])
    counts = json.loads(path.read_text())
    assert counts
    assert {len(figures) for figures in counts.values()} == {len(Work.model_fields)}
    shipped.cache_clear()


@pytest.mark.parametrize("step", [48, pytest.param(12, marks=pytest.mark.attack)])
def test_the_counts_that_come_with_the_code_are_those_of_its_models(step: int) -> None:
    """Every model of the paper's campaign and of the shipped runs is there; some are counted again."""
    shipped.cache_clear()
    plan = Plan(load_campaign(ROOT / "config/paper.yaml"))
    models = {}
    for run in every_run(plan):
        fields = published_data(run.dataset).fields
        models[key_of(run.model, fields)] = (run.model, fields)
    assert models.keys() <= shipped().keys(), "run `make counts`"
    for run in (record.spec for record in shipped_runs().values()):  # `plan` and `status` hold the counts against them
        assert key_of(run.model, published_data(run.dataset).fields) in shipped(), "run `make counts`"
    assert len(shipped()) == len(json.loads(SHIPPED.read_text()))
    for key, (settings, fields) in sorted(models.items())[::step]:
        assert work_of(settings, fields) == shipped()[key], "run `make counts`"
    assert all(isinstance(work, Work) for work in shipped().values())
