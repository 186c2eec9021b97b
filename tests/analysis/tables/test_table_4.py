"""Table IV: its runs."""

from functools import partial

from tests.analysis.tables import tables_help
from tests.analysis.tables.tables_help import MakePlan
from workflow.analysis.compare.comparisons import declared
from workflow.analysis.paper.prints import load_paper

runs_of = partial(tables_help.runs_of, experiment="table_4")


def test_runs(real_plan: MakePlan) -> None:
    cells = real_plan("table_4").cells_of("table_4")
    assert sum(len(cell.runs) for cell in cells) == 16 * 5 * 5 + 3 * 5
    assert {run.seed for cell in cells for run in cell.runs} == {2020, 2021, 2022, 2023, 2024}
    prints = load_paper().frame.select("auc", table="4")
    assert {(fact.at["dataset"], fact.at["model"]) for fact in prints} <= {(cell.dataset, cell.label) for cell in cells}
    rivals = {at["model"] for one in declared() if one.name == "tf4ctr" for at in one.minus}
    assert {*rivals, "TF4CTR"} == {fact.at["model"] for fact in prints}


def test_tf4ctr_is_the_run_of_table_3(real_plan: MakePlan) -> None:
    plan = real_plan("table_3", "table_4")
    for dataset, label in (("kkbox", "SER+MoEF"), ("ml-1m", "SER+WSF"), ("ml-tag", "SER+WSF"), ("frappe", "SER+WSF")):
        logged = {run.key for run in tables_help.runs_of(plan, dataset, label, "table_3")}
        assert logged == {run.key for run in runs_of(plan, dataset, "TF4CTR")}


def test_share_control_has_as_many_embedding_columns(real_plan: MakePlan) -> None:
    plan = real_plan("table_4")
    ser, share = (runs_of(plan, "criteo", label)[0].canonical() for label in ("TF4CTR", "TF4CTR (Share, embedding 24)"))
    assert share["model"].pop("embedding_dim") == ser["model"]["embedding_dim"] * 3 // 2
    assert (share["model"].pop("ssem"), ser["model"].pop("ssem")) == ("Share", "SER")
    del ser["model"]["embedding_dim"]
    assert share == ser


def test_edcn_of_the_papers_library_has_no_residual(real_plan: MakePlan) -> None:
    plan = real_plan("table_4")
    for dataset in plan.campaign.datasets:
        bars, library = (
            runs_of(plan, dataset, label)[0].canonical() for label in ("EDCN", "EDCN (the paper's library)")
        )
        assert (bars["model"].pop("cross_residual"), library["model"].pop("cross_residual")) == (True, False)
        assert library["model"].pop("regulation") is True
        del bars["model"]["regulation"]
        assert library == bars
