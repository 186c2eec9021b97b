"""Estimates: from runs that finished here, if any, else from counted work and a measured speed."""

import errno
from pathlib import Path
from typing import Any

import pytest

from tests.made_records import made_record
from tests.train.prepared import run_spec, write_prepared
from workflow import files
from workflow.cost import epochs, machine
from workflow.cost.epochs import Basis, Data, Work, data_of
from workflow.cost.forecast import (
    COUNTED,
    FINISHED,
    JOB_S,
    LIKE,
    NEXT_S,
    PAGES_S,
    SNAKEMAKE_S,
    UNKNOWN,
    besides_s,
    forecast,
)
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.settings import Custom
from workflow.spec import RunSpec
from workflow.train.record import Metrics, Record

pytestmark = pytest.mark.usefixtures("here", "counted")


@pytest.fixture
def plan() -> Plan:
    campaign = load_campaign(ROOT / "config/small.yaml")
    return Plan(campaign.model_copy(update={"experiments": ("table_3",), "seeds": (1, 2), "device": "cpu"}))


def record_of(run: RunSpec, wall_s: float, epoch_s: float = 1.0, epochs: int = 1) -> Record:
    """A finished record of a run."""
    made = made_record(run, Metrics(auc=0.8, gauc=None, logloss=0.4), wall_s=wall_s)
    done = [
        made.epochs[0].model_copy(update={"epoch": n + 1, "train_s": epoch_s, "eval_s": 0.0}) for n in range(epochs)
    ]
    return made.model_copy(update={"epochs": tuple(done)})


def basis() -> Basis:
    return Basis("cpu", here=True)


def on(plan: Plan, dataset: str) -> list[RunSpec]:
    return [run for run, _ in plan.runs.values() if run.dataset.name == dataset]


def test_runs_that_finished_here_tell_those_of_the_same_model_and_data(plan: Plan, counted: list[str]) -> None:
    alike = [run for run in on(plan, "frappe") if run.model.name == "TF4CTR"]
    first, second, other = alike[:3]
    assert first.id == second.id != other.id
    records = {first.key: record_of(first, 100.0), other.key: record_of(other, 40.0)}
    costs = forecast(plan, records, basis()).of
    assert (costs[first.key].source, costs[first.key].seconds) == (FINISHED, 100.0)
    assert (costs[second.key].source, costs[second.key].seconds) == (LIKE, 70.0)
    assert (costs[second.key].low_s, costs[second.key].high_s) == pytest.approx((70 / 1.5, 105.0))
    assert {costs[run.key].source for run in alike} == {FINISHED, LIKE}
    assert {costs[run.key].source for run in on(plan, "ml-1m")} == {COUNTED}
    assert set(counted) == {"TF4CTR", "DualMLP"}
    counted.clear()
    whole = {run.key: record_of(run, 1.0) for run, _ in plan.runs.values()}
    assert {cost.source for cost in forecast(plan, whole, basis()).of.values()} == {FINISHED}
    assert counted == []  # torch is not needed


def test_counted_work_by_hand(plan: Plan) -> None:
    run = on(plan, "frappe")[0]
    costs = forecast(plan, {}, basis())
    train_s = 3 * (3000 / 1e9 + 200 / 1e8) + 10 * 1.15e-6 + 28 * 5000 / 1e8 / 10_000  # Frappe has ten columns
    epoch_s = 202_027 * train_s + 57_722 * (1000 / 1e9 + 100 / 1e8)
    assert costs.of[run.key].source == COUNTED
    assert costs.of[run.key].seconds == pytest.approx(22 * epoch_s)  # the median of the authors' logs on Frappe
    assert "measured just now: 1 billion" in costs.notes[0]


def test_the_count_is_held_against_runs_that_finished_here(plan: Plan) -> None:
    before = forecast(plan, {}, basis()).of
    done = on(plan, "ml-1m")[0]
    epoch_s = basis().epoch_s(done)
    assert epoch_s is not None
    costs = forecast(plan, {done.key: record_of(done, 100.0, epoch_s=2 * epoch_s, epochs=7)}, basis())
    left = on(plan, "frappe")[0]
    assert costs.of[left.key].seconds == pytest.approx(2 * before[left.key].seconds)
    assert costs.notes[-1] == "It is calibrated on 1 kinds of runs that finished here (factor 2.00)."


def test_shipped_runs_tell_how_many_epochs_a_run_takes_and_no_time(plan: Plan) -> None:
    first, second, *_ = on(plan, "frappe")
    usual, shipped = forecast(plan, {}, basis()).of, {first.key: record_of(first, 9999.0, epoch_s=500.0, epochs=11)}
    for restored in ({}, shipped):
        costs = forecast(plan, restored, basis(), shipped=shipped).of
        for run in (first, second)[len(restored) :]:  # the same run, and one of its model and data
            assert costs[run.key].source == COUNTED
            assert costs[run.key].seconds == pytest.approx(usual[run.key].seconds / 2)  # the authors' logs have 22


def test_what_was_counted_is_kept(plan: Plan, counted: list[str]) -> None:
    before = forecast(plan, {}, basis())
    assert counted
    counted.clear()
    assert forecast(plan, {}, basis()) == before
    assert counted == []
    epochs.KEPT.write_text("{")
    assert forecast(plan, {}, basis()) == before
    assert counted


def test_a_read_only_folder_keeps_nothing(plan: Plan, counted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> tuple[int, str]:
        raise PermissionError(errno.EACCES, "Permission denied", "results/.counts.json.x.part")

    monkeypatch.setattr(files.tempfile, "mkstemp", refuse)
    assert forecast(plan, {}, basis()).of
    assert not epochs.KEPT.exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"a": [1]}', '{"a": 3}', '{"a": ["x", 1, 1, 1, 1, 1]}', "\udcff"])
def test_damaged_counts_are_one_line(content: str, counted: list[str]) -> None:
    epochs.SHIPPED.write_text(content, errors="surrogateescape")
    with pytest.raises(UserError) as caught:
        epochs.shipped()
    entry = "a: " if "a" in content else ""
    assert str(caught.value).startswith(f"{epochs.SHIPPED}: {entry}damaged counts (")
    assert str(caught.value).endswith(f"; restore it: git checkout -- {epochs.SHIPPED}")
    assert "\n" not in str(caught.value)


def test_a_device_that_is_not_here_is_assumed_and_said(plan: Plan) -> None:
    costs = forecast(plan, {}, Basis("cuda", here=True))
    assert costs.notes[0] == "Counted work, at an assumed speed of a GPU: 10,000 billion multiply-adds a second."
    assert all(cost.seconds > 0 for cost in costs.of.values())


def test_prepared_data_tell_their_rows_and_a_broken_model_is_unknown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = write_prepared(rows=900)
    assert data_of(spec) == Data(900, 300, 300, ((22, 1, "mean"), (42, 1, "mean"), (6, 1, "mean")))
    (tmp_path / "own.py").write_text("class Broken: pass")
    run = run_spec(model=Custom(module="own.py:Broken"))

    def fail(settings: Any, fields: Any) -> Work:
        raise TypeError("Broken takes nothing")

    monkeypatch.setattr(machine, "work_of", fail)
    campaign = load_campaign(ROOT / "config/demo.yaml").model_copy(update={"experiments": ()})
    plan = Plan(campaign)
    vars(plan)["runs"] = {run.key: (run, frozenset())}
    costs = forecast(plan, {}, basis()).of
    assert (costs[run.key].source, costs[run.key].seconds) == (UNKNOWN, 0.0)


# -- what a campaign takes besides training -------------------------------------------


def demo(**changes: Any) -> Plan:
    return Plan(load_campaign(ROOT / "config/demo.yaml").model_copy(update=changes))


@pytest.mark.parametrize(
    ("packs", "tables_s"),
    [("experiments", 2 * JOB_S["table"]), ("datasets", JOB_S["table"] + NEXT_S["table"])],
)
def test_each_job_counts_once_and_one_that_renders_all_has_no_other_beside_it(packs: str, tables_s: float) -> None:
    plan = demo(experiments=("table_3", "figure_6"), datasets=("frappe",), packs=packs)
    started_s = len(plan.packs) * JOB_S["train"] + JOB_S["prepare"] + JOB_S["twin"]
    rendered_s = JOB_S["figure"] + PAGES_S + tables_s
    for cores in (1, 2):
        expected_s = started_s / cores + rendered_s / (cores if packs == "experiments" else 1)
        assert besides_s(plan, plan.runs, cores, basis()) == pytest.approx(SNAKEMAKE_S + expected_s, abs=0.1)
    assert besides_s(plan, (), 1, basis()) == 0.0


def test_slower_python_lengthens_what_is_not_computed() -> None:
    plan, usual, slow = demo(experiments=("table_3", "figure_6"), datasets=("frappe",)), basis(), basis()
    vars(slow)["speed"] = usual.speed.model_copy(update={"python": 0.5})
    assert besides_s(plan, plan.runs, 1, slow) == pytest.approx(2 * besides_s(plan, plan.runs, 1, usual), rel=0.02)


def test_timing_has_the_machine_to_itself() -> None:
    trained, timed = (demo(experiments=names, datasets=("kkbox",)) for names in (("table_3",), ("table_3", "table_6")))
    for cores in (1, 8):
        before_s, after_s = (besides_s(plan, plan.runs, cores, basis()) for plan in (trained, timed))
        assert after_s - before_s > JOB_S["timing"]
