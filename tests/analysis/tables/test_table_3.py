"""Table III: its experiment file and its rendering."""

import re
from pathlib import Path

import pytest

from tests.analysis.prints_help import reprinted
from tests.analysis.tables import tables_help
from tests.analysis.tables.tables_help import OUT, MakePlan, Put, Rendered
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.prints import load_paper
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import load_experiment
from workflow.spec import RunSpec

OWN = ("frappe", "SER+WSF", "auc")


def run_of(plan: Plan, dataset: str, label: str) -> RunSpec:
    return tables_help.runs_of(plan, dataset, label, "table_3")[0]


# -- the experiment -------------------------------------------------------------------


def test_grid_and_reference(make_plan: MakePlan) -> None:
    labels = [cell.label for cell in make_plan().cells_of("table_3") if cell.dataset == "frappe"]
    noisy = {f"{ssem}+VF (noise at evaluation)" for ssem in ("SER", "GM", "MoE", "Share")}
    beyond = {"DualMLP (log loss)", "SER+WSF (log loss)", *noisy}
    prints = load_paper().frame.select("auc", table="3", dataset="frappe")
    grid = {f"{fact.at['ssem']}+{fact.at['dfm']}" for fact in prints}
    assert set(labels) == {*grid, *beyond}
    assert len(labels) == 20 + len(beyond)


@pytest.mark.parametrize("dataset", ["frappe", "ml-1m"])
def test_a_row_beyond_the_paper_differs_in_one_thing(make_plan: MakePlan, dataset: str) -> None:
    plan = make_plan()
    for ssem in ("SER", "GM", "MoE", "Share"):
        labels = (f"{ssem}+VF", f"{ssem}+VF (noise at evaluation)")
        quiet, noisy = (run_of(plan, dataset, label).canonical() for label in labels)
        assert (quiet["model"].pop("noise_at_eval"), noisy["model"].pop("noise_at_eval")) == (False, True)
        assert noisy == quiet
    with_loss, without = (run_of(plan, dataset, label).canonical() for label in ("SER+WSF", "SER+WSF (log loss)"))
    assert (with_loss.pop("loss")["name"], without.pop("loss")) == ("twin_focus", {"name": "log"})
    assert without == with_loss


def test_overrides_are_the_39_cells_with_a_log(config: Path) -> None:
    overrides = [o for o in load_experiment("table_3").overrides if set(o.at) == {"ssem", "dfm"}]
    places, sources = {(o.dataset, *o.at.values()) for o in overrides}, {o.source for o in overrides}
    assert len(overrides) == len(places) == len(sources) == 39
    counts = {name: sum(o.dataset == name for o in overrides) for name in ("ml-tag", "frappe", "kkbox", "ml-1m")}
    assert counts == {"ml-tag": 4, "frappe": 16, "kkbox": 9, "ml-1m": 10}


def test_overrides_reach_the_run(make_plan: MakePlan) -> None:
    plan = make_plan()
    logged = run_of(plan, "frappe", "MoE+VF").model_dump()
    assert (logged["model"]["simple_units"], logged["loss"]["c"], logged["loss"]["gamma"]) == ((400,), 0.9, 1)
    assert logged["loss"]["alpha"] == 0.25
    assert run_of(plan, "ml-1m", "MoE+WSF").model_dump()["model"]["dropout"] == 0.2
    assert run_of(plan, "ml-1m", "SER+WSF").model_dump()["model"]["dropout"] == 0.1
    plain = run_of(plan, "frappe", "GM+WSF").model_dump()
    assert (plain["loss"]["c"], plain["loss"]["gamma"]) == (0.8, 2)


# -- the table ------------------------------------------------------------------------


def test_cell_row_by_row(make_plan: MakePlan, put: Put) -> None:
    plan = make_plan()
    run = run_of(plan, "frappe", "SER+WSF")
    path = put(run, auc=0.987949, gauc=0.9790)
    put(run_of(plan, "frappe", "SER+VF"), auc=0.9870, gauc=0.98025)
    found = Rendered(plan, "table_3")
    row = found.numbers[OWN]
    assert (row["paper"], row["ours"], row["delta"], row["finding"]) == ("98.72", "98.79", "0.07", "")
    assert (row["run_keys"], row["records"]) == (run.key, path.as_posix())
    assert row["settings_from"] == "authors' log 422294bf"
    assert found.numbers["frappe", "SER+CF", "auc"]["finding"] == "not run"
    assert found.has("SER", "WSF", "**98.72**", "**98.79**†", "+0.07")
    assert found.has("SER", "VF", "98.52", "*98.70*†", "+0.18")
    cells = [line[:2] for line in found.lines if line[:1] == ["SER"]]
    assert cells == [["SER", "WSF"], ["SER", "VF"]] * 2  # and no other
    assert "Not run, 18 of 20 cells: SER+CF 98.70/98.21, SER+MoEF " in found.text
    line = next(line for line in found.text.splitlines() if run.key in line)
    assert (OUT / line.partition("](")[2].partition(")")[0]).resolve() == path.resolve()  # a link to the record


@pytest.mark.parametrize(
    ("campaign", "record", "row", "patterns"),
    [
        (
            {},
            {"auc": 0.9872, "origin": "other", "note": "train.csv is not the published file."},
            {"finding": "stand-in", "data_note": "train.csv is not the published file."},
            (r"## Frappe \(stand-in\)", "Data: stand-in: these bytes are none", "Data: no run yet."),
        ),
        (
            {"limits": {"training": {"max_epochs": 2}}},
            {"auc": 0.9872, "gauc": 0.9817},
            {"delta": "0.00", "finding": "other protocol"},
            ("not the paper's protocol: it sets max_epochs = 2", r"\| 98.72† +\| +0.00 +\| .*other protocol +\|"),
        ),
        ({}, {"failure": "loss is NaN | epoch 3"}, {"finding": "failed"}, (r"failed: loss is NaN \\\| epoch 3",)),
    ],
)
def test_what_is_no_evidence_of_the_paper_is_said(
    make_plan: MakePlan,
    put: Put,
    campaign: dict[str, object],
    record: dict[str, object],
    row: dict[str, str],
    patterns: tuple[str, ...],
) -> None:
    plan = make_plan(**campaign)
    put(run_of(plan, "frappe", "SER+WSF"), **record)
    found = Rendered(plan, "table_3")
    assert found.numbers[OWN].items() >= row.items()
    assert all(re.search(pattern, found.text) for pattern in patterns)


def test_twin_campaign(make_plan: MakePlan, put: Put) -> None:
    limits = {"training": {"max_epochs": 2}}
    plan = make_plan(datasets=["criteo"], every_dataset=True, twin={"rows": 4000}, limits=limits)
    put(run_of(plan, "criteo", "SER+WSF"), auc=0.75, gauc=None, origin="twin", note="planted model")
    found = Rendered(plan, "table_3")
    assert {metric for _, _, metric in found.numbers} == {"auc"}
    row = found.numbers["criteo", "SER+WSF", "auc"]
    assert (row["paper"], row["ours"], row["delta"], row["finding"]) == ("", "75.00", "", "synthetic")
    assert "synthetic: synthetic data [planted model]. It says nothing about the paper." in found.text
    assert "not the paper's protocol: it sets max_epochs = 2" in found.text


def test_a_changed_digit_changes_the_verdict(make_plan: MakePlan, put: Put, tmp_path: Path) -> None:
    plan = make_plan(seeds=[1, 2, 3, 4, 5])
    for run in tables_help.runs_of(plan, "frappe", "SER+WSF", "table_3"):
        put(run, auc=0.98725 + run.seed / 1e5)
    assert Rendered(plan, "table_3").numbers[OWN]["finding"] == "consistent"
    paper = load_paper(reprinted(tmp_path, {("3", "frappe", "SER", "WSF", "auc"): "98.82"}))
    assert Rendered(Evidence.load(plan, paper=paper), "table_3").numbers[OWN]["finding"] == "paper higher"


def test_the_same_bytes_twice_and_a_damaged_record_leaves_them(make_plan: MakePlan, put: Put) -> None:
    plan = make_plan()
    path = put(run_of(plan, "frappe", "SER+WSF"))
    before = Rendered(plan, "table_3").files
    assert Rendered(plan, "table_3").files == before
    path.write_text("{")
    with pytest.raises(UserError, match="damaged record"):
        Rendered(plan, "table_3")
    assert (OUT / "table_3.md").read_text() == before["md"]


def test_no_such_table(make_plan: MakePlan) -> None:
    with pytest.raises(UserError, match=r"experiment 'table_33' has no table; did you mean 'table_3'\?"):
        Rendered(make_plan(), "table_33")
