"""Counted figures against hand formulas, and what an evaluation depends on against two batchings."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from models import measure
from models.embedding import Features
from models.measure import RowCost, evaluation_depends_on_batch, row_cost
from tests.models.test_all_models import CASES, spread
from tests.models.test_device import MORE
from tests.models.toys import LISTS, batch, of_size, small
from workflow.settings import MODEL_CLASSES

CRITEO = of_size(39, 910_747)
WIDTH = 39 * 16  # of the embeddings
NOISY = [
    ("TF4CTR", {"dfm": "VF", "noise_at_eval": True}),
    ("TF4CTR", {"dfm": "WSF", "noise_at_eval": True}),
    ("Framed", {"base": "DCN", "dfm": "VF", "noise_at_eval": True}),
    ("Framed", {"base": "DeepFM", "authors_code": False}),
]
ALL = [*CASES, *MORE, *NOISY]
every_case = pytest.mark.parametrize(
    ("name", "settings"), ALL, ids=[" ".join((name, *map(str, settings.values()))) for name, settings in ALL]
)


def cost(name: str, features: Features = CRITEO, **settings: Any) -> RowCost:
    return row_cost(name, features, MODEL_CLASSES[name].model_validate(settings).model_dump())


def mlp(*widths: int) -> int:
    return sum(first * second for first, second in pairwise(widths))


# -- multiply-adds ----------------------------------------------------------------------


@pytest.mark.parametrize("units", [(400, 400, 400), (7,), ()])
def test_dnn(units: tuple[int, ...]):
    assert cost("DNN", hidden_units=units).multiply_adds == mlp(WIDTH, *units, 1)


def test_ser_gives_the_simple_mlp_half_the_inputs():
    expected = mlp(WIDTH // 2, 400, 400, 1) + mlp(WIDTH, 400, 400, 400, 1)
    assert cost("TF4CTR", ssem="SER", dfm="WSF", simple_units=(400, 400)).multiply_adds == expected


def test_dcnv2():
    found = cost("DCNv2", cross_layers=3).multiply_adds
    assert found == 3 * WIDTH**2 + mlp(WIDTH, 400, 400, 400) + WIDTH + 400


def test_compressed_interactions():
    """Each map of each dimension weighs every pair of a field and a map before; in the last layer dimensions add up."""
    cin = 16 * 39 * 39 * 64 + (16 * 39 * 64 + 39 * 64 * 32) + 96
    assert cost("xDeepFM", cin_units=(64, 32)).multiply_adds == cin + mlp(WIDTH, 400, 400, 400, 1)


def test_extra_losses_cost_while_training_only():
    found = cost("CL4CTR", pairs="table")
    layer = 4 * 16 * 16 * 39 + 2 * 39 * 39 * 16 + 2 * 16 * 128 * 39  # projections, attention, feed-forward
    assert found.multiply_adds == mlp(WIDTH, 400, 400, 400, 1)
    assert found.training_multiply_adds == found.multiply_adds + 2 * (3 * layer + WIDTH * 16)


def test_what_is_computed_once_per_batch_is_left_out():
    """FinalMLP's gates read one learned vector where they have no context."""
    found = cost("FinalMLP", units_1=(400,), units_2=(200,), heads=10, selection_units=(800,))
    assert found.multiply_adds == mlp(WIDTH, 400, 1) + mlp(WIDTH, 200, 1) + 400 * 20


# -- the widest tensor ------------------------------------------------------------------


def test_widest_of_an_mlp_is_its_widest_layer():
    assert cost("DNN", hidden_units=(2000, 100)).widest_bytes == 2000 * 4
    assert cost("DNN", hidden_units=(100,)).widest_bytes == WIDTH * 4  # the embeddings


def test_widest_of_the_compressed_interactions_is_all_pairs():
    assert cost("xDeepFM", cin_units=(64, 64)).widest_bytes == 39 * 39 * 16 * 4
    assert cost("xDeepFM", cin_units=(64,)).widest_bytes == 39 * 39 * 4  # d is summed over at once


def test_widest_of_the_logarithmic_network_is_its_neurons():
    assert cost("AFN+", log_neurons=1500).widest_bytes == 1500 * 16 * 4


# -- how it is counted ------------------------------------------------------------------


@every_case
def test_figures_do_not_depend_on_the_rows_or_the_device(
    name: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    chosen = _settings_of(name, settings)
    found = row_cost(name, LISTS, chosen)
    monkeypatch.setattr(measure, "ROWS", 7)
    model = small(name, LISTS, **settings)
    assert measure._measure(model, LISTS, "cpu") == found
    assert 0 < found.multiply_adds <= found.training_multiply_adds
    assert found.widest_bytes >= LISTS.fields * 8 * 4


def test_tables_of_any_size_take_no_memory_and_draw_no_numbers():
    before = torch.random.get_rng_state()
    assert cost("TF4CTR", of_size(39, 10**12)) == cost("TF4CTR")
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_custom_model_that_needs_the_cpu_is_measured_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
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
    model = spread(small(name, LISTS, **settings)).double().eval()
    x_BC = batch(LISTS, 30)
    whole_B = model(x_BC).z_B
    parts_B = torch.cat([model(part).z_B for part in x_BC.split(8)])
    same = torch.allclose(whole_B, parts_B)
    assert evaluation_depends_on_batch(name, _settings_of(name, settings)) is not same


def test_of_a_custom_model_it_is_not_known():
    assert evaluation_depends_on_batch("Custom", {"module": "mine.py:Mine", "arguments": {}})


def _settings_of(name: str, settings: dict[str, Any]) -> dict[str, Any]:
    """All settings with which `small` makes the model."""
    caught: list[dict[str, Any]] = []

    def catch(_: str, __: Features, values: dict[str, Any]) -> nn.Module:
        caught.append(values)
        return nn.Identity()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.models.toys.build_model", catch)
        small(name, LISTS, **settings)
    return caught[0]
