"""Counted figures against hand formulas, and what an evaluation depends on against two batchings."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from models import measure
from models.embedding import Features
from models.measure import RowCost, evaluation_depends_on_batch, row_cost
from tests.models.test_all_models import CASES, MORE, each, spread
from tests.models.toys import LISTS, batch, dropouts, of_size, settings_of, small
from workflow.settings import MODEL_CLASSES

CRITEO = of_size(39, 910_747)
WIDTH = 39 * 16  # of the embeddings
NOISY = [
    ("TF4CTR", {"dfm": "VF", "noise_at_eval": True}),
    ("TF4CTR", {"dfm": "WSF", "noise_at_eval": True}),
    ("Framed", {"base": "DCN", "dfm": "VF", "noise_at_eval": True}),
    ("Framed", {"base": "DeepFM", "authors_code": False}),
]
every_case = each([*CASES, *MORE, *NOISY])


def cost(name: str, features: Features = CRITEO, **settings: Any) -> RowCost:
    return row_cost(name, features, MODEL_CLASSES[name].model_validate(settings).model_dump())


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
    assert cost(name, **settings).multiply_adds == expected


def test_extra_losses_cost_while_training_only():
    found = cost("CL4CTR", pairs="table")
    layer = 4 * 16 * 16 * 39 + 2 * 39 * 39 * 16 + 2 * 16 * 128 * 39  # projections, attention, feed-forward
    assert found.multiply_adds == mlp(WIDTH, 400, 400, 400, 1)
    assert found.training_multiply_adds == found.multiply_adds + 2 * (3 * layer + WIDTH * 16)


@pytest.mark.parametrize(
    ("name", "settings", "floats"),
    [
        ("DNN", {"hidden_units": (2000, 100)}, 2000),
        ("DNN", {"hidden_units": (100,)}, WIDTH),  # the embeddings
        ("xDeepFM", {"cin_units": (64, 64)}, 39 * 39 * 16),  # all pairs
        ("xDeepFM", {"cin_units": (64,)}, 39 * 39),  # d is summed over at once
        ("AFN+", {"log_neurons": 1500}, 1500 * 16),
    ],
)
def test_the_widest_tensor(name: str, settings: dict[str, Any], floats: int):
    assert cost(name, **settings).widest_bytes == floats * 4


# -- how it is counted ------------------------------------------------------------------


@every_case
def test_figures_do_not_depend_on_rows_or_device(name: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    found = row_cost(name, LISTS, settings_of(name, **settings))
    monkeypatch.setattr(measure, "ROWS", 7)
    model = small(name, LISTS, **settings)
    assert measure._measure(model, LISTS, "cpu") == found
    assert 0 < found.multiply_adds <= found.training_multiply_adds
    assert found.widest_bytes >= LISTS.fields * 8 * 4


def test_tables_of_any_size_take_no_memory_and_draw_no_numbers():
    before = torch.random.get_rng_state()
    assert cost("TF4CTR", of_size(39, 10**12)) == cost("TF4CTR")
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_custom_model_that_needs_the_cpu_is_measured_there(here: Path):
    source = """
        import torch
        from torch import nn
        class Mine(nn.Module):
            def __init__(self, features, *, reads):
                super().__init__()
                self.linear, self.reads = nn.Linear(sum(features.columns), 5), reads
            def forward(self, x_BC):
                assert not self.reads or x_BC.sum().item() == 0
                return self.linear(x_BC.float()).sum(1)
    """
    Path("mine.py").write_text("\n".join(line[8:] for line in source.splitlines()))
    before = torch.random.get_rng_state()
    for reads in (True, False):
        found = row_cost("Custom", LISTS, {"module": "mine.py:Mine", "arguments": {"reads": reads}})
        columns = sum(LISTS.columns)
        assert (found.multiply_adds, found.widest_bytes) == (columns * 5, columns * 4)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_mistake_in_the_settings_is_not_hidden():
    with pytest.raises(TypeError, match="hidden"):
        row_cost("DNN", LISTS, MODEL_CLASSES["DNN"]().model_dump() | {"hidden": 3})


# -- what an evaluation depends on ------------------------------------------------------


@every_case
def test_prediction_in_two_batchings(name: str, settings: dict[str, Any]):
    """Predicted again in other batches, rows get the same numbers exactly where the function says so."""
    model = spread(small(name, LISTS, **dropouts(name), **settings))
    x_BC = batch(LISTS, 40)
    model(x_BC)  # moves the running statistics
    model.eval().double()
    whole_B = model(x_BC).z_B
    parts_B = torch.cat([model(part).z_B for part in x_BC.split([8, 8, 8, 8, 7, 1])])
    same = torch.allclose(whole_B, parts_B, rtol=1e-7, atol=1e-7)
    assert evaluation_depends_on_batch(name, settings_of(name, **settings)) is not same
    assert not same or torch.equal(model(x_BC).z_B, whole_B)


def test_of_a_custom_model_it_is_not_known():
    assert evaluation_depends_on_batch("Custom", {"module": "mine.py:Mine", "arguments": {}})
