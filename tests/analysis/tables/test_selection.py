"""Best of twelve: known choices, known bias."""

from tests.analysis.tables.tables_help import MakePlan, Put, Rendered
from workflow.plan.campaign import Plan
from workflow.plan.cells import Cell


def twelve(plan: Plan, name: str) -> list[Cell]:
    return [cell for cell in plan.cells_of("selection") if cell.label.startswith(f"{name}, ")]


def test_runs_are_shared_with_table_3(real_plan: MakePlan) -> None:
    plan = real_plan("table_3", "selection", seeds=[2023])
    chosen = {run.key for cell in plan.cells_of("selection") for run in cell.runs}
    assert len(chosen) == 20 * 12 * 4
    grid = [cell for cell in plan.cells_of("table_3") if set(cell.at) == {"table", "dataset", "ssem", "dfm"}]
    others = {cell.label for cell in grid if cell.runs[0].key not in chosen}
    assert others == {"MoE+WSF"}  # on ML-1M it has another dropout in its log
    only = [cell for cell in plan.cells_of("table_3") if cell.runs[0].key not in chosen and cell.label == "MoE+WSF"]
    assert [cell.dataset for cell in only] == ["ml-1m"]


def test_bias(real_plan: MakePlan, put: Put) -> None:
    plan = real_plan("selection", datasets=["frappe"])
    for number, cell in enumerate(twelve(plan, "SER+WSF")):
        put(cell.runs[0], auc=0.985 + number / 10_000, valid_auc=0.99 - number / 10_000)
    for number, cell in enumerate(twelve(plan, "GM+CF")):
        put(cell.runs[0], auc=0.980 + number / 10_000, valid_auc=0.98 + number / 10_000)
    for cell in twelve(plan, "MoE+VF")[:7]:
        put(cell.runs[0])
    found = Rendered(plan, "selection")
    lines = found.lines
    first, last = "MLP_s=[400], γ=1, c=0.7", "MLP_s=[400, 400], γ=2, c=0.9"
    assert ["SER+WSF", "validation", "98.72", "98.50", "−0.22", "", first] in lines
    assert ["", "test", "", "98.61", "−0.11", "+0.11", last] in lines
    assert ["GM+CF", "validation", "98.41", "98.11", "−0.30", "", last] in lines
    assert ["", "test", "", "98.11", "−0.30", "0.00", "the same"] in lines
    assert "Not chosen yet, 18 of 20 cells: MoE+VF 7 of 12 runs." in found.text
    # Mean of 0.11 and 0; SER+WSF is the best cell by both splits.
    assert ["Frappe", "2 of 20", "1", "+0.06", "+0.11", "SER+WSF", "+0.11"] in lines
    row = next(row for row in found.rows if row["cell"] == "SER+WSF")
    assert (row["bias_auc"], row["auc_by_validation"], row["auc_by_test"]) == ("0.0011", "0.985000", "0.986100")
    assert row["run_key_by_test"] == twelve(plan, "SER+WSF")[-1].runs[0].key


def test_gauc_takes_part_where_training_monitors_it(real_plan: MakePlan, put: Put) -> None:
    plan = real_plan("selection", datasets=["frappe"])
    for number, cell in enumerate(twelve(plan, "SER+WSF")):
        put(cell.runs[0], auc=0.98 + number / 10_000, gauc=0.97 - number / 5_000)
    lines = Rendered(plan, "selection").lines
    place = next(place for place, line in enumerate(lines) if line[0] == "SER+WSF")
    first, second = lines[place : place + 2]
    assert (first[3], second[3], second[6]) == ("98.00", "98.00", "the same")  # the highest AUC + gAUC is the first run


def test_without_runs(real_plan: MakePlan) -> None:
    assert Rendered(real_plan("selection", datasets=["frappe"]), "selection").has("Frappe", "0 of 20")
