"""Gains: missing runs, standings, statistics, and one model against many."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workflow.analysis.compare.gains import NO_SUMS, corrected, gain, gain_of, over_best, reasons
from workflow.analysis.compare.points import in_points, p_value
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.standing import Ground, Obstacle, Standing
from workflow.analysis.stats.families import holm
from workflow.analysis.stats.moderation import Prior
from workflow.analysis.stats.pairing import Arm
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.testset import ClusterSums, auc_covariance
from workflow.analysis.stats.uncertainty import Estimate
from workflow.analysis.tables.differences import gain_data
from workflow.train.placements import user_sums

SPREAD = (0.0, 0.0001, -0.0001, 0.00005, -0.00005)
DIRECT = Ground(None, Standing.PUBLISHED)


def around(centre: float, ground: Ground = DIRECT) -> Sample:
    return sample(*(centre + step for step in SPREAD), ground=ground)


def sample(*values: float, ground: Ground = DIRECT) -> Sample:
    """Runs on users who are all alike, so that no other test set would change a score."""
    rows_U = np.full(2, 10)
    sums = (
        ClusterSums(rows_U, rows_U, np.full(2, 10 * auc), np.full(2, 10 * auc), np.full(2, auc))
        for auc in map(float, values)
    )
    return Sample(values, ground, sums=tuple(sums))


@pytest.mark.parametrize(
    ("new", "paper", "finding"),
    [
        (0.985, None, Finding.GAIN),
        (0.975, None, Finding.LOSS),
        (0.98, None, Finding.EQUAL),
        (0.985, "0.00", Finding.GAIN),  # the paper prints no difference: it claims none
        (0.985, "0.50", Finding.HOLDS),
        (0.985, "0.51", Finding.HOLDS),  # 0.50, cut, may be meant
        (0.985, "0.10", Finding.HOLDS),
        (0.985, "0.90", Finding.SMALLER),
        (0.98, "0.50", Finding.DOES_NOT_HOLD),
        (0.98, "0.01", Finding.EQUAL),
        (0.975, "0.50", Finding.REVERSED),
        (0.975, "-0.50", Finding.HOLDS),  # the paper prints a loss
        (0.975, "-0.90", Finding.SMALLER),
        (0.98, "-0.50", Finding.DOES_NOT_HOLD),
        (0.985, "-0.50", Finding.REVERSED),
    ],
)
def test_five_seeds(new: float, paper: str | None, finding: Finding) -> None:
    found = gain(around(new), around(0.98), paper_points=None if paper is None else Decimal(paper))
    assert found.verdict.finding is finding


def test_wide_spread_decides_nothing() -> None:
    wide = sample(0.97, 0.98, 0.99, 0.975, 0.985)
    assert gain(wide, around(0.98)).verdict.finding is Finding.OPEN
    assert gain(wide, around(0.98), paper_points=Decimal("0.50")).verdict.finding is Finding.OPEN


@pytest.mark.parametrize(
    ("ground", "word"),
    [
        (Ground(obstacle, Standing.PUBLISHED), "failed" if obstacle is Obstacle.FAILED else "incomplete")
        for obstacle in Obstacle
    ]
    + [
        (Ground(None, standing), str(standing))
        for standing in (Standing.OTHER_PROTOCOL, Standing.STAND_IN, Standing.SYNTHETIC)
    ],
)
def test_other_ground_forbids_a_finding_on_either_side(ground: Ground, word: str) -> None:
    for found in (gain(around(0.99, ground), around(0.98)), gain(around(0.99), around(0.98, ground))):
        assert found.verdict.word == word
        assert corrected([found])[0].verdict.word == word
        assert replace(found, p=0.0).verdict.word == word


def test_too_few_runs_give_no_p_value() -> None:
    single = gain(sample(0.99), sample(0.98))
    assert (single.verdict.finding, single.p, single.ours) == (Finding.OPEN, None, "+1.00")
    assert isinstance(single.estimate, NoTest)
    assert reasons([single, single, gain(sample(), sample(0.98))]) == [
        "No p-value for 2 gains: too few seeds: 1, and an interval needs 3."
    ]
    assert gain(sample(0.9, 0.9, 0.9), sample(0.8, 0.8, 0.8)).verdict.finding is Finding.OPEN


def on_forty_users(seeds: tuple[int, ...], better: float) -> Sample:
    """Runs on one test split of 40 users; each seed has noise of its own, all share the users'."""
    draw = np.random.default_rng(7)
    user_N = np.repeat(np.arange(40, dtype=np.int32), 25)
    y_N = (draw.random(1000) < 0.4).astype(np.float32)
    user_noise_N = draw.normal(size=40)[user_N]
    sums = []
    for seed in seeds:
        noise_N = user_noise_N + 0.05 * np.random.default_rng(seed).normal(size=1000)
        score_N = 1 / (1 + np.exp(-(better * y_N + noise_N)))
        sums.append(ClusterSums(**vars(user_sums(y_N, score_N.astype(np.float32), user_N))))
    arm = Arm("data", 100, "DNN", tuple(range(len(seeds))), "a machine")
    return Sample(tuple(each.auc for each in sums), DIRECT, "auc", arm, tuple(sums))


def test_a_gain_holds_the_error_of_the_test_set_that_all_seeds_share() -> None:
    new, old = on_forty_users((1, 2, 3, 4), 1.6), on_forty_users((5, 6, 7, 8), 1.5)
    found, bare = gain(new, old), gain(replace(new, sums=()), replace(old, sums=()))
    assert isinstance(found.estimate, Estimate)
    assert isinstance(bare.estimate, Estimate)
    assert found.estimate.seed_variance == bare.estimate.seed_variance
    assert found.testset_se is not None
    # Oracle: the covariance of the two means over test sets, of runs that differ in their seed, pair by pair.
    covariance = auc_covariance((*new.sums, *old.sums))
    apart = [
        covariance[i, k] + covariance[4 + i, 4 + k] - covariance[i, 4 + k] - covariance[4 + i, k]
        for i in range(4)
        for k in range(4)
        if i != k
    ]
    assert found.testset_se**2 == pytest.approx(sum(apart) / len(apart))
    assert found.interval is not None
    assert bare.interval is not None
    assert found.interval.high - found.interval.low > bare.interval.high - bare.interval.low
    assert reasons([found]) == []


def test_without_the_test_sets_error_nothing_is_found() -> None:
    bare = gain(replace(around(0.985), sums=()), around(0.98))
    assert isinstance(bare.estimate, Estimate)  # of the seeds, as far as that goes
    assert bare.estimate.p < 1e-6
    assert (bare.p, bare.testset_se, bare.verdict.finding) == (None, None, Finding.OPEN)
    assert reasons([bare]) == [f"No p-value for 1 gain: {NO_SUMS}."]
    new, old = (replace(each, sums=(), metric="train_s") for each in (around(0.985), around(0.98)))
    assert gain(new, old).verdict.finding is Finding.GAIN  # no test set has a part in time


def test_what_can_be_detected_pays_for_the_family() -> None:
    alone = gain(around(0.985), around(0.98))
    six = corrected([alone] * 6)[0]
    assert isinstance(alone.estimate, Estimate)
    assert alone.detectable == alone.estimate.detectable()
    # Oracle: the power of the two-sided test at a sixth of the level, by the noncentral t distribution.
    shift = (six.detectable or 0) / alone.estimate.se
    critical = stats.t.isf(0.05 / 12, alone.estimate.df)
    assert stats.nct.sf(critical, alone.estimate.df, shift) == pytest.approx(0.8)


def test_runs_that_share_their_luck_are_paired() -> None:
    new, old = (on_forty_users(seeds, 1.5) for seeds in ((1, 2, 3, 4), (5, 6, 7, 8)))
    other = replace(old, arm=Arm("data", 100, "DCN", (0, 1, 2, 3), "a machine"))
    paired: Any = stats.ttest_rel(new.values, old.values)
    unpaired: Any = stats.ttest_ind(new.values, old.values, equal_var=False)
    for reference, oracle in ((old, paired), (other, unpaired)):
        own, other_side = (replace(each, sums=(), metric="train_s") for each in (new, reference))
        seeds = gain(own, other_side).estimate
        assert isinstance(seeds, Estimate)
        assert seeds.p == pytest.approx(oracle.pvalue)
    assert gain(replace(new, arm=None), old).paired is False


def test_many_seeds_have_no_exact_test() -> None:
    many = sample(*(0.98 + number / 1e5 for number in range(30)))
    found = gain(many, replace(many))
    assert isinstance(found.permutation, NoTest)
    assert "too many" in found.permutation.reason
    assert found.verdict.finding is Finding.EQUAL


def test_holm_over_those_with_a_p_value() -> None:
    gains = [gain(around(0.9801), around(0.98)), gain(sample(0.9), sample(0.8)), gain(around(0.985), around(0.98))]
    p = [each.p for each in gains if each.p is not None]
    after = corrected(gains)
    assert [each.p for each in after if each.p is not None] == holm(p, planned=3)  # the one without counts
    assert after[1] == replace(gains[1], family=3)


def test_correction_can_take_a_finding_back() -> None:
    found = gain(around(0.985), around(0.98))
    assert found.verdict.finding is Finding.GAIN
    assert replace(found, p=0.2).verdict.finding is Finding.OPEN


def test_a_bar_is_taken_off_exactly() -> None:
    plain, barred = gain(around(0.985), around(0.98)), gain(around(0.985), around(0.98), bar=Fraction(5, 1000))
    assert plain.verdict.finding is Finding.GAIN
    assert barred.verdict.finding is Finding.EQUAL
    assert barred.mean == pytest.approx(0, abs=1e-12)


def test_a_contest_with_one_rival_is_that_gain() -> None:
    own, only = around(0.985), around(0.98)
    met = over_best(own, {"only": only}, paper_points=Decimal("0.5"))
    assert met == ("only", gain(own, only, paper_points=Decimal("0.5")))


def test_a_contest_needs_every_rival_beaten_and_pays_for_the_choice_of_the_best() -> None:
    unsure = sample(0.97, 0.99, 0.975, 0.985, 0.9775)  # its mean is below the best rival's
    rivals = {"best": around(0.98), "unsure": unsure}
    (best, met), single = over_best(around(0.981), rivals), gain(around(0.981), unsure)
    assert (best, met.p) == ("best", single.p)
    assert met.verdict.finding is Finding.OPEN
    _, lost = over_best(around(0.979), {name: around(0.98) for name in "abc"})
    single_p = gain(around(0.979), around(0.98)).p
    assert single_p is not None
    assert lost.p == pytest.approx(min(1.0, 3 * single_p))
    _, waiting = over_best(around(0.99), {"a": around(0.98), "b": Sample((), Ground(Obstacle.NOT_RUN))})
    assert waiting.p is None


@given(st.floats(-1, 1))
def test_points_have_two_decimals_and_no_negative_zero(value: float) -> None:
    text = in_points(value)
    assert abs(float(text.replace("−", "-")) - 100 * value) <= 0.005 + 1e-9
    assert text != "−0.00"


def test_texts() -> None:
    assert [p_value(p) for p in (None, 0.00012, 0.5)] == ["–", "< 0.001", "0.5"]
    row = gain_data(gain(around(0.985), around(0.98)))
    low, middle, high = (float(str(row[name])) for name in ("gain_low", "gain", "gain_high"))
    assert low < middle < high


# -- sums of several cells ------------------------------------------------------------


def seconds(*values: float, key: str = "", arm: Arm | None = None) -> Sample:
    return Sample(values, DIRECT, "train_s", arm, key=key)


def test_a_mean_of_gains_is_the_sum_of_their_cells() -> None:
    """Oracle: means and variances of independent cells, added up by hand."""
    draw = np.random.default_rng(5)
    values = draw.normal(0, 1, (4, 5))
    cells = [seconds(*row, key=str(place)) for place, row in enumerate(values.tolist())]
    found = gain_of([(0.5, cells[0]), (-0.5, cells[1]), (0.5, cells[2]), (-0.5, cells[3])])
    assert isinstance(found.estimate, Estimate)
    assert found.mean == pytest.approx(0.5 * (values[0] - values[1] + values[2] - values[3]).mean())
    assert found.estimate.se**2 == pytest.approx(0.25 * values.var(axis=1, ddof=1).sum() / 5)


def test_a_cell_that_comes_twice_is_one() -> None:
    """A reference that two gains share is not drawn twice."""
    x, y, shared = (seconds(*np.random.default_rng(seed).normal(size=5), key=str(seed)) for seed in (1, 2, 3))
    twice = gain_of([(0.5, x), (-0.5, shared), (0.5, y), (-0.5, shared)])
    once = gain_of([(0.5, x), (0.5, y), (-1.0, shared)])
    assert isinstance(twice.estimate, Estimate)
    assert isinstance(once.estimate, Estimate)
    assert (twice.mean, twice.estimate.se, twice.estimate.df) == pytest.approx(
        (once.mean, once.estimate.se, once.estimate.df)
    )
    assert gain_of([(1.0, x), (-1.0, replace(x))]).mean == 0


def test_an_interaction_of_pairs_is_a_t_test_of_its_sums_by_seed() -> None:
    arm = Arm("data", 100, "DNN", (1, 2, 3, 4, 5), "a machine")
    values = np.random.default_rng(6).normal(size=(4, 5))
    cells = [seconds(*row, key=str(place), arm=arm) for place, row in enumerate(values.tolist())]
    found = gain_of(list(zip((1.0, -1.0, -1.0, 1.0), cells, strict=True)))
    oracle: Any = stats.ttest_1samp(values[0] - values[1] - values[2] + values[3], 0)
    assert found.paired
    assert found.p == pytest.approx(oracle.pvalue)


def test_a_freak_spread_is_moderated() -> None:
    prior = Prior(0.0006**2, 6.0, 100.0)
    freak = sample(0.9850001, 0.9850002, 0.9850003, 0.9850002, 0.9850001)
    plain, moderated = (gain(freak, around(0.9846), each) for each in (None, prior))
    assert plain.verdict.finding is Finding.GAIN
    assert moderated.verdict.finding is Finding.OPEN
    assert moderated.unmoderated == plain.estimate


def test_a_single_pair_spreads_as_two_runs_do() -> None:
    found = gain(around(0.985), around(0.98), paper_points=Decimal("0.90"))
    assert found.single_pair is not None
    variance = np.var(SPREAD, ddof=1)
    assert found.single_pair.se**2 == pytest.approx(2 * variance * (1 + 1 / 5))
    assert found.by_luck is False
    assert gain(around(0.985), around(0.98), paper_points=Decimal("0.50")).by_luck is True
