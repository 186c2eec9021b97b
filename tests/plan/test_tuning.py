"""Tuned experiments: stages as ordinary cells, rounds, budgets, what a campaign changes; dimensions and their draws."""

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from tests.conftest import edit_yaml
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, check_campaign, load_experiment
from workflow.plan.space import Dimension, Tuning, draws
from workflow.plan.tuning import Chosen, Round, foreseen, points_of, undecided

FIRST = ("TF4CTR", "DualMLP", "FinalMLP")


def plan(chosen: Chosen = undecided, **changes: Any) -> Plan:
    values = {"campaign": "mine", "datasets": ["frappe", "ml-1m"], "experiments": ["tuned"], "preset": "paper"}
    return Plan(check_campaign({**values, **changes}, "test"), chosen)


def test_only_trials_are_known_before_anything_is_chosen() -> None:
    made = plan()
    assert {cell.at["stage"] for cell in made.cells} == {"trial"}
    assert len(made.runs) == 13 * 16 + 6 * 8
    assert {run.seed for run, _ in made.runs.values()} == {9001}
    assert {one.stage for one in made.rounds} == {"trial"}
    assert {one.keep for one in made.rounds if one.dataset == "frappe"} == {3}
    assert {one.keep for one in made.rounds if one.dataset == "ml-1m"} == {2}


def test_the_whole_has_the_runs_that_the_budget_names() -> None:
    made = plan(foreseen)
    runs = {
        name: {key for key, (run, _) in made.runs.items() if run.dataset.name == name} for name in ("frappe", "ml-1m")
    }
    assert len(runs["frappe"]) == 13 * (16 + 6 + 5)
    assert len(runs["ml-1m"]) == 6 * (8 + 4 + 5)
    finals = [cell for cell in made.cells if cell.at["stage"] == "final"]
    assert {run.seed for cell in finals for run in cell.runs} == {2020, 2021, 2022, 2023, 2024}
    assert len(finals) == 13 + 6


def test_what_is_chosen_decides_the_cells_that_follow() -> None:
    def best_last(one: Round) -> tuple[int, ...]:
        return tuple(reversed(range(len(one.candidates))))[: one.keep]

    made = plan(best_last, datasets=["frappe"], tuning={"models": ["DCN"]})
    finalists = [cell for cell in made.cells if cell.at["stage"] == "finalist"]
    assert [cell.at["trial"] for cell in finalists] == ["16", "15", "14"]
    trials = {cell.at["trial"]: cell.runs[0] for cell in made.cells if cell.at["stage"] == "trial"}
    assert all(cell.runs[0] == trials[cell.at["trial"]] for cell in finalists)  # shared, and so trained once
    (final,) = [cell for cell in made.cells if cell.at["stage"] == "final"]
    assert final.runs[0].id == trials["14"].id
    assert dict(final.at) == {"table": "7", "dataset": "frappe", "model": "DCN", "stage": "final"}


def test_runs_are_never_packed_with_those_that_their_choice_rests_on() -> None:
    for packs in ("experiments", "datasets"):
        made = plan(foreseen, packs=packs, pack_size=1000)
        seeds = [{run.seed for run in pack.runs} for pack in made.packs if pack.dataset.name == "frappe"]
        assert seeds == [{9001}, {9002, 9003}, {2020, 2021, 2022, 2023, 2024}]
        assert {pack.name for pack in plan(packs=packs, pack_size=1000).packs} <= {pack.name for pack in made.packs}


def test_stages_of_tuning_start_before_runs_that_nothing_waits_for() -> None:
    settings = {"experiments": ["table_1", "tuned", "table_4"], "packs": "datasets", "datasets": ["frappe"]}
    made = plan(foreseen, **settings, pack_size=1000)
    seeds = {pack.name: {run.seed for run in pack.runs} for pack in made.packs}
    trials, untuned, finalists, final = seeds  # the order of training
    assert (seeds[trials], seeds[finalists]) == ({9001}, {9002, 9003})
    assert made.priorities == {trials: 0, finalists: -1, final: -2, untuned: -3}
    wanted = plan(foreseen, **settings, pack_size=1000, first=[{"table": "4", "dataset": "frappe"}])
    assert wanted.priorities[untuned] == 0


def test_a_campaign_gives_fewer_trials_to_fewer_models_and_adds_its_own() -> None:
    mine = {"label": "Mine", "model": {"name": "DNN"}, "own": {"model.hidden_units": {"choice": [[8], [16]]}}}
    changes = {"trials": 4, "finalists": 9, "models": ["DCN", "Mine"], "add": [mine]}
    made = plan(datasets=["frappe"], tuning=changes)
    assert {cell.at["model"] for cell in made.cells} == {"DCN", "Mine"}
    assert [one.keep for one in made.rounds] == [4, 4]  # no more finalists than trials
    full = {cell.label: cell.runs[0] for cell in plan(datasets=["frappe"]).cells}
    assert all(full[cell.label] == cell.runs[0] for cell in made.cells if cell.at["model"] == "DCN")
    own = [cell.runs[0] for cell in made.cells if cell.at["model"] == "Mine"]
    shared = [full[f"DCN, trial {number}"] for number in range(1, 5)]
    assert [run.optimizer for run in own] == [run.optimizer for run in shared]
    everything = plan(datasets=["frappe"], tuning={"add": [mine]})
    assert len({cell.at["model"] for cell in everything.cells}) == 13  # DualMLP is there with two losses


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tuning": {"models": ["DCM"]}}, "did you mean 'DCN'"),
        ({"tuning": {"add": [{"label": "DCN", "model": {"name": "DCN"}}]}}, "'DCN' is the label of another model"),
        ({"seeds": [1, 9002]}, "9002 is a seed that settings are chosen with"),
        (
            {"tuning": {"add": [{"label": "X", "model": {"name": "DCN"}, "own": {"model.depth": {"choice": [1]}}}]}},
            "depth: unknown key",
        ),
    ],
)
def test_mistakes_are_one_line(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError) as caught:
        _ = plan(datasets=["frappe"], **changes).cells
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tuning: tuning["shared"].update({"model.dropuot": {"choice": [0.1]}}), "shared: model.dropuot: no"),
        (lambda tuning: tuning["models"][0].update(own_on={"frape": {}}), "models.0.own_on: no dataset 'frape'"),
    ],
)
def test_what_would_draw_nothing_is_a_mistake(
    config_folder: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    shutil.copytree(ROOT / "config", config_folder, dirs_exist_ok=True)
    edit_yaml(config_folder / "experiments/tuned.yaml", lambda content: change(content["tuning"]))
    with pytest.raises(UserError, match=words):
        _ = plan(datasets=["frappe"]).cells


def test_a_round_is_another_with_another_candidate_or_another_number_to_keep() -> None:
    base = {one.model: one for one in plan(datasets=["frappe"]).rounds}
    same = {one.model: one for one in plan(datasets=["frappe"], experiments=["tuned"], seeds=[7]).rounds}
    fewer = {one.model: one for one in plan(datasets=["frappe"], tuning={"finalists": 2}).rounds}
    assert {name: one.id for name, one in base.items()} == {name: one.id for name, one in same.items()}
    assert all(base[name].id != one.id for name, one in fewer.items())
    assert len({one.id for one in base.values()}) == len(base)


# -- space -----------------------------------------------------------------------------


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
