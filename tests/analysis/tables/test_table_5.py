"""Table V: alone and in the framework."""

import shutil
from pathlib import Path

import pytest

from tests.analysis.tables.tables_help import MakePlan, Put, Rendered
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.evidence.dataset import by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.prints import load_paper
from workflow.analysis.tables.rows import rows_of
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, check_campaign, load_experiment


@pytest.fixture
def plan(config: Path, make_plan: MakePlan) -> Plan:
    """The project's Table V on two synthetic datasets."""
    shutil.copy(ROOT / "config" / "experiments" / "table_5.yaml", config / "experiments")
    return make_plan(experiments=["table_5"])


def test_a_row_joins_its_print_by_its_coordinates(plan: Plan) -> None:
    evidence = Evidence.load(plan)
    on = next(on for on in by_dataset(evidence, "table_5") if on.dataset == "ml-1m")
    rows = {row.observed.label: row for row in rows_of(evidence, on, ("auc",))}
    framed, published = rows["WideDeep in TF4CTR"], rows["WideDeep in TF4CTR (authors' code)"]
    assert (framed.in_paper, published.in_paper) == (True, False)
    prints = [row.numbers["auc"].paper_points for row in (framed, published)]
    assert prints[0] == prints[1] is not None  # both are compared with the one print
    assert [row.in_paper for row in rows.values() if row.observed.at["variant"] == "plain"] == [True] * 3
    assert comparisons_of(evidence)["framework:WideDeep@ml-1m"].gain.paper == "+0.41"


def test_the_experiment_names_the_papers_cells() -> None:
    experiment = load_experiment("table_5")
    assert experiment.datasets == ("ml-tag", "frappe", "ml-1m")
    framed = {("framework", model) for model in load_paper().values_of("5", "model")}
    found = {(override.at["variant"], override.at["model"]) for override in experiment.overrides}
    assert found == framed | {("authors", model) for _, model in framed}
    assert len(experiment.overrides) == 18


def test_authors_code_differs_from_the_method_in_nothing_else() -> None:
    plan = Plan(check_campaign({"campaign": "c", "datasets": ["frappe"], "experiments": ["table_5"]}, "test"))
    runs = {cell.label: cell.runs[0].canonical() for cell in plan.cells}
    assert len(runs) == 10
    for model in ("DeepFM", "WideDeep", "xDeepFM"):
        framed, published = runs[f"{model} in TF4CTR"], runs[f"{model} in TF4CTR (authors' code)"]
        assert published["model"].pop("authors_code") is True
        assert framed["model"].pop("authors_code") is False
        ssems = (framed["model"].pop("ssem"), published["model"].pop("ssem"))
        assert ssems == ("SER", "Share" if model == "WideDeep" else "SER")
        assert framed == published
        assert framed["model"]["base"] == runs[model]["model"]
    assert runs["xDeepFM in TF4CTR"]["model"]["base"]["cin_units"] == [64, 64]


def test_gain(plan: Plan, put: Put) -> None:
    for cell in plan.cells:
        if cell.dataset == "frappe":
            put(cell.runs[0], auc={"DeepFM": 0.9838, "DeepFM in TF4CTR": 0.985319}.get(cell.label, 0.984))
    found = Rendered(plan, "table_5")
    assert found.has("DeepFM", "alone", "*98.37*", "*98.38*", "+0.01")
    assert found.has("DeepFM", "in TF4CTR", "**98.54**", "**98.53**†", "−0.01")
    assert found.has("DeepFM in the framework", "DeepFM alone", "+0.17", "+0.15")
    row = found.comparisons["framework:DeepFM@frappe"]
    assert (row["item"], row["over"], row["gain_paper"], row["finding"]) == (
        *("DeepFM in the framework", "DeepFM alone", "0.17", "open"),
    )
    assert float(row["gain"]) == pytest.approx(0.001519)
    assert found.comparisons["framework:DeepFM@ml-1m"]["finding"] == "not run"
