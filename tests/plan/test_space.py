"""Dimensions and their draws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from workflow.plan.config import load_experiment
from workflow.plan.space import Dimension, Tuning, draws
from workflow.plan.tuning import points_of

DROPOUTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


def shipped() -> Tuning:
    tuning = load_experiment("tuned").tuning
    assert tuning is not None
    return tuning


@pytest.mark.parametrize("key", ["optimizer.embedding_l2", "model.dropout"])
def test_draws_are_uniform_and_of_another_stream_for_each_dataset_model_and_key(key: str) -> None:
    first = draws(26, "frappe", "", key, 2000)
    assert stats.kstest(first, "uniform").pvalue > 0.001
    for other in (
        draws(26, "ml-1m", "", key, 2000),
        draws(26, "frappe", "DCN", key, 2000),
        draws(27, "frappe", "", key, 2000),
    ):
        assert abs(np.corrcoef(first, other)[0, 1]) < 0.1


def test_fewer_trials_are_the_first_of_more() -> None:
    assert (
        draws(26, "frappe", "DCN", "model.cross_layers", 3) == draws(26, "frappe", "DCN", "model.cross_layers", 16)[:3]
    )


def test_draws_are_the_same_on_every_machine_and_of_every_numpy() -> None:
    assert draws(26, "frappe", "", "optimizer.embedding_l2", 2) == [0.6108295185483149, 0.033740292169283315]


@given(st.floats(0, 1, exclude_max=True))
def test_values_follow_their_distribution(draw: float) -> None:
    assert DROPOUTS[math.floor(7 * draw)] == Dimension(choice=DROPOUTS).at(draw)
    logarithm = Dimension(log_uniform=(0.005, 0.5)).at(draw)
    assert math.log(logarithm / 0.005) / math.log(100) == pytest.approx(draw, abs=2e-3)
    assert Dimension(uniform=(-1.0, 1.0)).at(draw) == pytest.approx(2 * draw - 1, abs=6e-3)
    assert len(f"{logarithm:.15g}".replace("0.", "").lstrip("0")) <= 3


@pytest.mark.parametrize(
    "values",
    [{}, {"choice": []}, {"choice": [1], "uniform": [0, 1]}, {"uniform": [1, 0]}, {"log_uniform": [0, 1]}],
)
def test_a_dimension_has_one_distribution_that_is_not_empty(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Dimension.model_validate(values)


def test_models_share_the_draws_of_shared_dimensions_and_draw_their_own() -> None:
    tuning = shipped()
    points = {model.label: points_of(tuning, model, "frappe", 16) for model in tuning.models}
    for label, own in points.items():
        if label != "AFN+":  # it has a range of its own
            assert [p["optimizer.embedding_l2"] for p in own] == [p["optimizer.embedding_l2"] for p in points["DCN"]]
        if label not in ("FinalMLP", "EulerNet"):  # they have dropouts of their own
            assert [p["model.dropout"] for p in own] == [p["model.dropout"] for p in points["DCN"]]
    assert "model.dropout" not in points["EulerNet"][0]  # which has no such setting
    assert {p["model.dropout"] for p in points["FinalMLP"]} <= {0.2, 0.3, 0.4, 0.5}
    assert all(0.005 <= p["optimizer.embedding_l2"] <= 0.5 for p in points["DCN"])
    assert {p["model.cross_layers"] for p in points["DCN"]} == {2, 3}
    deeper = points_of(tuning, next(model for model in tuning.models if model.label == "DCN"), "ml-1m", 16)
    assert {p["model.cross_layers"] for p in deeper} == {3, 4, 5}
