"""Comparisons: declarations, the best and the mean of many, and no question twice."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from tests.analysis.conftest import Held
from workflow.analysis.compare.comparison import Comparisons, comparison_id
from workflow.analysis.compare.comparisons import declared
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.questions import questions_of
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.stats.families import holm
from workflow.analysis.stats.uncertainty import Estimate
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, available, load_campaign, load_dataset, load_experiment

RealPlan = Callable[..., Plan]
Put = Callable[..., None]
STEPS = (0.0, 1e-4, -1e-4, 2e-4, -2e-4)


@pytest.fixture
def put(held: Held) -> Put:
    """Return a function that makes the record of a run with given test scores, in memory."""
    return held.put


def fill(plan: Plan, put: Put, dataset: str, experiment: str = "table_4", **changed: float) -> dict[str, list[float]]:
    """Give every planned model of a dataset five scores around 0.98, or around its own."""
    scores = {}
    for cell in plan.cells_of(experiment):
        if cell.dataset == dataset:
            centre = changed.get(cell.label, 0.98)
            scores[cell.label] = [centre + step for step in STEPS[: len(cell.runs)]]
            for run, score in zip(cell.runs, scores[cell.label], strict=True):
                put(run, auc=score)
    return scores


@pytest.fixture(scope="module")
def planned() -> Comparisons:
    """All comparisons of the paper's campaign without any run."""
    return comparisons_of(Evidence.load(Plan(load_campaign(ROOT / "config" / "paper.yaml"))))


def test_every_declaration_has_cells_in_the_papers_campaign_or_the_shipped_one(planned: Comparisons) -> None:
    shipped = comparisons_of(Evidence.load(Plan(load_campaign(ROOT / "config" / "evidence.yaml"))))
    names = {one.partition("@")[0].partition(":")[0] for found in (planned, shipped) for one in found}
    at_the_end = {one.name for one in declared() if any("stage" in at for at in one.plus)}  # of tuning: test_tuned
    assert {one.name for one in declared()} - at_the_end == names


def test_no_two_comparisons_answer_one_question(planned: Comparisons) -> None:
    asked = Counter((one.item, one.over, one.dataset, one.metric) for one in planned.values())
    assert [question for question, count in asked.items() if count > 1] == []
    cells = Counter(
        (one.dataset, one.metric, tuple(cell.cell.runs[0].id for cell in one.cells))
        for one in planned.values()
        if one.id.partition("@")[0] != "tf4ctr"  # over the best, which is one of the others
    )
    assert [each for each, count in cells.items() if count > 1] == []


def test_the_papers_gain_is_the_one_that_it_prints(planned: Comparisons) -> None:
    """Oracle: Tables II and V print the gains themselves."""
    evidence = Evidence.load(Plan(load_campaign(ROOT / "config" / "paper.yaml")))
    for name, table, at in (("tf-loss", "2", {"loss": "twin_focus"}), ("framework", "5", {"variant": "framework"})):
        for one in planned.named(name):
            model = one.id.partition(":")[2].partition("@")[0]
            printed = evidence.print_of({"table": table, "dataset": one.dataset, "model": model, **at}, "gain")
            assert printed is not None
            assert one.gain.paper_points == printed.points


def test_each_question_is_answered_on_each_of_its_datasets(planned: Comparisons) -> None:
    evidence = Evidence.load(Plan(load_campaign(ROOT / "config" / "paper.yaml")))
    datasets = {"RQ1": 2 * 4, "RQ2": 8, "RQ3": 5, "RQ4": 3, "RQ5": 0, "RQ6": 0}
    asked = questions_of(evidence)
    assert {one.number: len(one.answers) for one in asked} == datasets
    singles = [each.id for one in asked for each in (*one.answers, *one.singles)]
    assert sorted(singles) == sorted(planned)


def test_a_family_counts_what_is_planned(planned: Comparisons) -> None:
    sizes = Counter(one.family for one in planned.values())
    assert sizes["TF loss"] == 6 * 4
    assert sizes["TF4CTR over the best baseline"] == 5
    assert sizes["framework"] == 3 * 3


# -- the best of many -----------------------------------------------------------------


def welch_p(x: list[float], y: list[float]) -> float:
    found: Any = stats.ttest_ind(x, y, equal_var=False)
    return float(found.pvalue)


def test_a_gain_over_the_best_and_a_loss_that_pays_for_the_choice(real_plan: RealPlan, put: Put) -> None:
    """Oracle: Welch's test by scipy, where all cells spread alike; Holm over the two datasets."""
    plan = real_plan("table_4", datasets=["frappe", "ml-tag"])
    frappe = fill(plan, put, "frappe", TF4CTR=0.985, DCNv2=0.9842, FinalMLP=0.99)
    tag = fill(plan, put, "ml-tag", TF4CTR=0.985, EDCN=0.9875)
    found = comparisons_of(Evidence.load(plan))
    best, worst = found["tf4ctr@frappe"], found["tf4ctr@ml-tag"]
    assert (best.over, best.paper_over, best.gain.paper) == ("the best baseline, DCNv2", "xDeepFM", "+0.27")
    assert best.gain.ours.startswith("+0.08 [")
    assert (best.verdict.word, worst.verdict.word) == ("holds, smaller", "reversed")
    assert found["tf4ctr-over-left-out:FinalMLP@frappe"].verdict.word == "loss"
    plain = [one.gain.unmoderated for one in (best, worst)]
    oracle = welch_p(frappe["TF4CTR"], frappe["DCNv2"]), welch_p(tag["TF4CTR"], tag["EDCN"])
    assert [each.p for each in plain if isinstance(each, Estimate)] == pytest.approx(oracle)
    assert best.gain.family == worst.gain.family == 2


def test_the_best_must_not_hide_a_rival_that_is_not_beaten(real_plan: RealPlan, put: Put) -> None:
    plan = real_plan("table_4", datasets=["frappe"])
    fill(plan, put, "frappe", TF4CTR=0.9857, DCNv2=0.983)
    unsure = next(cell for cell in plan.cells if cell.label == "AFN+")
    for run, score in zip(unsure.runs, (0.99, 0.98, 0.97, 0.984, 0.989), strict=True):
        put(run, auc=score)  # mean 0.9826, below DCNv2, but so unsure that TF4CTR is not shown to beat it
    found = comparisons_of(Evidence.load(plan))
    assert found["tf4ctr@frappe"].over.endswith("DCNv2")
    assert found["tf4ctr@frappe"].verdict.word == "open"
    assert found["tf4ctr-over:DCNv2@frappe"].verdict.word == "holds"


def test_the_best_is_the_best_of_those_that_have_finished(real_plan: RealPlan, put: Put, held: Held) -> None:
    plan = real_plan("table_4", datasets=["frappe"])
    fill(plan, put, "frappe", TF4CTR=0.985)
    runs = next(cell.runs for cell in plan.cells if cell.label == "EDCN")
    del held[runs[3].key]
    found = comparisons_of(Evidence.load(plan))
    best = found["tf4ctr@frappe"]
    assert (best.verdict.word, len(best.members), best.planned) == ("holds", 9, 10)
    (stated,) = (one for one in declared() if one.name == "tf4ctr")
    assert set(best.members) == {at["model"] for at in stated.minus} - {"EDCN"}
    assert found["tf4ctr-over:EDCN@frappe"].verdict.word == "incomplete"


@pytest.mark.parametrize(
    ("changes", "origin", "word"),
    [
        ({"limits": {"training": {"max_epochs": 2}}}, "published", "other protocol"),
        ({}, "other", "stand-in"),
        ({"twin": {"rows": 4000}}, "twin", "synthetic"),
    ],
)
def test_no_gain_is_claimed_on_other_data(
    real_plan: RealPlan, put: Put, changes: dict[str, object], origin: str, word: str
) -> None:
    plan = real_plan("table_4", datasets=["frappe"], **changes)
    for cell in plan.cells:
        for run, step in zip(cell.runs, STEPS, strict=True):
            put(run, auc=step + (0.985 if cell.label == "TF4CTR" else 0.98), origin=origin)
    assert {one.verdict.word for one in comparisons_of(Evidence.load(plan)).values()} == {word}


# -- means, interactions, own data ----------------------------------------------------


def test_a_mean_is_of_the_models_that_have_finished(real_plan: RealPlan, put: Put) -> None:
    plan = real_plan("table_2", datasets=["frappe"])
    gains = {"DCN": 0.0010, "DCNv2": 0.0020}
    for cell in plan.cells:
        model, loss = cell.at["model"], cell.at["loss"]
        if model in gains and loss in ("log", "twin_focus"):
            for run, step in zip(cell.runs, STEPS, strict=True):
                put(run, auc=0.98 + step + gains[model] * (loss == "twin_focus"))
    found = comparisons_of(Evidence.load(plan))
    mean = found["tf-loss-mean@frappe"]
    assert mean.gain.mean == pytest.approx(0.0015)
    assert mean.members == ("tf-loss:DCN@frappe", "tf-loss:DCNv2@frappe")
    assert (mean.planned, mean.gain.paper) == (6, "+0.11")  # (0.15 + 0.07) / 2
    assert found["tf-loss:AFN+@frappe"].verdict.word == "not run"


def test_p_values_are_corrected_within_their_family_and_nowhere_else(real_plan: RealPlan, put: Put) -> None:
    plan = real_plan("table_5", datasets=["frappe", "ml-1m"])
    for place, cell in enumerate(plan.cells):
        for run, step in zip(cell.runs, STEPS, strict=True):
            put(run, auc=0.98 + step + place / 1e5)
    found = comparisons_of(Evidence.load(plan)).named("framework")
    raw = [one.gain.estimate.p for one in found if isinstance(one.gain.estimate, Estimate)]
    assert len(raw) == 6
    assert [one.gain.p for one in found] == pytest.approx(holm(raw))


def test_every_model_of_own_data_is_compared_with_every_other(
    config: Path, make_plan: Callable[..., Plan], put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The paper does not have this dataset: it has its own family, and verdicts without printed numbers."""
    own = (config / "datasets" / "frappe.yaml").read_text().replace("frappe", "mine").replace("Frappe", "Mine")
    (config / "datasets" / "mine.yaml").write_text(own)
    table = (ROOT / "config" / "experiments" / "table_4.yaml").read_text().partition("\noverrides:")[0]
    path = config / "experiments" / "table_4.yaml"
    path.write_text(table.replace("datasets: [kkbox, ml-1m, ml-tag, frappe, criteo]", "datasets: [mine]", 1))
    for cached in (available, load_dataset, load_experiment):
        cached.cache_clear()
    plan = make_plan(experiments=["table_4"], datasets=["mine"], seeds=[1, 2, 3, 4, 5])
    fill(plan, put, "mine", DCN=0.985)
    found = comparisons_of(Evidence.load(plan))
    models = len(plan.cells)
    pairs = [one for one in found.values() if one.id.startswith("own:")]
    assert len(pairs) == models * (models - 1) / 2
    best = found[comparison_id("own-best", "mine", "DCN")]
    assert (best.verdict.word, best.planned, best.question) == ("gain", models - 1, None)
    assert {one.gain.family for one in pairs} == {len(pairs)}


def test_a_mean_of_a_declaration_names_one_that_exists() -> None:
    names = {one.name for one in declared()}
    assert all(one.mean_of in names for one in declared() if one.mean_of)
