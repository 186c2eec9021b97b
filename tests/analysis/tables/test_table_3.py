"""Table III: its experiment file and what is rendered."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.analysis.prints_help import reprinted
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.prints import load_paper
from workflow.analysis.tables.builders import render
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import load_experiment
from workflow.spec import RunSpec

OUT = Path("paper_tables/small")


def rendered(suffix: str) -> str:
    return (OUT / f"table_3.{suffix}").read_text(encoding="utf-8")


def cells() -> dict[tuple[str, str, str], dict[str, str]]:
    with (OUT / "table_3.csv").open(newline="", encoding="utf-8") as stream:
        numbers = [row for row in csv.DictReader(stream) if row["kind"] == "number"]
    return {(row["dataset"], row["item"], row["metric"]): row for row in numbers}


def run_of(plan: Plan, dataset: str, label: str) -> RunSpec:
    return next(c.runs[0] for c in plan.cells_of("table_3") if (c.dataset, c.label) == (dataset, label))


# -- the experiment -------------------------------------------------------------------


def test_grid_and_reference(make_plan: Callable[..., Plan]) -> None:
    labels = [cell.label for cell in make_plan().cells_of("table_3") if cell.dataset == "frappe"]
    noisy = {f"{ssem}+VF (noise at evaluation)" for ssem in ("SER", "GM", "MoE", "Share")}
    beyond = {"DualMLP (log loss)", "SER+WSF (log loss)", *noisy}
    prints = load_paper().frame.select("auc", table="3", dataset="frappe")
    grid = {f"{fact.at['ssem']}+{fact.at['dfm']}" for fact in prints}
    assert set(labels) == {*grid, *beyond}
    assert len(labels) == 20 + len(beyond)


def test_noise_rows_are_the_cells_of_vf_with_noise_at_evaluation(make_plan: Callable[..., Plan]) -> None:
    plan = make_plan()
    for dataset in ("frappe", "ml-1m"):
        for ssem in ("SER", "GM", "MoE", "Share"):
            quiet, noisy = (
                run_of(plan, dataset, label).canonical() for label in (f"{ssem}+VF", f"{ssem}+VF (noise at evaluation)")
            )
            assert (quiet["model"].pop("noise_at_eval"), noisy["model"].pop("noise_at_eval")) == (False, True)
            assert noisy == quiet


def test_the_row_without_the_tf_loss_differs_in_the_loss_alone(make_plan: Callable[..., Plan]) -> None:
    plan = make_plan()
    for dataset in ("frappe", "ml-1m"):
        with_loss, without = (run_of(plan, dataset, label).canonical() for label in ("SER+WSF", "SER+WSF (log loss)"))
        assert (with_loss.pop("loss")["name"], without.pop("loss")) == ("twin_focus", {"name": "log"})
        assert without == with_loss


def test_overrides_are_the_39_cells_with_a_log(config: Path) -> None:
    overrides = [o for o in load_experiment("table_3").overrides if set(o.at) == {"ssem", "dfm"}]
    assert (
        len(overrides)
        == len({(o.dataset, *o.at.values()) for o in overrides})
        == len({o.source for o in overrides})
        == 39
    )
    counts = {name: sum(o.dataset == name for o in overrides) for name in ("ml-tag", "frappe", "kkbox", "ml-1m")}
    assert counts == {"ml-tag": 4, "frappe": 16, "kkbox": 9, "ml-1m": 10}


def test_overrides_reach_the_run(make_plan: Callable[..., Plan]) -> None:
    plan = make_plan()
    logged = run_of(plan, "frappe", "MoE+VF").model_dump()
    assert (logged["model"]["simple_units"], logged["loss"]["c"], logged["loss"]["gamma"]) == ((400,), 0.9, 1)
    assert logged["loss"]["alpha"] == 0.25
    assert run_of(plan, "ml-1m", "MoE+WSF").model_dump()["model"]["dropout"] == 0.2
    assert run_of(plan, "ml-1m", "SER+WSF").model_dump()["model"]["dropout"] == 0.1
    plain = run_of(plan, "frappe", "GM+WSF").model_dump()
    assert (plain["loss"]["c"], plain["loss"]["gamma"]) == (0.8, 2)


# -- the table ------------------------------------------------------------------------


def test_cell_row_by_row(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    run = run_of(plan, "frappe", "SER+WSF")
    put(run, auc=0.987949, gauc=0.9790)
    put(run_of(plan, "frappe", "SER+VF"), auc=0.9870, gauc=0.98025)
    render(Evidence.load(plan), "table_3", OUT)
    row = cells()["frappe", "SER+WSF", "auc"]
    assert (row["paper"], row["ours"], row["delta"], row["finding"]) == ("98.72", "98.79", "0.07", "")
    assert (row["run_keys"], row["records"]) == (run.key, run.record_path.as_posix())
    assert row["settings_from"] == "authors' log 422294bf"
    assert cells()["frappe", "SER+CF", "auc"]["finding"] == "not run"
    lines = [[part.strip() for part in line.split("|")[1:-1]] for line in rendered("md").splitlines()]
    assert ["SER", "WSF", "**98.72**", "**98.79**†", "+0.07"] in [line[:5] for line in lines]
    assert ["SER", "VF", "98.52", "*98.70*†", "+0.18"] in [line[:5] for line in lines]
    assert [line[:2] for line in lines if line[:1] == ["SER"]] == [["SER", "WSF"], ["SER", "VF"]] * 2  # and no other
    assert "Not run, 18 of 20 cells: SER+CF 98.70/98.21, SER+MoEF " in rendered("md")


def test_links_lead_to_the_records(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    run = run_of(plan, "frappe", "SER+WSF")
    put(run)
    render(Evidence.load(plan), "table_3", OUT)
    line = next(line for line in rendered("md").splitlines() if run.key in line)
    target = line.partition("](")[2].partition(")")[0]
    assert (OUT / target).resolve() == run.record_path.resolve()
    assert run.record_path.is_file()


def test_data_origin_is_said(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    put(run_of(plan, "frappe", "SER+WSF"), auc=0.9872, origin="other", note="train.csv is not the published file.")
    render(Evidence.load(plan), "table_3", OUT)
    assert cells()["frappe", "SER+WSF", "auc"]["finding"] == "stand-in"
    assert cells()["frappe", "SER+WSF", "auc"]["data_note"] == "train.csv is not the published file."
    assert "## Frappe (stand-in)" in rendered("md")
    assert "Data: stand-in: these bytes are none" in rendered("md")
    assert "Data: no run yet." in rendered("md")


def test_twin_campaign(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan(
        datasets=["criteo"], every_dataset=True, twin={"rows": 4000}, limits={"training": {"max_epochs": 2}}
    )
    put(run_of(plan, "criteo", "SER+WSF"), auc=0.75, gauc=None, origin="twin", note="planted model")
    render(Evidence.load(plan), "table_3", OUT)
    assert {metric for _, _, metric in cells()} == {"auc"}
    row = cells()["criteo", "SER+WSF", "auc"]
    assert (row["paper"], row["ours"], row["delta"], row["finding"]) == ("", "75.00", "", "synthetic")
    assert "synthetic: synthetic data [planted model]. It says nothing about the paper." in rendered("md")
    assert "not the paper's protocol: it sets max_epochs = 2" in rendered("md")


def test_limits_on_published_data_are_another_protocol(
    make_plan: Callable[..., Plan], put: Callable[..., Path]
) -> None:
    plan = make_plan(limits={"training": {"max_epochs": 2}})
    put(run_of(plan, "frappe", "SER+WSF"), auc=0.9872, gauc=0.9817)
    render(Evidence.load(plan), "table_3", OUT)
    row = cells()["frappe", "SER+WSF", "auc"]
    assert (row["delta"], row["finding"]) == ("0.00", "other protocol")
    assert re.search(r"\| 98.72† +\| +0.00 +\| .*other protocol +\|", rendered("md"))


def test_failure_is_shown(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    put(run_of(plan, "frappe", "SER+WSF"), failure="loss is NaN | epoch 3")
    render(Evidence.load(plan), "table_3", OUT)
    assert r"failed: loss is NaN \| epoch 3" in rendered("md")
    assert cells()["frappe", "SER+WSF", "auc"]["finding"] == "failed"


def test_a_changed_digit_changes_the_verdict(
    make_plan: Callable[..., Plan], put: Callable[..., Path], tmp_path: Path
) -> None:
    plan = make_plan(seeds=[1, 2, 3, 4, 5])
    cell = next(cell for cell in plan.cells if (cell.dataset, cell.label) == ("frappe", "SER+WSF"))
    for run in cell.runs:
        put(run, auc=0.98725 + run.seed / 1e5)
    place = ("3", "frappe", "SER", "WSF", "auc")
    render(Evidence.load(plan), "table_3", OUT)
    assert cells()["frappe", "SER+WSF", "auc"]["finding"] == "consistent"
    path = reprinted(tmp_path, {place: "98.82"})
    render(Evidence.load(plan, paper=load_paper(path)), "table_3", OUT)
    assert cells()["frappe", "SER+WSF", "auc"]["finding"] == "paper higher"


def test_damaged_record_leaves_the_old_table(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    path = put(run_of(plan, "frappe", "SER+WSF"))
    render(Evidence.load(plan), "table_3", OUT)
    before = rendered("md")
    path.write_text("{")
    with pytest.raises(UserError, match="damaged record"):
        render(Evidence.load(plan), "table_3", OUT)
    assert rendered("md") == before


def test_rendering_twice_gives_the_same_bytes(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    put(run_of(plan, "frappe", "SER+WSF"))
    render(Evidence.load(plan), "table_3", OUT)
    before = [rendered(suffix) for suffix in ("md", "tex", "csv")]
    render(Evidence.load(plan), "table_3", OUT)
    assert [rendered(suffix) for suffix in ("md", "tex", "csv")] == before


def test_no_such_table(make_plan: Callable[..., Plan]) -> None:
    with pytest.raises(UserError, match=r"experiment 'table_33' has no table; did you mean 'table_3'\?"):
        render(Evidence.load(make_plan()), "table_33", OUT)
