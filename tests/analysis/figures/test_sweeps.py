"""Sweeps from synthetic records: the CSV has the known numbers, bars hold both errors, optima are judged."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from workflow.analysis.compare import swept
from workflow.analysis.compare.swept import Point, best_of, judge_optimum
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.dataset import by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Ground, Obstacle, Standing
from workflow.analysis.figures import sweeps
from workflow.analysis.figures.builders import render
from workflow.analysis.paper.prints import load_paper
from workflow.analysis.stats.uncertainty import TestSet
from workflow.plan.campaign import Plan
from workflow.plan.cells import coordinate
from workflow.plan.config import ROOT, load_experiment


def test_a_sweep_shows_means_gaps_and_the_stated_optimum(
    plan_of: Callable[..., Plan], put: Callable[..., Path], csv: Callable[[str], pd.DataFrame]
) -> None:
    plan = plan_of("figure_6", seeds=[1, 2])
    frappe = [cell for cell in plan.cells if cell.dataset == "frappe"]
    for cell in frappe:
        put(cell.runs[0], auc=0.90 + float(cell.at["alpha"]) / 10)
        put(cell.runs[1], auc=0.92 + float(cell.at["alpha"]) / 10)
    frappe[2].runs[1].record_path.unlink()
    render(Evidence.load(plan), "figure_6", Path("f"))
    rows = csv("figure_6")
    auc = rows[(rows["dataset"] == "frappe") & (rows["metric"] == "auc")].set_index("value")
    assert auc.loc["0.15", "mean"] == pytest.approx(0.925)
    assert auc.loc["0.15", "sd"] == pytest.approx(0.02 / np.sqrt(2))
    assert auc["mean"].isna().tolist() == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]  # one of two seeds is missing: the rest would be a choice
    assert auc["n"].tolist() == [2, 2, 1, 2, 2, 2]
    assert auc[auc["stated_optimum"]].index.tolist() == ["0.45"]
    assert auc[auc["our_optimum"]].index.tolist() == ["0.65"]
    assert set(auc["finding"]) == {"incomplete"}
    panel = by_dataset(Evidence.load(plan), "figure_6")[0]
    assert panel.gap == "1 of 12 runs missing"


def test_bars_hold_seeds_and_the_test_set(
    plan_of: Callable[..., Plan], put: Callable[..., Path], small_print: Callable[[Plan, str], str]
) -> None:
    """Oracles: scipy's t interval of the seeds; and the variances and degrees of freedom added up by hand."""
    aucs = (0.90, 0.91, 0.93)
    plan = plan_of("figure_6", seeds=[1, 2, 3])
    cell = next(cell for cell in plan.cells if cell.dataset == "frappe")
    for run, auc in zip(cell.runs, aucs, strict=True):
        put(run, auc=auc)
    drawn, frame = sweeps.build(Evidence.load(plan), "figure_6")
    row = frame[(frame["dataset"] == "frappe") & (frame["metric"] == "auc")].iloc[0]
    known = stats.t.interval(0.95, 2, np.mean(aucs), stats.sem(aucs))
    assert (row["low_seeds"], row["high_seeds"]) == pytest.approx(known)
    assert (row["low"], row["high"]) == pytest.approx(known)  # no sums by user: the seeds alone
    assert "Thick bars: 95 % interval of the mean of 3 seeds." in small_print(plan, "figure_6")
    names = [text.get_text() for text in drawn.legends[0].get_texts()]
    assert "our best" not in names  # of one point
    evidence = Evidence.load(plan)
    shared = TestSet(np.full((3, 3), 4e-4) + np.diag([1e-4] * 3), 41)
    swept.sweeps_of.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(swept, "testset_of", lambda _: shared)
        drawn, frame = sweeps.build(evidence, "figure_6")
    row = frame[(frame["dataset"] == "frappe") & (frame["metric"] == "auc")].iloc[0]
    seeds = stats.sem(aucs) ** 2
    df = (seeds + 4e-4) ** 2 / (seeds**2 / 2 + 4e-4**2 / 40)
    known_both = stats.t.interval(0.95, df, np.mean(aucs), np.sqrt(seeds + 4e-4))
    assert (row["low_seeds"], row["high_seeds"]) == pytest.approx(known)
    assert (row["low"], row["high"], row["se_testset"]) == pytest.approx((*known_both, 0.02))
    assert "thin bars also include the test set's error" in drawn.legends[0].get_title().get_text().replace("\n", " ")


def test_gamma_beyond_the_monotone_range_is_marked_and_explained(
    plan_of: Callable[..., Plan], csv: Callable[[str], pd.DataFrame], small_print: Callable[[Plan, str], str]
) -> None:
    """c is 0.8 here: γ = 3 needs 0.791, γ = 4 would need more than 1."""
    render(Evidence.load(plan_of("figure_8")), "figure_8", Path("f"))
    rows = csv("figure_8")
    rows = rows[(rows["dataset"] == "frappe") & (rows["metric"] == "auc")]
    assert dict(zip(rows["value"], rows["simple_monotone"], strict=True)) == {
        "1": True, "2": True, "3": True, "4": False, "5": False,
    }  # fmt: skip
    assert "c is below γ·exp(−(1\u00a0+\u00a01/γ))" in small_print(plan_of("figure_8"), "figure_8")  # on one line
    assert "Hatched" not in small_print(plan_of("figure_6"), "figure_6")


@pytest.mark.parametrize(("figure", "bands", "lines"), [("figure_8", 1, 0), ("figure_6", 0, 1)])
def test_a_range_is_one_band_and_an_optimum_one_line(
    plan_of: Callable[..., Plan], figure: str, bands: int, lines: int
) -> None:
    """Three lines with one name would not show which of them is the best."""
    drawn, _ = sweeps.build(Evidence.load(plan_of(figure)), figure)
    panel = drawn.axes[0]
    names = [text.get_text() for text in drawn.legends[0].get_texts()]
    assert [patch.get_alpha() for patch in panel.patches].count(sweeps.RANGE_alpha) == bands
    assert len(panel.lines) == lines
    assert ("paper's range of best values" in names, "paper's best" in names) == (bands == 1, lines == 1)
    assert panel.get_title().endswith("; ours not run")


@pytest.mark.parametrize("finding", [Finding.SEEN, Finding.TIED, Finding.NOT_SEEN])
def test_a_titles_words_are_explained_beside_the_figure(finding: Finding) -> None:
    caption = " ".join((ROOT / "workflow/captions/figure.rst").read_text(encoding="utf-8").split())
    assert f"*{sweeps.WORDS[finding]}*: " in caption


def test_the_axis_of_figure_9_says_the_layers(plan_of: Callable[..., Plan]) -> None:
    drawn, _ = sweeps.build(Evidence.load(plan_of("figure_9")), "figure_9")
    ticks = [text.get_text() for text in drawn.axes[-1].get_xticklabels()]
    assert ticks == ["A\n400", "B\n800", "C\n200-200", "D\n400-400", "E\n800-800"]
    assert drawn.axes[-1].get_xlabel().startswith("units of each hidden layer of ")


def point(value: str, auc: float | None, spread: float = 0.0002) -> Point:
    values = () if auc is None else tuple(auc + step * spread for step in (-1, -0.5, 0, 0.5, 1))
    ground = Ground(Obstacle.NOT_RUN) if auc is None else Ground(None, Standing.PUBLISHED)
    keys = tuple(f"{value}/seed{number}" for number in range(5))
    return Point(value, value, {"auc": Sample(values, ground, keys=keys), "gauc": Sample((), ground, keys=keys)})


@pytest.mark.parametrize(
    ("aucs", "stated", "expected"),
    [
        ((0.90, 0.92, 0.91), ("b",), Finding.SEEN),
        ((0.90, 0.92, 0.91), ("a", "b"), Finding.SEEN),
        ((0.90, 0.92, 0.91995), ("c",), Finding.TIED),
        ((0.90, 0.92, 0.91), ("c",), Finding.NOT_SEEN),
        ((0.90, 0.92, None), ("b",), Obstacle.INCOMPLETE),
        ((None, None, None), ("b",), Obstacle.NOT_RUN),
        ((0.90, 0.92, 0.91), (), Finding.NOT_STATED),
    ],
)
def test_the_verdict_on_a_stated_optimum(
    aucs: tuple[float | None, ...], stated: tuple[str, ...], expected: Finding
) -> None:
    points = [point(value, auc) for value, auc in zip("abc", aucs, strict=True)]
    assert judge_optimum(points, stated).finding is expected
    assert best_of(points, "gauc") is None


def test_a_sweep_that_scatters_or_has_one_seed_decides_nothing() -> None:
    wide = [point(value, auc, 0.01) for value, auc in zip("abc", (0.90, 0.92, 0.9195), strict=True)]
    assert judge_optimum(wide, ("c",)).finding is Finding.OPEN
    single = [
        replace(each, samples={"auc": Sample((0.9,), each.samples["auc"].ground, keys=("a/seed1",))}) for each in wide
    ]
    assert judge_optimum(single, ("c",)).finding is Finding.OPEN


def test_every_stated_optimum_is_a_point_of_its_sweep() -> None:
    for figure, (swept_along, claims) in swept.SWEEPS.items():
        ((key, values),) = load_experiment(figure).arms[0].grid.items()
        assert load_experiment(figure).arms[0].at == {swept_along: f"{{{key.rpartition('.')[2]}}}"}
        facts = load_paper().frame.select(swept_along, claim=claims)
        assert sorted(fact.at["dataset"] for fact in facts) == ["frappe", "ml-1m", "ml-tag"]
        for fact in facts:
            assert set(swept.listed(fact)) <= {coordinate(value) for value in values}
    (structures,) = load_experiment("figure_9").arms[0].grid.values()
    assert set(sweeps.STRUCTURES) == {coordinate(units) for units in structures}
