"""The audit on simulated records: effects that are there by construction are found, and no others.

A run's AUC is a mean over users: the model's, plus what the model makes of each user of this test
set, which all its seeds share, plus each seed's own luck. So a new test set and new seeds both
change it, by errors of a known size, near those of Frappe.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from statistics import variance

import numpy as np
import pytest

from tests.analysis.claims.audit_help import of_runs
from tests.made_records import made_record
from workflow.analysis.claims.order import lies_within, rank_bounds
from workflow.analysis.compare.gains import Gain, corrected, gain, opposite
from workflow.analysis.compare.numbers import number
from workflow.analysis.compare.together import printed_numbers
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.load import Evidence, WorkingDirectory
from workflow.analysis.evidence.standing import Ground, Standing
from workflow.analysis.stats.moderation import prior_of
from workflow.analysis.stats.testset import ClusterSums
from workflow.analysis.stats.uncertainty import Estimate
from workflow.files import canonical_json
from workflow.plan.campaign import Plan
from workflow.spec import RunSpec
from workflow.train.placements import UserSums
from workflow.train.record import Metrics, Record

SEEDS, USERS, ROWS = 5, 400, 5
MODEL_SD, RUN_SD = 0.008, 0.008  # of a user's AUC; of a mean over users a twentieth: 0.04 points
DRAWS = 200
DIRECT = Ground(None, Standing.PUBLISHED)


def cell(draw: np.random.Generator, auc: float) -> list[UserSums]:
    """Five runs of a model on one test set."""
    model_U = auc + MODEL_SD * draw.normal(size=USERS)
    return [_sums(model_U + RUN_SD * draw.normal(size=USERS)) for _ in range(SEEDS)]


def _sums(share_U: np.ndarray) -> UserSums:
    rows_U = np.full(USERS, ROWS)
    return UserSums(rows_U, rows_U, ROWS * share_U, np.full(USERS, ROWS * share_U.mean()), share_U)


def _sample(runs: list[UserSums]) -> Sample:
    sums = tuple(ClusterSums(**vars(run)) for run in runs)
    return Sample(tuple(each.auc for each in sums), DIRECT, sums=sums)


def _family(seed: int, true_gain: float, size: int = 6, paper: Decimal | None = None) -> list[Gain]:
    """Gains whose variances are moderated by those of all their cells."""
    draw = np.random.default_rng(seed)
    pairs = [(_sample(cell(draw, 0.9 + true_gain)), _sample(cell(draw, 0.9))) for _ in range(size)]
    spreads = [variance(each.values) for pair in pairs for each in pair]
    prior = prior_of(spreads, [SEEDS - 1] * len(spreads))
    return corrected([gain(new, old, prior, paper) for new, old in pairs])


# -- gains: rates over draws ----------------------------------------------------------


@pytest.fixture(scope="module")
def no_effect() -> list[list[Gain]]:
    """Families without any true gain."""
    return [_family(seed, 0.0) for seed in range(DRAWS)]


def test_without_any_effect_a_gain_is_shown_no_more_often_than_stated(no_effect: list[list[Gain]]) -> None:
    """The family-wise rate of 5 % is for both signs, so that half of it is for gains; counted on gains alone."""
    shown = [any(each.verdict.finding is Finding.GAIN for each in family) for family in no_effect]
    assert sum(shown) <= 10  # 2.5 % of 200 are 5; 11 or more have a probability of 0.01


PRINTED = Decimal("0.13")  # the paper's mean gain of its loss


def test_without_any_effect_a_printed_gain_holds_no_more_often_than_stated(no_effect: list[list[Gain]]) -> None:
    words = [[replace(each, paper_points=PRINTED).verdict.finding for each in family] for family in no_effect]
    holds = sum(any(word in (Finding.HOLDS, Finding.SMALLER) for word in family) for family in words)
    assert holds <= 10
    assert any(word is Finding.DOES_NOT_HOLD for family in words for word in family)  # the word can be had


def test_under_the_papers_effect_it_fails_no_more_often_than_stated() -> None:
    """At most 5 % of the comparisons `does not hold`, and of `holds, smaller`; none is reversed."""
    true = float(PRINTED) / 100
    words = [each.verdict.finding for seed in range(DRAWS // 2) for each in _family(3000 + seed, true, paper=PRINTED)]
    assert words.count(Finding.DOES_NOT_HOLD) + words.count(Finding.SMALLER) <= 0.05 * len(words)
    assert Finding.REVERSED not in words
    assert words.count(Finding.HOLDS) > 0.2 * len(words)


def test_seeds_alone_would_show_gains_that_are_the_test_sets(no_effect: list[list[Gain]]) -> None:
    """The test above can fail: without the test set's error the same draws exceed the rate."""
    wrong = 0
    for family in no_effect[:40]:
        found = [each.estimate for each in family]
        bare = [replace(each, testset_variance=0.0) for each in found if isinstance(each, Estimate)]
        p = [each.p for each in bare if each.value > 0]
        wrong += any(6 * one < 0.05 for one in p)
    assert wrong > 6


def test_the_smallest_gain_that_can_be_shown_is_shown_four_times_in_five() -> None:
    root = USERS**0.5
    seeds, shared = 2 * (RUN_SD / root) ** 2 / SEEDS, 2 * MODEL_SD**2 / USERS
    df = (seeds + shared) ** 2 / (seeds**2 / (2 * SEEDS - 2) + shared**2 / (USERS - 1))
    true = Estimate(0.0, seeds, shared, df).detectable()
    found = [_family(1000 + seed, true, size=1)[0].verdict.finding for seed in range(DRAWS)]  # two cells: no prior
    assert 0.72 <= found.count(Finding.GAIN) / DRAWS <= 0.88  # three standard errors around 0.8
    assert found.count(Finding.LOSS) == 0


def test_spreads_and_ranks_are_wrong_no_more_often_than_stated() -> None:
    """Three models whose best and worst lie just at the bar; and three that are equal, so that no rank is sure."""
    at_the_bar, ranked = [], []
    for seed in range(DRAWS):
        draw = np.random.default_rng(2000 + seed)
        apart = [_sample(cell(draw, auc)) for auc in (0.9, 0.9, 0.901)]
        gains = [gain(x, y) for x, y in combinations(apart, 2)]
        pairs = [each.estimate for each in (*gains, *map(opposite, gains))]
        at_the_bar.append(lies_within([each for each in pairs if isinstance(each, Estimate)], 0.001))
        first, *others = (_sample(cell(draw, 0.9)) for _ in range(3))
        ranked.append(rank_bounds(corrected([gain(first, one) for one in others])))
    # 5 % of 200 are 10; 19 or more have a probability of 0.01. At the bar both answers are wrong.
    assert at_the_bar.count(True) <= 18
    assert at_the_bar.count(False) <= 18
    assert sum(bounds != (1, 3) for bounds in ranked) <= 18


# -- the whole audit ------------------------------------------------------------------


@dataclass
class Memory(WorkingDirectory):
    """Runs without files."""

    made: Mapping[str, UserSums]

    def record(self, run: RunSpec) -> Record | None:
        if run.key not in self.made:
            return None
        auc = float(self.made[run.key].auc_U.mean())
        return made_record(run, Metrics(auc=auc, gauc=auc if run.dataset.preparation.group else None, logloss=0.3))

    def user_sums(self, record: Record) -> UserSums | None:
        return self.made[record.spec.key]

    def pair_sums(self, records: Iterable[Record]) -> Mapping[str, UserSums]:  # noqa: ARG002 - the base's name
        return {}


def _simulated(plan: Plan, truth: Callable[[str, Mapping[str, str]], float | None], noise: float = 1.0) -> Evidence:
    """Evidence of a campaign whose every cell has this AUC, plus the errors of its seeds and its test set."""
    draw = np.random.default_rng(3)
    made: dict[str, UserSums] = {}
    for one in plan.cells:
        auc = truth(one.dataset, one.print_at)
        if auc is not None:
            model_U = auc + noise * MODEL_SD * draw.normal(size=USERS)
            for run in one.runs:
                made.setdefault(run.key, _sums(model_U + noise * RUN_SD * draw.normal(size=USERS)))
    return Evidence.load(plan, source=Memory(made))


@pytest.fixture
def plan(real_plan: Callable[..., Plan]) -> Plan:
    return real_plan("table_4", datasets=["frappe", "kkbox"], seeds=[2020, 2021, 2022, 2023, 2024])


def test_the_papers_means_with_noise_give_its_claims(plan: Plan) -> None:
    prints = Evidence.load(plan, source=Memory({}))

    def truth(_: str, at: Mapping[str, str]) -> float | None:
        printed = prints.print_of(at, "auc")
        return None if printed is None else float(printed.points + Decimal("0.005")) / 100

    evidence = _simulated(plan, truth, noise=0.5)
    rows = of_runs(evidence)
    items = {item.label: item.verdict.word for item in rows["P66"].items}
    for title in ("KKBox", "Frappe"):  # 0.26 and 0.27 points over the best
        (word,) = [word for label, word in items.items() if label.startswith("TF4CTR over the best") and title in label]
        assert word == "holds"
    numbers = [
        each.verdict.finding
        for dataset in evidence.datasets_of("table_4")
        for _, each in printed_numbers(evidence, dataset, "table_4")
    ]
    assert len(numbers) == 22
    assert sum(one in (Finding.HIGHER, Finding.LOWER) for one in numbers) <= 4  # 5 % and the test set's own error
    (cells,) = (row for name, row in rows.items() if name == "S.T4")
    tested = ["against the print" in item.measured for item in cells.items]
    assert sum(tested) == 22  # Holm spans all that have an interval, not those alone that look wrong
    assert "does not hold" not in {row.verdict.word for name, row in rows.items() if name in ("P66", "S.T4")}


def test_a_constant_model_is_never_consistent_where_the_table_tells(real_plan: Callable[..., Plan]) -> None:
    """Every cell has the AUC of its row's plain reference: it differs from the printed number, or is uninformative."""
    datasets = ["criteo", "kkbox", "ml-tag", "frappe"]
    plan = real_plan("table_2", "table_4", "table_5", datasets=datasets, seeds=[1, 2, 3, 4, 5])
    words: set[str] = set()
    for experiment in ("table_2", "table_4", "table_5"):
        part = Plan(plan.campaign.model_copy(update={"experiments": (experiment,)}))
        empty = Evidence.load(part, source=Memory({}))
        printed = {_place(one.at): number(empty, one, "auc").reference_points for one in empty.cells(experiment)}

        def truth(_: str, at: Mapping[str, str], printed: Mapping[str, Decimal | None] = printed) -> float | None:
            points = printed.get(_place(at))
            return None if points is None else float(points + Decimal("0.005")) / 100

        evidence = _simulated(part, truth, noise=0.2)
        compared = [
            each for dataset in datasets for _, each in printed_numbers(evidence, dataset, experiment) if each.runs
        ]
        words |= {each.verdict.word for each in compared if each.reference_points}
    assert words == {"consistent (weak)", "paper higher", "paper lower"}


def _place(at: Mapping[str, str]) -> str:
    return canonical_json(dict(at))
