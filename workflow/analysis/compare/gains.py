"""A gain: one cell's mean minus another's, or any weighted sum of cells, with its verdict.

A gain has two errors: other seeds would give other runs, and another test set other AUCs of the same
runs. Its interval and its test contain both, if the runs have sums by user. Variances over
seeds are moderated by those of all cells on the same data.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import sqrt

import numpy as np

from workflow.analysis.compare.points import in_points, p_value, signed
from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.cells import SCORES, Sample, testset_of
from workflow.analysis.evidence.standing import Ground, joined
from workflow.analysis.stats.effect import ALPHA, hedges_g
from workflow.analysis.stats.families import holm
from workflow.analysis.stats.moderation import Prior
from workflow.analysis.stats.pairing import is_paired
from workflow.analysis.stats.permutation import permutation
from workflow.analysis.stats.prediction import STEP_points, predicted
from workflow.analysis.stats.samples import Interval, NoTest
from workflow.analysis.stats.uncertainty import Estimate, Group, combined

BAR_points = Decimal("0.10")  # the paper's threshold for a significant gain
BAR = float(BAR_points) / 100  # AUC
NO_SUMS = "runs left no sums by user, so that the error over test sets is not known"
ONE_USER = "all test rows of a class are of one user, so that the error over test sets cannot be estimated"
Term = tuple[float, Sample]  # a cell and its weight


@dataclass(frozen=True)
class Gain:
    """Weighted sum of the means of some cells, such as one minus another, in the unit of the values: AUC or seconds.

    `estimate` has the errors of seeds and test set, or says why there are none; `unmoderated` is the same from the
    spreads of these cells alone. `p` is what the word rests on, after correction in a family of `family` tests. Where
    the test set's error is not known (`one_error`) there is an interval of the seeds alone, and no p. A gain of a
    user's own models is not `about_paper`.
    """

    terms: tuple[Term, ...]
    paper_points: Decimal | None
    mean: float | None
    estimate: Estimate | NoTest
    unmoderated: Estimate | NoTest
    paired: bool  # by seed
    p: float | None
    ground: Ground
    one_error: bool = False
    family: int = 1
    about_paper: bool = True

    @cached_property
    def verdict(self) -> Verdict:
        """Its verdict; without a finding if the standing of the runs allows none."""
        return verdict(self.ground, self._finding, about_paper=self.about_paper)

    @property
    def _finding(self) -> Finding:
        estimate = self.estimate
        if isinstance(estimate, NoTest) or self.p is None:
            return Finding.OPEN
        shown, same_sign = self.p < ALPHA, estimate.value * float(self.paper_points or 0) > 0
        if shown and not self.paper_points:  # without a printed gain, or with a printed 0.00
            return Finding.GAIN if estimate.value > 0 else Finding.LOSS
        if shown:
            found = Finding.SMALLER if self._print_beyond else Finding.HOLDS
            return found if same_sign else Finding.REVERSED
        if self._print_beyond:
            return Finding.DOES_NOT_HOLD
        return Finding.EQUAL if estimate.equivalence_p(BAR) < ALPHA / 2 else Finding.OPEN

    @property
    def _print_beyond(self) -> bool:
        """Whether the printed gain lies beyond our interval, taking the nearest gain that truncation allows."""
        if not self.paper_points or self.interval is None:
            return False
        nearest = float(abs(self.paper_points) - STEP_points) / 100
        return nearest > (self.interval.high if self.paper_points > 0 else -self.interval.low)

    @cached_property
    def interval(self) -> Interval | None:
        """95 % interval from both errors."""
        return None if isinstance(self.estimate, NoTest) else self.estimate.interval()

    @cached_property
    def single_pair(self) -> Estimate | None:
        """The prediction for the difference of one new pair of runs; None without an interval."""
        if isinstance(self.estimate, NoTest) or self.one_error:
            return None
        own_split = all(sample.own_split for _, sample in self.terms)
        sums = self.terms[0][1].sums
        return predicted(self.estimate, sums[0].clusters if own_split and sums else 0)

    @property
    def by_luck(self) -> bool | None:
        """Whether one pair of runs could give the paper's gain by luck; None without a printed gain or an interval."""
        if self.single_pair is None or self.paper_points is None:
            return None
        interval, step = self.single_pair.interval(), float(STEP_points) / 100
        return interval.low - step < float(self.paper_points) / 100 < interval.high + step

    @cached_property
    def effect(self) -> Interval | NoTest:
        """Hedges' g over seeds, of one cell over another."""
        return hedges_g(*self._sides)

    @cached_property
    def permutation(self) -> float | NoTest:
        """P-value of the exact test over all arrangements of the seeds, of one cell over another."""
        return permutation(*self._sides)

    @property
    def _sides(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        if [weight for weight, _ in self.terms] != [1.0, -1.0]:
            return (), ()
        return self.terms[0][1].values, self.terms[1][1].values

    @property
    def testset_se(self) -> float | None:
        """Standard error over test sets that all seeds share; None if it is unknown."""
        if isinstance(self.estimate, NoTest) or self.one_error:
            return None
        return sqrt(self.estimate.testset_variance)

    @property
    def detectable(self) -> float | None:
        """Smallest true gain that a test of this family detects with 80 % power if no other has passed."""
        return self.estimate.detectable(family=self.family) if isinstance(self.estimate, Estimate) else None

    @property
    def why_no_test(self) -> str:
        """The reason; empty where there is a test."""
        if isinstance(self.estimate, NoTest):
            return self.estimate.reason
        whole = all(len(sample.sums) == len(sample.values) for _, sample in self.terms)
        return (ONE_USER if whole else NO_SUMS) * self.one_error

    @property
    def paper(self) -> str:
        """The paper's gain, signed."""
        return "–" if self.paper_points is None else signed(self.paper_points)

    @property
    def ours(self) -> str:
        """Our gain in points, with its 95 % interval where there is one."""
        if self.mean is None:
            return "–"
        if self.interval is None:
            return in_points(self.mean)
        return f"{in_points(self.mean)} [{in_points(self.interval.low)}, {in_points(self.interval.high)}]"

    @property
    def p_text(self) -> str:
        """The p-value behind the verdict."""
        return p_value(self.p)


def gain_of(
    terms: Sequence[Term], prior: Prior | None = None, paper_points: Decimal | None = None, bar: Fraction = Fraction(0)
) -> Gain:
    """A weighted sum of cells; a cell that occurs twice counts with the sum of its weights.

    The prior is that of the variances of cells on the same data. `bar` is what the gain has to pass, in the unit of
    the values; it is taken off. p is uncorrected, and None where an obstacle stands before the test.
    """

    def less(found: Estimate | NoTest) -> Estimate | NoTest:
        return found if isinstance(found, NoTest) else replace(found, value=found.value - float(bar))

    terms = merged(terms)
    ground = joined(sample.ground for _, sample in terms)
    groups, ordered = grouped(terms)
    whole = all(sample.values for _, sample in terms)
    mean = float(sum((group.mean for group in groups), Fraction(0)) - bar) if whole else None
    testset = testset_of(*ordered)
    unmoderated = less(combined(groups, testset))
    found = unmoderated if prior is None else less(combined(groups, testset, prior))
    one_error = isinstance(found, Estimate) and testset is None and terms[0][1].metric in SCORES
    p = None if isinstance(found, NoTest) or one_error or ground.obstacle else found.p
    paired = any(len(group.weight_K) > 1 for group in groups)
    return Gain(tuple(terms), paper_points, mean, found, unmoderated, paired, p, ground, one_error)


def gain(
    new: Sample,
    reference: Sample,
    prior: Prior | None = None,
    paper_points: Decimal | None = None,
    bar: Fraction = Fraction(0),
) -> Gain:
    """Compare two cells: the gain of `new` over `reference`; see `gain_of`."""
    return gain_of([(1.0, new), (-1.0, reference)], prior, paper_points, bar)


def opposite(found: Gain) -> Gain:
    """The same comparison with its sides exchanged; p stays the same."""
    terms = tuple((-weight, each) for weight, each in reversed(found.terms))
    paper = None if found.paper_points is None else -found.paper_points
    mean = None if found.mean is None else -found.mean
    estimate, unmoderated = (
        each if isinstance(each, NoTest) else replace(each, value=-each.value)
        for each in (found.estimate, found.unmoderated)
    )
    return replace(found, terms=terms, paper_points=paper, mean=mean, estimate=estimate, unmoderated=unmoderated)


def merged(terms: Sequence[Term]) -> list[Term]:
    """Each cell once, with the sum of its weights; cells whose weights cancel are left out, unless all do."""
    found: dict[object, Term] = {}
    for weight, sample in terms:
        key = sample.key or id(sample)
        found[key] = (weight + (found[key][0] if key in found else 0.0), sample)
    return [term for term in found.values() if abs(term[0]) > 1e-12] or list(found.values())


def grouped(terms: Sequence[Term]) -> tuple[list[Group], list[Sample]]:
    """Groups of cells whose runs are paired, and the samples in the order of the groups."""

    def are_pairs(x: Sample, y: Sample) -> bool:
        return x.arm is not None and y.arm is not None and is_paired(x.arm, y.arm) and len(x.values) == len(y.values)

    members: list[list[Term]] = []
    for weight, sample in terms:
        group = next((group for group in members if are_pairs(group[0][1], sample)), None)
        if group is None:
            members.append(group := [])
        group.append((weight, sample))
    groups = [
        Group(
            np.array([sample.values for _, sample in group], dtype=np.float64).T, tuple(weight for weight, _ in group)
        )
        for group in members
    ]
    return groups, [sample for group in members for _, sample in group]


def adjusted(p_K: Sequence[float | None], to_come: int = 0) -> list[float | None]:
    """Correct the p-values of a family by Holm's rule; tests without a p-value and tests to come count too."""
    tested = {index: p for index, p in enumerate(p_K) if p is not None}
    found = dict(zip(tested, holm(list(tested.values()), planned=len(p_K) + to_come), strict=True))
    return [found.get(index) for index in range(len(p_K))]


def corrected(gains: Sequence[Gain], to_come: int = 0) -> list[Gain]:
    """Correct a family of gains; see `adjusted`."""
    p_K, family = adjusted([each.p for each in gains], to_come), len(gains) + to_come
    return [replace(each, p=p, family=family) for each, p in zip(gains, p_K, strict=True)]


def reasons(gains: Iterable[Gain]) -> list[str]:
    """Why gains have no p-value, once per reason; nothing about gains whose runs are missing."""
    found = Counter(each.why_no_test for each in gains if each.mean is not None and each.why_no_test)
    return [f"No p-value for {count} gain{'s'[: count > 1]}: {reason}." for reason, count in found.items()]


# -- over the best of many ------------------------------------------------------------


def best_rival(values: Mapping[str, Sequence[float]]) -> str | None:
    """The one with the highest mean; None where none has a run."""
    means = {name: sum(known) / len(known) for name, known in values.items() if known}
    return max(means, key=lambda name: means[name]) if means else None


def over_best(
    own: Sample,
    rivals: Mapping[str, Sample],
    prior: Prior | None = None,
    paper_points: Decimal | None = None,
    bar: Fraction = Fraction(0),
) -> tuple[str | None, Gain]:
    """The best rival of a model, of at least one, and the gain over it; see `gain_of`.

    The best rival is known only after the fact. A gain over it counts as shown only if the model beats every rival:
    its p is the largest of the single ones (an intersection-union test, which needs no further correction). A loss
    is corrected for the choice: its p is multiplied by the number of rivals. All p are two-sided, which is conservative
    for a claimed gain. If the model or a rival lacks a run there is no finding, as the rival might have been the best.
    """
    best = best_rival({name: rival.values for name, rival in rivals.items()})
    found = gain(own, rivals[best or next(iter(rivals))], prior, paper_points, bar)
    found = replace(found, ground=joined((own.ground, *(rival.ground for rival in rivals.values()))))
    if found.ground.obstacle is not None or found.p is None or found.mean is None:
        return best, replace(found, p=None)
    if found.mean <= 0:
        return best, replace(found, p=min(1.0, found.p * len(rivals)))
    singles = [gain(own, rival, prior, bar=bar).p for rival in rivals.values()]
    # A rival without any spread beside a model without any gives no p; the claim then has none either.
    return best, replace(found, p=max(1.0 if p is None else p for p in singles))
