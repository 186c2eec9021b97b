"""Figures from probes: histograms, gradients and class shares are those that were written."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import figure_2, figure_5, figure_10
from workflow.analysis.figures.builders import render
from workflow.plan.campaign import Plan
from workflow.plan.config import load_experiment
from workflow.train.record import ClassCounts, GradientNorms, Histogram, ProbeData


def test_histograms_are_drawn_by_class(
    plan_of: Callable[..., Plan], put_probed: Callable[..., None], csv: Callable[[str], pd.DataFrame]
) -> None:
    plan = plan_of("figure_2")
    positives, negatives = [0] * 50, [0] * 50
    positives[14], positives[15], positives[30] = 1, 2, 7  # ŷ in [.28, .30), [.30, .32), [.60, .62)
    negatives[19], negatives[20], negatives[35] = 6, 3, 1  # below .4, from .4, from .7
    histogram = Histogram(epoch=1, split="valid", positives=tuple(positives), negatives=tuple(negatives))
    put_probed(plan.cells[0].runs[0], ProbeData(histograms=(histogram,)))
    render(Evidence.load(plan), "figure_2", Path("f"))
    shares = csv("figure_2").groupby(["label", "class"])["share"].sum()
    assert shares[1].to_dict() == pytest.approx(
        {"misclassified": 0.1, "poorly classified": 0.2, "well classified": 0.7}
    )
    assert shares[0].to_dict() == pytest.approx(
        {"misclassified": 0.1, "poorly classified": 0.3, "well classified": 0.6}
    )
    assert figure_2.class_of(14, 1) == "misclassified"


def test_gradients_are_means_over_seeds(
    plan_of: Callable[..., Plan], put_probed: Callable[..., None], csv: Callable[[str], pd.DataFrame]
) -> None:
    plan = plan_of("figure_5", seeds=[1, 2])
    cell = next(cell for cell in plan.cells if (cell.dataset, cell.label) == ("frappe", "L_ctr"))
    for run, value in zip(cell.runs, (0.2, 0.4), strict=True):
        norms = GradientNorms(epoch=1, simple=(value, 0.1), complex=(value, 0.3))
        put_probed(run, ProbeData(gradient_norms=(norms,)))
    render(Evidence.load(plan), "figure_5", Path("f"))
    rows = csv("figure_5")
    assert rows["loss"].unique().tolist() == ["L_ctr"]
    simple = rows[rows["branch"] == "simple"]
    assert simple["mean_norm"].tolist() == pytest.approx([0.3, 0.1])
    assert simple["sd"].tolist() == pytest.approx([0.2 / np.sqrt(2), 0.0])
    assert figure_5.moving_mean(np.full(7, 2.5), 3).tolist() == [2.5] * 7
    assert figure_5.moving_mean(np.array([0.0, 3.0, 3.0, 0.0]), 3).tolist() == [1.5, 2.0, 2.0, 1.5]


def test_class_shares_of_both_models(
    plan_of: Callable[..., Plan], put_probed: Callable[..., None], csv: Callable[[str], pd.DataFrame]
) -> None:
    plan = plan_of("figure_10")
    for cell, well in zip(plan.cells, (6, 8), strict=True):
        counts = ClassCounts(epoch=1, split="test", positives=(1, 9 - well, well), negatives=(5, 5, 10))
        put_probed(cell.runs[0], ProbeData(class_counts=(counts,)))
    render(Evidence.load(plan), "figure_10", Path("f"))
    rows = csv("figure_10").set_index(["model", "label", "class"])
    assert rows.loc[("DualMLP", 1, "well classified"), "share"] == pytest.approx(0.6)
    assert rows.loc[("TF4CTR", 1, "well classified"), "rows"] == 8
    assert rows.loc[("TF4CTR", 0, "misclassified"), "share"] == pytest.approx(0.25)
    assert set(figure_10.MODELS) == {cell.at["model"] for cell in plan.cells}


def test_panels_beside_each_other_share_a_scale_that_holds_all(
    plan_of: Callable[..., Plan], put_probed: Callable[..., None]
) -> None:
    plan = plan_of("figure_10")
    for cell in plan.cells:
        counts = [
            ClassCounts(epoch=epoch, split=split, positives=(7, 2, 1), negatives=(0, 1, 9))
            for epoch in (1, 2)
            for split in ("valid", "test")
        ]
        put_probed(cell.runs[0], ProbeData(class_counts=tuple(counts)))
    figure, _ = figure_10.build(Evidence.load(plan), "figure_10")
    assert figure.axes[0].get_title() == "(a) Frappe, positive samples\nvalidation"
    for start in range(0, len(figure.axes), 4):
        row = figure.axes[start : start + 4]
        assert len({axis.get_ylim() for axis in row}) == 1
        low, high = row[0].get_ylim()
        assert all(
            low <= value <= high
            for axis in row
            for line in axis.lines
            for value in np.asarray(line.get_ydata()).tolist()
        )


def test_both_models_of_figure_10_train_equally_long() -> None:
    for arm in load_experiment("figure_10").arms:
        assert arm.training["patience"] >= arm.training["max_epochs"] == 20
