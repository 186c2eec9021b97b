"""The table of an experiment that the paper does not have."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from tests.analysis.tables.tables_help import MakePlan, Put, Rendered
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.tables.own import build, shown
from workflow.errors import UserError
from workflow.plan.campaign import Plan

ARMS = [{"label": name, "model": {"name": name}} for name in ("DNN", "DCN", "DeepFM")]
AUC = {"DNN": (0.98, 0.982, 0.983), "DCN": (0.99, 0.991, 0.992)}


@pytest.fixture
def plan(config: Path, make_plan: MakePlan) -> Plan:
    content = {"name": "mine", "title": "Mine", "at": {"table": "mine"}, "datasets": ["frappe"], "arms": ARMS}
    (config / "experiments/mine.yaml").write_text(yaml.safe_dump(content))
    return make_plan(experiments=["mine"], datasets=["frappe"], seeds=[1, 2, 3])


def test_every_model_has_its_mean_and_spread(plan: Plan, put: Put) -> None:
    for cell in plan.cells:
        for run, auc in zip(cell.runs, AUC.get(cell.label, ()), strict=False):
            put(run, auc=auc)
    found = Rendered(plan, "mine")
    rows = {(row["cell"], row["metric"]): row for row in found.rows if row["kind"] == "number"}
    for label, values in AUC.items():
        row = rows[label, "auc"]
        assert float(row["mean"]) == pytest.approx(np.mean(values))
        assert float(row["sd"]) == pytest.approx(np.std(values, ddof=1))
        assert (row["n"], row["planned"]) == ("3", "3")
    assert {label for label, _ in rows} == {"DNN", "DCN", "DeepFM"}
    assert rows["DeepFM", "logloss"]["mean"] == ""
    assert "| **99.10 ± 0.10 (n=3)** |" in found.text
    assert "Not run, 1 of 3: DeepFM." in found.text


def test_a_lower_log_loss_is_better_and_a_metric_that_no_run_has_is_no_column(plan: Plan, put: Put) -> None:
    for cell in plan.cells[:2]:
        put(cell.runs[0], auc=0.9, gauc=None)
    evidence = Evidence.load(plan)
    table = build(evidence, "mine").sections[0].tables[0]
    assert table.header == ("Model", "AUC", "log loss")
    assert shown(evidence.cells("mine")[0], "logloss") == "0.3000 (n=1 of 3)"


def test_an_unknown_experiment_is_refused(plan: Plan) -> None:
    with pytest.raises(UserError, match="did you mean 'mine'"):
        build(Evidence.load(plan), "mines")


def test_every_model_is_compared_with_every_other_and_with_the_best_of_the_rest(plan: Plan, put: Put) -> None:
    values = {"DNN": (0.980, 0.982, 0.981), "DCN": (0.991, 0.990, 0.989), "DeepFM": (0.985, 0.983, 0.984)}
    for cell in plan.cells:
        for run, auc in zip(cell.runs, values[cell.label], strict=True):
            put(run, auc=auc)
    table = Rendered(plan, "mine")
    rows = list(table.comparisons.values())
    found = {(row["item"], row["over"]): row for row in rows}
    assert len(rows) == 3 + 3  # pairs, and each over the best of the others
    pairs = {key for key in found if key[1] in values}
    for item, over in pairs:
        row = found[item, over]
        assert float(row["gain"]) == pytest.approx(np.mean(values[item]) - np.mean(values[over]))
        assert row["finding"] == ("gain" if float(row["gain"]) > 0 else "loss")
        assert float(row["gain_low"]) < float(row["gain"]) < float(row["gain_high"])
    p = sorted(float(found[key]["p"]) for key in pairs)  # Holm within the three pairs, by hand
    by_hand = np.maximum.accumulate([p[0] * 3, p[1] * 2, p[2]])
    assert sorted(float(found[key]["p_corrected"]) for key in pairs) == pytest.approx(by_hand)
    assert {row["family"] for row in rows} == {
        "every model over every other on frappe in mine",
        "a model over the best of the others in mine",
    }
    assert found["DCN", "the best other model, DeepFM"]["finding"] == "gain"
    gains = table.text.partition("Gains of AUC")[2]
    assert "| DNN " in gains
    assert "the paper" not in gains.partition("## ")[0].lower()
