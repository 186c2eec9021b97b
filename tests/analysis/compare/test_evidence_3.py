"""What the shipped runs say, compared with values that were computed independently of this code (265 runs)."""

import csv
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path

import numpy as np
import pytest

from workflow.analysis.compare.comparison import Comparison, Comparisons
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.numbers import number
from workflow.analysis.compare.swept import sweeps_of
from workflow.analysis.compare.together import ALL, distinct, kind_of, printed_numbers, together
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.stats.uncertainty import Estimate
from workflow.plan.config import ROOT
from workflow.train.record import Record

TABLES = ("table_2", "table_3", "table_4", "table_5")


@pytest.fixture(scope="module")
def found(shipped: Evidence) -> Comparisons:
    return comparisons_of(shipped)


def unmoderated(one: Comparison) -> tuple[float, float, float]:
    """Gain and interval from the spreads of its own cells alone, in points."""
    estimate = one.gain.unmoderated
    assert isinstance(estimate, Estimate)
    interval = estimate.interval()
    return 100 * interval.value, 100 * interval.low, 100 * interval.high


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("tf-loss-mean", 0.044),
        ("tf-loss-in-ser", 0.198),
        ("ser-times-tf-loss", 0.158),
        ("pairing:SER+Sum", 0.228),
        ("tf4ctr-over-size", 0.168),
        ("two-mlps-over-one", 0.247),  # scikit-learn's AUC of the mean logit, over all ten pairs, and of single runs
    ],
)
def test_gains_on_frappe(found: Comparisons, name: str, points: float) -> None:
    assert 100 * (found[f"{name}@frappe"].gain.mean or 0) == pytest.approx(points, abs=0.002)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        # As README has had them: Welch's intervals, and pairs within one kind of machine.
        ("tf4ctr@ml-1m", 0.32, 0.51),
        ("tf4ctr-over-left-out:FinalMLP@ml-1m", 0.05, 0.31),
        ("tf4ctr@frappe", 0.12, 0.25),
        ("pairing:SER+Sum@frappe", 0.17, 0.29),
        ("tf-loss:DualMLP@frappe", -0.05, 0.13),
        ("framework:DeepFM@frappe", -0.06, 0.12),
        ("framework:WideDeep@frappe", -0.09, 0.16),
        ("framework:xDeepFM@frappe", -0.06, 0.05),
    ],
)
def test_intervals_without_moderation_are_those_of_before(
    found: Comparisons, name: str, low: float, high: float
) -> None:
    _, *bounds = unmoderated(found[name])
    assert [round(bound, 2) for bound in bounds] == [low, high]


def test_the_mean_of_the_tf_loss_is_shown_and_smaller_than_printed(found: Comparisons) -> None:
    one = found["tf-loss-mean@frappe"]
    assert (one.gain.paper, one.verdict.word, len(one.members), one.planned) == ("+0.13", "holds, smaller", 4, 6)
    assert one.gain.interval is not None
    assert 0.00007 < one.gain.interval.low < one.gain.interval.high < 0.00081  # narrower than independently: moderated


def is_first(record: Record) -> bool:
    """Whether a run is one of the first 265."""
    return record.provenance.started < "2026-11-30"


def variances(spreads: Mapping[tuple[str, str], Sequence[float]], dataset: str) -> list[float]:
    return [
        float(np.var(values, ddof=1)) for (name, _), values in spreads.items() if name == dataset and len(values) > 1
    ]


def test_the_spread_of_a_run(shipped: Evidence) -> None:
    """Oracle: 0.061 points on Frappe and 0.080 on ML-1M, of the first 265 runs."""
    spreads = defaultdict(list)
    first = defaultdict(list)
    for record in shipped.records.values():
        if record.test is not None and record.spec.training.max_epochs == 100:  # others are cut, for a figure
            spreads[record.spec.dataset.name, record.spec.id].append(record.test.auc)
            if is_first(record):
                first[record.spec.dataset.name, record.spec.id].append(record.test.auc)
    assert sum(map(len, first.values())) == 265
    for dataset, points in (("frappe", 0.061), ("ml-1m", 0.080)):
        assert 100 * np.sqrt(np.mean(variances(first, dataset))) == pytest.approx(points, abs=0.001)
        data = next(
            record.spec.dataset.id for record in shipped.records.values() if record.spec.dataset.name == dataset
        )
        prior = shipped.prior(data, "auc")
        assert prior is not None
        widened = 1.0 if prior.df == inf else prior.df / (prior.df - 2)  # the mean of F(d, d0)
        assert prior.variance * widened == pytest.approx(np.mean(variances(spreads, dataset)), rel=0.3)
        runs = [len(values) for (name, _), values in spreads.items() if name == dataset]
        assert prior.total_df == sum(runs) - len(runs)


def test_baselines_print_lower_than_ours_and_the_papers_own_rows_do_not(shipped: Evidence) -> None:
    words = {(each.kind, each.table): each for each in together(shipped) if each.dataset == "frappe"}
    rows = {
        (each.sample.key, each.paper_points): (one, float(each.paper_points or 0) + 0.005)
        for table in TABLES
        for one, each in printed_numbers(shipped, "frappe", table)
        if kind_of(one) == "baselines" and each.ground.obstacle is None
    }
    apart = [(one, points - 100 * np.mean(one.values("auc"))) for one, points in rows.values()]
    low = words["baselines", ALL]
    assert low.verdict.word == "paper lower"
    assert 100 * low.difference == pytest.approx(np.mean([each for _, each in apart]))
    first = [each for one, each in apart if all(record and is_first(record) for record in one.records)]
    assert np.mean(first) == pytest.approx(-0.11, abs=0.005)
    assert words["the paper's own rows", ALL].verdict.word == "consistent"


def test_a_freak_spread_decides_nothing(shipped: Evidence) -> None:
    """The framed DeepFM's five seeds have a standard deviation of 0.018 points."""
    (cell,) = (
        one for one in shipped.cells("table_5") if (one.label, one.cell.dataset) == ("DeepFM in TF4CTR", "frappe")
    )
    compared = number(shipped, cell, "auc")
    assert 100 * (compared.sd or 0) == pytest.approx(0.018, abs=0.0006)
    assert compared.verdict.word.startswith("consistent")
    assert (compared.half_width_points or 0) > 0.09


def test_duplicated_prints_count_once(shipped: Evidence) -> None:
    pairs = [each for table in TABLES for each in printed_numbers(shipped, "frappe", table)]
    ran = [each for _, each in pairs if each.ground.obstacle is None]
    assert len(distinct(ran)) < len(ran)
    assert len({(each.sample.key, each.paper_points) for each in ran}) == len(distinct(ran))


def test_sweeps_have_one_word(shipped: Evidence) -> None:
    path = ROOT / "figures" / "evidence" / "figure_8.csv"
    swept = sweeps_of(shipped)["figure_8", "frappe"]
    with Path(path).open(newline="", encoding="utf-8") as stream:
        words = {
            row["finding"] for row in csv.DictReader(stream) if row["dataset"] == "frappe" and row["metric"] == "auc"
        }
    assert words == {swept.verdict.word}
    falls, verdict = swept.trend([1, 2, 3, 4, 5], falling=True)
    assert (verdict.word, re.match("−", falls.ours) is not None) == ("seen", True)
