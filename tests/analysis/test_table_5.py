"""Table V: alone and in the framework. Cells here are the plain models and stand-ins for the framework."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from workflow.analysis.evidence.prints import load_paper
from workflow.analysis.tables.render import render
from workflow.analysis.tables.table_5 import prints, role
from workflow.config import check_campaign, load_experiment
from workflow.plan import Plan

OUT = Path("paper_tables/small")


@pytest.fixture
def plan(config: Path, make_plan: Callable[..., Plan]) -> Plan:
    """Table V's labels on two datasets, with models that need no framework."""
    experiment = {
        "name": "table_5",
        "title": "Three models",
        "datasets": ["frappe", "ml-1m"],
        "arms": [
            {"label": "{name}", "grid": {"model.name": ["DeepFM", "WideDeep", "xDeepFM"]}, "model": {}},
            {
                "label": "{name} in TF4CTR",
                "grid": {"model.name": ["DeepFM", "WideDeep", "xDeepFM"]},
                "model": {"dropout": 0.5},
            },
        ],
    }
    (config / "experiments" / "table_5.yaml").write_text(yaml.safe_dump(experiment))
    return make_plan(experiments=["table_5"])


def data() -> dict[tuple[str, str], dict[str, str]]:
    with (OUT / "table_5.csv").open(newline="", encoding="utf-8") as stream:
        return {(row["dataset"], row["cell"]): row for row in csv.DictReader(stream)}


def test_every_print_has_a_label() -> None:
    paper = load_paper()
    for dataset in ("ml-tag", "frappe", "ml-1m"):
        assert len(prints(paper, dataset)) == 9
    found = role(paper, "ml-1m", "WideDeep in TF4CTR")
    assert (found.model, found.variant, found.reference) == ("WideDeep", "in TF4CTR", "WideDeep")
    assert (str(found.paper_gain), found.in_paper) == ("0.41", True)
    published = role(paper, "ml-1m", "WideDeep in TF4CTR (authors' code)")
    assert (published.model, published.variant) == ("WideDeep", "in TF4CTR (authors' code)")
    assert (published.reference, published.in_paper) == ("WideDeep", False)
    assert role(paper, "ml-1m", "EDCN in TF4CTR").in_paper is False
    assert prints(paper, "kkbox") == {}


def test_the_experiment_names_the_papers_cells() -> None:
    experiment = load_experiment("table_5")
    assert experiment.datasets == ("ml-tag", "frappe", "ml-1m")
    framed = {f"{model} in TF4CTR" for model in load_paper().table_5.models}
    assert {override.cell for override in experiment.overrides} == framed | {f"{x} (authors' code)" for x in framed}
    assert len(experiment.overrides) == 18


def test_authors_code_differs_from_the_method_in_nothing_else() -> None:
    plan = Plan(check_campaign({"campaign": "c", "datasets": ["frappe"], "experiments": ["table_5"]}, "test"))
    runs = {cell.label: cell.runs[0].canonical() for cell in plan.cells}
    assert len(runs) == 9
    for model in ("DeepFM", "WideDeep", "xDeepFM"):
        framed, published = runs[f"{model} in TF4CTR"], runs[f"{model} in TF4CTR (authors' code)"]
        assert published["model"].pop("authors_code") is True
        assert framed["model"].pop("authors_code") is False
        ssems = (framed["model"].pop("ssem"), published["model"].pop("ssem"))
        assert ssems == ("SER", "Share" if model == "WideDeep" else "SER")
        assert framed == published
        assert framed["model"]["base"] == runs[model]["model"]
    assert runs["xDeepFM in TF4CTR"]["model"]["base"]["cin_units"] == [64, 64]


def test_gain(plan: Plan, put: Callable[..., Path]) -> None:
    for cell in plan.cells:
        if cell.dataset == "frappe":
            put(cell.runs[0], auc={"DeepFM": 0.9838, "DeepFM in TF4CTR": 0.985319}.get(cell.label, 0.984))
    render(plan, "table_5", OUT)
    lines = [[part.strip() for part in line.split("|")[1:-1]] for line in (OUT / "table_5.md").read_text().splitlines()]
    assert ["DeepFM", "alone", "*98.37*", "*98.38*", "+0.01 ✓", "", "", "", ""] in lines
    assert ["", "in TF4CTR", "**98.54**", "**98.53**", "−0.01 ✓", "+0.17", "+0.15", "–", "too few seeds"] in lines
    assert ["Frappe", "in TF4CTR", "3 of 3", "1 of 3"] in [line[:4] for line in lines]
    row = data()["frappe", "DeepFM in TF4CTR"]
    assert (row["over"], row["gain_paper"], row["gain_verdict"]) == ("DeepFM", "0.17", "too few seeds")
    assert float(row["gain"]) == pytest.approx(0.001519)
    assert data()["ml-1m", "DeepFM in TF4CTR"]["gain_verdict"] == "not run"
