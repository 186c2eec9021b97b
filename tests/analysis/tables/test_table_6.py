"""Table VI and the cost table from synthetic records with known answers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.tables.tables_help import Put, Rendered
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Standing
from workflow.analysis.paper.author_logs import load_logs
from workflow.analysis.paper.prints import load_paper
from workflow.analysis.tables.cost import author_logs, costs_of, gain_per_million, reference_of
from workflow.analysis.tables.table_6 import readings_of, spread
from workflow.plan.campaign import Plan
from workflow.plan.config import check_campaign
from workflow.train.record import Parameters, read_record, write_record
from workflow.train.timing_record import Timed, TimingRecord, write_timing

HEX = "ab" * 32


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def plan(**changes: Any) -> Plan:
    values = {"campaign": "small", "datasets": ["kkbox", "frappe"], "experiments": ["table_6"]}
    return Plan(check_campaign({**values, **changes}, "test"))


def timing(made: Plan, origin: str = "published") -> TimingRecord:
    """Model k takes (k + 1) seconds in round 0 and twice that in round 1, when all are slow."""
    models = tuple(
        Timed(
            label=cell.label,
            spec=cell.runs[0],
            train_s=(place + 1.0, 2 * (place + 1.0)),
            infer_s=(0.5, 1.0),
            peak_memory_bytes=2**30,
            parameters=Parameters(embedding=10, rest=5),
        )
        for place, cell in enumerate(made.timed_cells_of("table_6"))
    )
    values = {"data_origin": origin, "data_note": "", "data_fingerprint": HEX, "code": HEX, "versions": {}}
    machine = {"hardware": "a machine", "device": "cpu", "started": "now", "others_share": 0.25}
    return TimingRecord.model_validate({"models": models, "train_rows": 1000, "valid_rows": 100, **values, **machine})


def timed(made: Plan, origin: str = "published") -> Evidence:
    write_timing(Path("results/timings/small.json"), timing(made, origin))
    return Evidence.load(made)


def test_ratios_are_taken_within_a_round() -> None:
    readings = readings_of(timed(plan()), "table_6")
    assert list(readings) == load_paper().values_of("6", "model")  # the paper's names, in its order
    own = readings["xDeepFM"]["train"]
    assert own.ratios == (2.0, 2.0)  # though the second round was twice as slow
    assert own.paper_ratio == 1.52
    assert own.difference == pytest.approx(2 / 1.52 - 1)
    assert own.verdict == Verdict(Finding.LOWER, Standing.PUBLISHED)
    assert readings["DualMLP"]["infer"].verdict.finding is Finding.CONSISTENT
    assert readings["DNN (Base)"]["train"].verdict.finding is Finding.NONE


@pytest.mark.parametrize(
    ("ratios", "close"), [((1.6,), True), ((1.0, 1.64, 9.0), True), ((1.66,), False), ((1.34,), False)]
)
def test_a_ratio_is_consistent_within_a_tenth_of_the_printed(ratios: tuple[float, ...], close: bool) -> None:
    reading = replace(readings_of(timed(plan()), "table_6")["xDeepFM"]["train"], ratios=ratios, paper_ratio=1.5)
    assert (reading.verdict.finding is Finding.CONSISTENT) is close


def test_a_timing_of_other_runs_than_the_planned_is_none() -> None:
    write_timing(Path("results/timings/small.json"), timing(plan(limits={"training": {"batch_size": 77}})))
    assert readings_of(Evidence.load(plan()), "table_6") == {}


def test_the_table_says_on_what_it_was_measured() -> None:
    found = Rendered(timed(plan(timing={"twin_rows": 370000}), "twin"), "table_6")
    for told in ("KKBox: synthetic: synthetic data", "of KKBox's rows", "Other processes used 25 %", "1.5 (1 to 2)"):
        assert told in found.text
    rows = [line for line in found.lines if line[0] == "xDeepFM"]
    assert [row[-1] for row in rows[:2]] == ["synthetic", "synthetic"]
    assert rows[0][-2] == "+32 %"  # 2 against 1.52
    assert len(found.rows) == 7 * 2


def test_without_a_timing_the_table_says_how_to_get_it() -> None:
    assert "Not timed yet" in Rendered(plan(), "table_6").text


def test_timed_runs_are_not_trained_and_their_data_are_planned() -> None:
    made = plan(timing={"twin_rows": 5000}, datasets=["frappe"])
    assert made.runs == {}
    (meta,) = made.metas_of("table_6")
    config, spec = made.sources[-1]
    assert (config.name, spec.meta_path, spec.name) == ("kkbox", meta, "kkbox-twin")
    assert made.prepared(spec.id) == (config, spec)
    assert spec.preparation.twin is not None
    assert spec.preparation.twin.rows == 5000


def test_cost_per_added_parameter(put: Put) -> None:
    made = plan(experiments=["table_4"], datasets=["frappe"], seeds=[2023])
    sizes = {
        "DualMLP": (1_000_000, 0.97),
        "TF4CTR": (3_000_000, 0.98),
        "WideDeep": (900_000, 0.96),
        "DCNv2": (1_000_002, 0.96),
    }
    for cell in made.cells:
        if cell.label in sizes:
            rest, auc = sizes[cell.label]
            path = put(cell.runs[0], auc=auc)
            record = read_record(path)
            write_record(path, record.model_copy(update={"parameters": Parameters(embedding=0, rest=rest)}))
    costs = {cost.label: cost for cost in costs_of(Evidence.load(made))}
    reference = reference_of(list(costs.values()), "frappe")
    assert reference is costs["DualMLP"]
    assert gain_per_million(costs["TF4CTR"], reference) == pytest.approx(0.5)  # one point for two million
    assert gain_per_million(costs["WideDeep"], reference) is None  # it has fewer
    assert gain_per_million(costs["DCNv2"], reference) is None  # two parameters more are no price
    assert gain_per_million(costs["DCN"], reference) is None  # not run
    assert costs["TF4CTR"].log is not None
    found = Rendered(made, "cost")
    assert "| TF4CTR" in found.text
    (row,) = (row for row in found.rows if row["model"] == "TF4CTR")
    assert not any("_s" in name or "second" in name for name in row if not name.startswith("authors_"))
    assert float(row["auc_gain_per_million"]) == pytest.approx(0.005)


def test_authors_times_are_those_of_their_logs() -> None:
    logs = author_logs(load_logs())
    frappe = logs["Frappe", "TF4CTR", "twin_focus"]
    assert (frappe["train_s_mean"], frappe["eval_s_mean"], frappe["best_epoch"]) == ("1.26", "5.54", "23")
    assert logs["KKBox", "DualMLP", "twin_focus"]["best_epoch"] == "25"


def test_spread_shows_the_range() -> None:
    assert spread((0.5, 1.5), lambda value: f"{value:.1f}") == "1.0 (0.5 to 1.5)"
