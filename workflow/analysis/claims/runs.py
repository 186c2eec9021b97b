"""A campaign's runs as claims need them: cells by coordinates, comparisons by id, and their results.

A verdict needs evidence: a case whose runs support no conclusion, because they are missing, failed, another
protocol, a stand-in or a twin, leaves its part of the claim open.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from workflow.analysis.claims.results import Item, Outcome, number
from workflow.analysis.compare.comparison import Comparison, comparison_id
from workflow.analysis.compare.gains import Gain
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.numbers import Metric
from workflow.analysis.compare.points import p_value
from workflow.analysis.compare.swept import Swept, sweeps_of
from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.cells import Sample, mean_sample, sample
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import NOT_RUN, Ground, Obstacle, Standing, joined
from workflow.analysis.paper.facts import Coordinates, Fact, Frame, label
from workflow.analysis.stats.effect import ALPHA

SHOWN = (Finding.HOLDS, Finding.SMALLER, Finding.REVERSED, Finding.GAIN, Finding.LOSS)  # a difference is
SETTLED: Mapping[bool | None, Finding] = {True: Finding.HOLDS, False: Finding.DOES_NOT_HOLD, None: Finding.OPEN}
AS_PRINTED = "the paper's own number does not reach the threshold either"


class Ours(Frame):
    """All facts, and a campaign's cells, comparisons and sweeps."""

    def __init__(self, facts: Iterable[Fact], evidence: Evidence) -> None:
        super().__init__(facts)
        self.evidence = evidence

    def sample(self, at: Coordinates, metric: str = "auc") -> Sample:
        """One metric of the cell at these coordinates."""
        found = self.evidence.cell(at)
        return replace(sample(found, metric) if found else Sample((), NOT_RUN, metric), label=label(at))

    def samples(self, prints: Iterable[Fact], metric: str = "auc") -> list[Sample]:
        """One metric of the cells of some prints, each cell once."""
        return [self.sample(at, metric) for at in {frozenset(one.at.items()): one.at for one in prints}.values()]

    def against(self, fact: Fact, others: Iterable[Fact]) -> tuple[Sample, list[Sample]]:
        """The cell of a print and those of others, by the print's metric."""
        rivals = [other for other in others if other.at != fact.at]
        return self.sample(fact.at, fact.metric), self.samples(rivals, fact.metric)

    def mean(self, prints: Sequence[Fact], metric: str) -> Sample:
        """The mean of several cells, seed by seed; its errors over test sets are means of theirs."""
        samples, at = self.samples(prints, metric), prints[0].at
        shared = {key: value for key, value in at.items() if all(one.at.get(key) == value for one in prints)}
        name = f"the mean of {len(samples)} cells of {label(shared)}"
        return replace(mean_sample(samples), label=name, keys=keys_of(samples))

    def swept(self, figure: str, dataset: str) -> Swept | None:
        """A sweep of Figures 6 to 9."""
        return sweeps_of(self.evidence).get((f"figure_{figure}", dataset))

    def comparison(self, name: str, dataset: str, *values: str, metric: Metric = "auc") -> Comparison | None:
        """A declared comparison, computed and corrected once."""
        return comparisons_of(self.evidence).get(comparison_id(name, dataset, *values, metric=metric))

    def gain(
        self,
        name: str,
        dataset: str,
        *values: str,
        metric: Metric = "auc",
        below: bool = False,
        level: float = ALPHA,
    ) -> Item:
        """A declared comparison with its word: its declaration, where, and what is in the place of the braces.

        `below` says that the claim is a loss, and `level` at which a gain has to be shown; one that is not is open.
        """
        one = self.comparison(name, dataset, *values, metric=metric)
        if one is None:
            word, key = Verdict(Obstacle.NOT_RUN), comparison_id(name, dataset, *values, metric=metric)
            return Item(key, word, word.word, "a difference below 0" if below else "a gain")
        item = of_gain(f"{one.item} over {one.over}, {one.title} ({metric})", one.gain, one.run_keys, below)
        if level < ALPHA:
            item = replace(item, expected=f"{item.expected}, p < {level:g}")
        if not item.supports or (one.gain.p is not None and one.gain.p < level):
            return item
        return replace(item, verdict=verdict(one.gain.ground, Finding.OPEN), supports=None)

    def beyond(self, bar: Fraction, claimed: bool, name: str, dataset: str, *values: str) -> Item:
        """A declared comparison under a claim that its gain passes a bar, in points.

        `claimed` says whether the paper's own print does: where it does not, runs that do not are no contradiction.
        """
        item, one = self.gain(name, dataset, *values), self.comparison(name, dataset, *values)
        item = replace(item, expected=f"> {number(bar)}")
        if one is None or one.gain.interval is None or one.gain.ground.obstacle is not None:
            return item
        low, high = (100 * end for end in (one.gain.interval.low, one.gain.interval.high))
        holds = True if low > bar else False if high < bar and claimed else None
        note = AS_PRINTED if high < bar and not claimed else ""
        shown = seen(one.gain.ground, item.measured, one.gain.ours, [f"p {one.gain.p_text}", note])
        word = verdict(one.gain.ground, SETTLED[holds])
        return replace(item, verdict=word, measured=shown, supports=holds, reason=note)


@dataclass(frozen=True)
class Case:
    """One statement of a claim about our runs, before the claim's tests are corrected together.

    `holds` says whether it is true; it is None if the runs do not decide, for `reason`. With p below 0.05, `above`
    decides instead. `as_printed`: the paper's own number does not reach the threshold either, so that runs below it are
    no contradiction. `notes` are shown in brackets behind the measured value. `detectable` maps the number of tests to
    the difference that is detected with 80 % power. `printed` is the tables' verdict on a printed number.
    """

    label: str
    expected: str
    samples: Sequence[Sample]
    holds: bool | None = None
    measured: str = ""
    notes: tuple[str, ...] = ()
    reason: str = ""
    p: float | None = None
    above: bool = False
    as_printed: bool = False
    detectable: Callable[[int], float] | None = None
    printed: Verdict | None = None

    @property
    def ground(self) -> Ground:
        """What it rests on."""
        return joined(one.ground for one in self.samples)

    def item(self, p: float | None, tests: int) -> Item:
        """Its result with the corrected p-value, unless runs are missing or the standing forbids one."""
        holds = self.above if p is not None and p < ALPHA else self.holds
        if holds is False and self.as_printed:
            holds = None
        notes = (*self.notes, "" if p is None else f"p {p_value(p)}", AS_PRINTED * self.as_printed, self.reason)
        ground, word = self.ground, verdict(self.ground, SETTLED[holds])
        return Item(
            self.label,
            word,
            seen(ground, str(word), self.measured, notes),
            self.expected,
            keys_of(self.samples),
            holds if word.finding is SETTLED[holds] else None,
            "" if ground.obstacle else self.reason,
            self.detectable(tests) if self.detectable else None,
            self.printed,
        )


RunCheck = Callable[[Ours], Outcome | Iterable[Item | Case]]  # cases of which all must hold, or what they come to


def of_gain(name: str, gain: Gain, keys: tuple[str, ...], below: bool = False, unit: str = "") -> Item:
    """A gain with its verdict, for a claim that it is one or, with `below`, that it is a loss."""
    expected = gain.paper if gain.paper_points is not None else "below 0" if below else "above 0"
    measured = "" if gain.mean is None else f"{gain.ours}{unit}"
    shown = seen(gain.ground, gain.verdict.word, measured, [f"p {gain.p_text}", gain.why_no_test])
    supports = False if gain.verdict.finding is Finding.DOES_NOT_HOLD else None
    if gain.mean is not None and gain.verdict.finding in SHOWN:
        supports = (gain.mean < 0) is below
    return Item(name, gain.verdict, shown, expected, keys, supports, "" if gain.ground.obstacle else gain.why_no_test)


def seen(ground: Ground, word: str, measured: str, notes: Iterable[str]) -> str:
    """What readers see: nothing for synthetic runs, and the verdict if there is no number."""
    if ground.standing is Standing.SYNTHETIC:
        return "–"
    if ground.obstacle is not None or not measured:
        return word
    remarks = ", ".join(filter(None, notes))
    return f"{measured} ({remarks})" if remarks else measured


def keys_of(samples: Iterable[Sample]) -> tuple[str, ...]:
    """The runs behind samples, each once."""
    return tuple(dict.fromkeys(key for one in samples for key in one.keys))
