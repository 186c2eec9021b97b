"""Tuned experiments: stages as ordinary cells, rounds, budgets and what a campaign changes."""

from typing import Any

import pytest

from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import check_campaign
from workflow.plan.tuning import Chosen, Round, foreseen, undecided

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


def test_a_round_is_another_with_another_candidate_or_another_number_to_keep() -> None:
    base = {one.model: one for one in plan(datasets=["frappe"]).rounds}
    same = {one.model: one for one in plan(datasets=["frappe"], experiments=["tuned"], seeds=[7]).rounds}
    fewer = {one.model: one for one in plan(datasets=["frappe"], tuning={"finalists": 2}).rounds}
    assert {name: one.id for name, one in base.items()} == {name: one.id for name, one in same.items()}
    assert all(base[name].id != one.id for name, one in fewer.items())
    assert len({one.id for one in base.values()}) == len(base)
