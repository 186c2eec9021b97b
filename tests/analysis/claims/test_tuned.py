"""Claims about finetuned baselines: decided by runs in which every model is tuned alike."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.analysis.conftest import Held
from workflow.analysis.claims.audit import audit
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.report.answer import answer
from workflow.plan.campaign import Plan
from workflow.train.choice import follow

RealPlan = Callable[..., Plan]
Put = Callable[..., None]
CLAIM = "B.frappe.tuned"


@pytest.fixture
def tuned(real_plan: RealPlan, held: Held) -> Callable[[float, float], Evidence]:
    """Two models that are tuned on Frappe, stage by stage, with TF4CTR's lead in AUC and the spread between runs."""

    def run(lead: float, spread: float) -> Evidence:
        changes = {"models": ("TF4CTR", "DCN"), "trials": 4, "finalists": 2}
        plan = real_plan("table_4", "tuned", datasets=["frappe"], tuning=changes, seeds=list(range(1, 6)))
        generator, done = np.random.default_rng(8), set[str]()
        while lacking := [run for run, _ in plan.runs.values() if run.key not in done]:
            for run in lacking:
                score = 0.97 + lead * (run.model.name == "TF4CTR")
                held.put(run, auc=score + generator.normal(0, spread), valid_auc=score)
                done.add(run.key)
            plan, _ = follow(plan.campaign, lambda run: held.get(run.key))
        return Evidence.load(plan)

    return run


@pytest.mark.parametrize(
    ("lead", "spread", "word"),
    [
        (0.003, 0.0002, "gain"),
        (-0.003, 0.0002, "loss"),
        (0.0, 0.0002, "no difference"),
        (0.0, 0.005, "open"),
    ],
)
def test_the_tuned_comparison_decides_and_stands_beside_the_untuned_one(
    tuned: Callable[[float, float], Evidence], lead: float, spread: float, word: str
) -> None:
    evidence = tuned(lead, spread)
    result = audit(evidence, only=[CLAIM])
    (row,) = result.rows
    assert (row.layer, row.verdict.word) == ("runs", word)
    assert row.outcome.items[0].label.startswith("TF4CTR, tuned over the best tuned baseline, DCN")
    (line,) = (one for one in answer(evidence, result).lines if one.number == "RQ3")
    ours = row.outcome.items[0].measured.partition(" (")[0]
    assert line.cells[0].text.endswith(f"tuned: {word}, {ours} over DCN, the only tuned rival")


def test_without_tuned_runs_both_say_so(real_plan: RealPlan, put: Put) -> None:
    plan = real_plan("table_4", datasets=["frappe"], seeds=[1, 2, 3])
    for run, _ in plan.runs.values():
        put(run, auc=0.97 + run.seed / 10_000)
    evidence = Evidence.load(plan)
    result = audit(evidence, only=[CLAIM])
    assert [row.verdict.word for row in result.rows] == ["not run"]
    (line,) = (one for one in answer(evidence, result).lines if one.number == "RQ3")
    assert line.cells[0].text.endswith("; tuned: not planned")
