"""Table VII: a model that is better only when tuned is better there, and not in the untuned comparison."""

from collections.abc import Callable
from dataclasses import replace
from math import exp, log10
from pathlib import Path

import numpy as np
import pytest

from tests.analysis.conftest import Held
from workflow.analysis.compare.budgets import budgets_of, untuned
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures.builders import render as render_figure
from workflow.analysis.pages.markdown import to_markdown
from workflow.analysis.report.know import to_know
from workflow.analysis.tables import tuned as table_7
from workflow.analysis.tables.builders import build
from workflow.plan.campaign import Plan
from workflow.spec import RunSpec
from workflow.train.choice import follow

MODELS = ("TF4CTR", "DCN", "FinalMLP")


def planted(run: RunSpec) -> float:
    """AUC without noise: TF4CTR depends on its L2 and is best at 0.01, the others do not; the protocol's is 0.1."""
    if run.model.name != "TF4CTR":
        return {"DCN": 0.955, "FinalMLP": 0.952}.get(run.model.name, 0.940)
    return 0.950 + 0.010 * exp(-(log10(run.optimizer.embedding_l2 / 0.01) ** 2))


def settled(plan: Plan, held: Held) -> Plan:
    """The plan with the choices that follow from these records."""
    return follow(plan.campaign, lambda run: held.get(run.key))[0]


def run_all(plan: Plan, held: Held) -> Plan:
    """Give every run its planted score with noise, stage by stage; nothing is trained."""
    generator = np.random.default_rng(8)
    while lacking := [run for run, _ in plan.runs.values() if run.key not in held]:
        for run in lacking:
            noise, other = generator.normal(0, 0.0004, 2)
            held.put(run, auc=planted(run) + other, valid_auc=planted(run) + noise)
        plan = settled(plan, held)
    return plan


@pytest.fixture
def tuned(real_plan: Callable[..., Plan], held: Held) -> Evidence:
    """Everything of three models has run."""
    changes = {"models": MODELS, "trials": 8, "finalists": 2}
    plan = real_plan("table_4", "tuned", "figure_11", datasets=["frappe"], tuning=changes, seeds=list(range(1, 6)))
    return Evidence.load(run_all(plan, held))


def test_the_tuned_comparison_shows_the_gain_and_the_untuned_one_does_not(tuned: Evidence) -> None:
    found = comparisons_of(tuned)
    assert found["tuned@frappe"].verdict.finding is Finding.GAIN
    assert (found["tuned@frappe"].members, found["tuned@frappe"].planned) == (("DCN", "FinalMLP"), 2)  # of those tuned
    assert found["tuned-over:DCN@frappe"].verdict.finding is Finding.GAIN
    untuned = found["tf4ctr-over:DCN@frappe"]
    assert untuned.gain.mean is not None
    assert untuned.gain.mean < 0
    assert untuned.verdict.finding not in (Finding.HOLDS, Finding.SMALLER, Finding.GAIN)
    text = to_markdown(build(tuned, "tuned"), Path())
    assert "Table VII" in text
    assert found["tuned-over:DCN@frappe"].gain.ours in text
    assert untuned.gain.ours in text


def test_a_family_counts_models_whose_setting_is_not_chosen_yet(real_plan: Callable[..., Plan], held: Held) -> None:
    changes = {"models": MODELS, "trials": 2, "finalists": 2}
    plan = real_plan("table_4", "tuned", datasets=["frappe"], tuning=changes, seeds=[1, 2, 3])
    early = comparisons_of(Evidence.load(plan)).named("tuning")
    late = comparisons_of(Evidence.load(run_all(plan, held))).named("tuning")
    assert early == []
    assert {one.gain.family for one in late} == {len(MODELS)}
    done = Plan(plan.campaign, lambda one: None if one.model == "DCN" else (0, 1)[: one.keep])
    found = comparisons_of(Evidence.load(done)).named("tuning")
    assert [one.item for one in found] == ["TF4CTR, tuned", "FinalMLP, tuned"]
    assert {one.gain.family for one in found} == {len(MODELS)}


@pytest.mark.parametrize("failing", [("DCN", 1), ("DCN", 3)])
def test_trials_that_failed_are_said(real_plan: Callable[..., Plan], held: Held, failing: tuple[str, int]) -> None:
    model, failures = failing
    changes = {"models": ("TF4CTR", model), "trials": 3, "finalists": 2}
    plan = real_plan("tuned", datasets=["frappe"], tuning=changes, seeds=[1, 2, 3])
    for cell in plan.cells_of("tuned"):
        fails = cell.at["model"] == model and int(cell.at["trial"]) <= failures
        for run in cell.runs:
            held.put(run, auc=planted(run), failure="no" if fails else None)
    found = {each.model: each for each in budgets_of(Evidence.load(settled(plan, held)), "tuned", "frappe")}
    assert found[model].is_whole
    assert len(found[model].validation) == 3 - failures
    text = to_markdown(build(Evidence.load(settled(plan, held)), "tuned"), Path())
    assert f"{3 - failures} of 3, {failures} failed" in text
    assert "Not run" not in text
    assert ("every trial failed" in text) == (failures == 3)


def test_untuned_settings_that_are_drawn_too_are_named(tuned: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not among the trials" in table_7.build(tuned, "tuned").notes[0]
    own, *others = budgets_of(tuned, "tuned", "frappe")
    plain = untuned(tuned, own)
    assert plain is not None
    hit = [replace(own, trials=(*own.trials, plain)), *others]
    monkeypatch.setattr(table_7, "budgets_of", lambda *_: hit)
    note = table_7.build(tuned, "tuned").notes[0]
    assert own.model in note
    assert [one.model for one in others if one.model in note] == []


def test_what_is_shown_of_a_model_is_what_its_runs_gave(tuned: Evidence) -> None:
    own = next(each for each in budgets_of(tuned, "tuned", "frappe") if each.model == "TF4CTR")
    assert len(own.trials) == 8
    assert len(own.finalists) == 2
    assert own.final is not None
    trained = [record for record in own.final.records if record]
    assert own.final_test == pytest.approx(np.mean([record.test.auc for record in trained if record.test]))
    assert own.best_validation == max(own.validation)
    assert own.best_test == max(value for one in own.trials for value in one.values("auc"))
    assert own.optimism == pytest.approx(max(own.validation) - np.mean([r.valid.auc for r in trained if r.valid]))
    assert float(own.drawn["optimizer.embedding_l2"]) == own.final.cell.runs[0].optimizer.embedding_l2
    (row,) = [row for row in build(tuned, "tuned").data if row["model"] == "TF4CTR"]
    assert float(row["test"]) == pytest.approx(own.final_test, abs=1e-6)


def test_a_reader_is_told_how_many_models_tuning_made_better(tuned: Evidence) -> None:
    def reached(place: dict[str, str]) -> float:
        cell = tuned.cell(place)
        assert cell is not None
        return float(np.mean([record.test.auc for record in cell.records if record and record.test]))

    place = {"dataset": "frappe", "table": "7", "stage": "final"}
    better = sum(
        reached({**place, "model": name}) > reached({"dataset": "frappe", "table": "4", "model": name})
        for name in MODELS
    )
    assert better >= 1
    told = " ".join(to_know(tuned, None, comparisons_of(tuned)))
    assert f"TF4CTR, FinalMLP and DCN on Frappe (8 trials each); {better} of them " in told


def test_nothing_and_a_part_are_shown_as_what_they_are(real_plan: Callable[..., Plan], held: Held) -> None:
    plan = real_plan("tuned", datasets=["frappe"], tuning={"models": MODELS, "trials": 3, "finalists": 2})
    assert "Not run, 3 of 3 models" in to_markdown(build(Evidence.load(plan), "tuned"), Path())
    held.put(plan.cells[0].runs[0], auc=0.9)
    (row, *_) = build(Evidence.load(settled(plan, held)), "tuned").data
    assert (row["finished"], row["chosen"], row["test"]) == ("1", "not chosen yet", "")


def test_a_campaign_with_limits_shows_its_choices(real_plan: Callable[..., Plan], held: Held) -> None:
    """The paper's plan, which tells what keeps the protocol, follows the same choices under other limits."""
    changes = {"models": MODELS[:2], "trials": 3, "finalists": 2}
    limits = {"training": {"max_epochs": 3}}
    plan = run_all(real_plan("tuned", datasets=["frappe"], tuning=changes, seeds=[1], limits=limits), held)
    cells = Evidence.load(plan).cells("tuned")
    assert [one.at for one in cells if one.at["stage"] == "final"] == [
        {"table": "7", "dataset": "frappe", "model": name, "stage": "final"} for name in MODELS[:2]
    ]
    assert {one.ground.standing for one in cells} == {"other protocol"}


def test_the_figure_draws_every_model(tuned: Evidence) -> None:
    written = render_figure(tuned, "figure_11", Path("figures"))
    csv = next(path for path in written if path.suffix == ".csv").read_text().splitlines()
    assert len(csv) == 1 + 3 * 8
    assert {line.split(",")[1] for line in csv[1:]} == set(MODELS)
