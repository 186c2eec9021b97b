"""Estimates: from finished runs where there are any, else from counted work and a measured speed."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.train.prepared import run_spec, write_prepared
from workflow import files
from workflow.cost import epochs as bases
from workflow.cost import forecast as forecasting
from workflow.cost import machine
from workflow.cost.counts import Work
from workflow.cost.epochs import Basis, Data, data_of
from workflow.cost.forecast import COUNTED, FINISHED, MODEL, SEEDS, UNKNOWN, expected, forecast
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.provenance.equivalents import families
from workflow.settings import Custom
from workflow.spec import RunSpec
from workflow.train.keep import training_code
from workflow.train.record import Epoch, Record, read_record
from workflow.train.run import train_runs


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: list[str]) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def plan() -> Plan:
    campaign = load_campaign(ROOT / "config/small.yaml")
    return Plan(campaign.model_copy(update={"experiments": ("table_3",), "seeds": (1, 2), "device": "cpu"}))


@pytest.fixture
def record_of(tmp_path: Path) -> Callable[..., Record]:
    """Return a function that makes a finished record of a run."""
    write_prepared(rows=200)
    toy = run_spec(max_epochs=1)
    train_runs([toy], "cpu", 0.0, lambda _: None)
    made = read_record(toy.record_path)

    def make(run: RunSpec, wall_s: float, epoch_s: float = 1.0, epochs: int = 1) -> Record:
        done = [
            made.epochs[0].model_copy(update={"epoch": n + 1, "train_s": epoch_s, "eval_s": 0.0}) for n in range(epochs)
        ]
        provenance = made.provenance.model_copy(update={"wall_s": wall_s})
        return made.model_copy(update={"spec": run, "epochs": tuple[Epoch, ...](done), "provenance": provenance})

    return make


def on(plan: Plan, dataset: str) -> list[RunSpec]:
    return [run for run, _ in plan.runs.values() if run.dataset.name == dataset]


def test_finished_runs_tell_first_those_of_the_same_settings_then_of_the_same_model(
    plan: Plan, record_of: Callable[..., Record], counted: list[str]
) -> None:
    alike = [run for run in on(plan, "frappe") if run.model.name == "TF4CTR"]
    first, second, other = alike[:3]
    assert first.id == second.id != other.id
    records = {first.key: record_of(first, 100.0), other.key: record_of(other, 40.0)}
    costs = forecast(plan, records, "cpu").of
    assert (costs[first.key].source, costs[first.key].seconds) == (FINISHED, 100.0)
    assert (costs[second.key].source, costs[second.key].seconds) == (SEEDS, 100.0)
    assert {costs[run.key].source for run in alike} == {FINISHED, SEEDS, MODEL}
    assert {costs[run.key].seconds for run in alike if costs[run.key].source == MODEL} == {70.0}
    assert {costs[run.key].source for run in on(plan, "ml-1m")} == {COUNTED}
    asked = set(counted)
    counted.clear()
    whole = {run.key: record_of(run, 1.0) for run, _ in plan.runs.values()}
    assert {cost.source for cost in forecast(plan, whole, "cpu").of.values()} == {FINISHED}
    assert asked == {"TF4CTR", "DualMLP", "speed"}
    assert counted == []  # neither torch nor a measurement is needed


def test_runs_of_an_earlier_engine_tell_no_other_runs_time(
    record_of: Callable[..., Record], counted: list[str]
) -> None:
    campaign = load_campaign(ROOT / "config/small.yaml").model_copy(update={"experiments": ("table_4",)})
    plan = Plan(campaign)
    first, second, *_ = (run for run in on(plan, "frappe") if run.model.name == "xDeepFM")
    record = record_of(first, 100.0)
    for code, source in ((families()["xDeepFM"].frozen, COUNTED), (training_code(first.model), SEEDS)):
        provenance = record.provenance.model_copy(update={"code": code})
        costs = forecast(plan, {first.key: record.model_copy(update={"provenance": provenance})}, "cpu").of
        assert (costs[first.key].source, costs[first.key].seconds) == (FINISHED, 100.0)
        assert costs[second.key].source == source


def test_counted_work_by_hand(plan: Plan) -> None:
    run = on(plan, "frappe")[0]
    costs = forecast(plan, {}, "cpu")
    train_s = 3 * (3000 / 1e9 + 200 / 1e8) + 28 * 5000 / 1e8 / 10_000
    epoch_s = 202_027 * train_s + 57_722 * (1000 / 1e9 + 100 / 1e8)
    assert costs.of[run.key].source == COUNTED
    assert costs.of[run.key].seconds == pytest.approx(22 * epoch_s)  # the median of the authors' logs on Frappe
    assert "speed of" in costs.notes[0]


def test_the_count_is_held_against_finished_runs(plan: Plan, record_of: Callable[..., Record]) -> None:
    before = forecast(plan, {}, "cpu").of
    done = on(plan, "ml-1m")[0]
    basis = Basis("cpu").epoch_s(done)
    assert basis is not None
    costs = forecast(plan, {done.key: record_of(done, 100.0, epoch_s=2 * basis, epochs=7)}, "cpu")
    left = on(plan, "frappe")[0]
    assert costs.of[left.key].seconds == pytest.approx(2 * before[left.key].seconds)
    assert costs.notes[1] == "Counted work is calibrated on a finished run (factor 2.00, from 2.00 to 2.00)."


def test_shipped_runs_tell_until_a_run_has_finished_here(
    plan: Plan, record_of: Callable[..., Record], counted: list[str]
) -> None:
    first, second, *_ = on(plan, "frappe")
    shipped = {first.key: record_of(first, 100.0, epochs=7)}
    costs = expected(plan, {}, "cpu", shipped=shipped)
    assert costs == expected(plan, {}, "cpu", shipped=shipped, here=False)  # no speed of this machine
    assert "speed" not in counted
    assert (costs.of[first.key].source, costs.of[first.key].seconds) == (FINISHED, 100.0)
    assert costs.notes[0].startswith("Based on the 1 shipped runs (")
    own = {second.key: record_of(second, 40.0)}
    assert expected(plan, own, "cpu", shipped=shipped) == forecast(plan, own, "cpu")
    assert expected(plan, {}, "cuda", shipped=shipped, here=False) == forecast(plan, {}, "cuda", here=False)


def test_what_was_counted_and_measured_is_kept(plan: Plan, counted: list[str]) -> None:
    before = forecast(plan, {}, "cpu")
    assert counted.count("speed") == 1
    counted.clear()
    assert forecast(plan, {}, "cpu") == before
    assert counted == []
    bases.KEPT.write_text("{")
    assert forecast(plan, {}, "cpu") == before
    assert counted


def test_a_folder_that_cannot_be_written_keeps_nothing(
    plan: Plan, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> tuple[int, str]:
        raise PermissionError(errno.EACCES, "Permission denied", "results/.cost_basis.json.x.part")

    monkeypatch.setattr(files.tempfile, "mkstemp", refuse)
    assert forecast(plan, {}, "cpu").of
    assert not bases.KEPT.exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"a": [1]}', '{"a": 3}', '{"a": ["x", 1, 1, 1, 1, 1]}', "\udcff"])
def test_damaged_counts_are_one_line(content: str, counted: list[str]) -> None:
    bases.SHIPPED.write_text(content, errors="surrogateescape")
    with pytest.raises(UserError) as caught:
        bases.shipped()
    entry = "a: " if "a" in content else ""
    assert str(caught.value).startswith(f"{bases.SHIPPED}: {entry}damaged counts (")
    assert str(caught.value).endswith(f"; restore it: git checkout -- {bases.SHIPPED}")
    assert "\n" not in str(caught.value)


def test_a_device_that_is_not_here_is_assumed_and_said(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "has_device", lambda device: device == "cpu")
    costs = forecast(plan, {}, "cuda")
    assert costs.notes == ("No cuda device is here: its speed is assumed.",)
    assert all(cost.seconds > 0 for cost in costs.of.values())


def test_prepared_data_tell_their_rows_and_a_model_that_does_not_start_is_unknown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = write_prepared(rows=900)
    assert data_of(spec) == Data(900, 300, 300, ((22, 1, "mean"), (42, 1, "mean"), (6, 1, "mean")))
    (tmp_path / "own.py").write_text("class Broken: pass")
    run = run_spec(model=Custom(module="own.py:Broken"))

    def fail(settings: Any, fields: Any) -> Work:
        raise TypeError("Broken takes nothing")

    monkeypatch.setattr(machine, "work_of", fail)
    costs = forecasting._counted([run], [], Basis("cpu"))
    assert (costs.of[run.key].source, costs.of[run.key].seconds) == (UNKNOWN, 0.0)
