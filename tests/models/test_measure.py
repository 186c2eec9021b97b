"""The widest tensor against hand formulas and the frozen form, and scores against two batchings."""

from typing import Any

import pytest
import torch

from models.embedding import Features
from models.measure import evaluation_depends_on_batch, widest_bytes
from tests.frozen.models import measure as frozen
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


def widest(name: str, features: Features, **settings: Any) -> int:
    return widest_bytes(name, features, settings_of(name, **settings))


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
    values = MODEL_CLASSES[name].model_validate(settings).model_dump(exclude={"name"})
    assert widest_bytes(name, CRITEO, values) == floats * 4


# -- how it is counted ------------------------------------------------------------------


@every_case
def test_it_is_what_the_frozen_form_counts_with_whole_tables(name: str, settings: dict[str, Any]):
    found, whole = widest(name, LISTS, **settings), frozen.row_cost(name, LISTS, settings_of(name, **settings))
    assert found == whole.widest_bytes
    assert found >= LISTS.fields * 8 * 4


def test_tables_of_any_size_take_no_memory_and_draw_no_numbers():
    before = torch.random.get_rng_state()
    assert widest("TF4CTR", of_size(39, 10**12)) == widest("TF4CTR", CRITEO)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_mistake_in_the_settings_is_not_hidden():
    with pytest.raises(TypeError, match="hidden"):
        widest_bytes("DNN", LISTS, MODEL_CLASSES["DNN"]().model_dump() | {"hidden": 3})


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
