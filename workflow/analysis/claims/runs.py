"""A campaign's runs as claims ask about them: cells by coordinates, comparisons by id, and what each came to.

A verdict needs evidence: a case whose runs support no conclusion, because they are missing, failed, another
protocol, a stand-in or a twin, leaves its part of the claim open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from workflow.analysis.claims.results import AuditItem, number
from workflow.analysis.compare.comparison import Comparisons, comparison_id
from workflow.analysis.compare.gains import Gain
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.numbers import Metric
from workflow.analysis.compare.swept import Swept, sweeps_of
from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.cells import Observed, Sample, mean_sample, sample
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import NOT_RUN, Ground, Obstacle, Standing, joined
from workflow.analysis.paper.facts import Coordinates, Fact, label
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.stats.effect import ALPHA

SHOWN = (Finding.HOLDS, Finding.SMALLER, Finding.REVERSED, Finding.GAIN, Finding.LOSS)  # a difference is
SETTLED: Mapping[bool | None, Finding] = {True: Finding.HOLDS, False: Finding.DOES_NOT_HOLD, None: Finding.OPEN}
AS_PRINTED = "the paper's own print does not pass the bar either"


@dataclass(frozen=True)
class Side:
    """One metric of a cell that a claim speaks of, or of the mean of several; without keys where none is planned."""

    label: str
    sample: Sample
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """One of the things that a claim says about our runs.

    `supports` says whether it speaks for the claim or against it; None where it does neither. `detectable` is the
    difference that is detected with 80 % power. `printed` is the tables' verdict on a printed number.
    """

    item: AuditItem
    supports: bool | None = None
    reason: str = ""
    detectable: float | None = None
    printed: Verdict | None = None


@dataclass(frozen=True)
class Ours:
    """A campaign's cells, comparisons and sweeps."""

    evidence: Evidence

    @cached_property
    def comparisons(self) -> Comparisons:
        """Every declared comparison, computed and corrected once for all that show it."""
        return comparisons_of(self.evidence)

    @cached_property
    def sweeps(self) -> Mapping[tuple[str, str], Swept]:
        """The sweeps of Figures 6 to 9 by experiment and dataset."""
        return sweeps_of(self.evidence)

    @cached_property
    def _cells(self) -> Mapping[frozenset[tuple[str, str]], Observed]:
        names = self.evidence.plan.campaign.experiments
        cells = (one for name in names for one in self.evidence.cells(name))
        return {frozenset(one.at.items()): one for one in cells if in_paper(one.cell.dataset)}

    def cell(self, at: Coordinates) -> Observed | None:
        """The cell at exactly these coordinates; None where the campaign does not plan it."""
        return self._cells.get(frozenset(at.items()))

    def side(self, at: Coordinates, metric: str = "auc") -> Side:
        """One metric of the cell at these coordinates."""
        found = self.cell(at)
        if found is None:
            return Side(label(at), Sample((), NOT_RUN, metric))
        return Side(label(at), sample(found, metric), found.keys)

    def sides(self, prints: Iterable[Fact], metric: str = "auc") -> list[Side]:
        """One metric of the cells of some prints, each cell once."""
        return [self.side(at, metric) for at in {frozenset(one.at.items()): one.at for one in prints}.values()]

    def against(self, fact: Fact, others: Iterable[Fact]) -> tuple[Side, list[Side]]:
        """The cell of a print and those of others, by the print's metric."""
        rivals = [other for other in others if other.at != fact.at]
        return self.side(fact.at, fact.metric), self.sides(rivals, fact.metric)

    def mean(self, prints: Sequence[Fact], metric: str) -> Side:
        """The mean of several cells, seed by seed: an AUC's errors over test sets are means of theirs."""
        sides, at = self.sides(prints, metric), prints[0].at
        shared = {key: value for key, value in at.items() if all(one.at.get(key) == value for one in prints)}
        name = f"the mean of {len(sides)} cells of {label(shared)}"
        return Side(name, mean_sample([one.sample for one in sides]), keys_of(sides))

    def gain(
        self,
        name: str,
        dataset: str,
        *values: str,
        metric: Metric = "auc",
        below: bool = False,
        level: float = ALPHA,
    ) -> Case:
        """A declared comparison with its word: its declaration, where, and what is in the place of the braces.

        `below` says that the claim is a loss, and `level` at which a gain has to be shown; one that is not is open.
        """
        key = comparison_id(name, dataset, *values, metric=metric)
        one = self.comparisons.get(key)
        if one is None:
            word = Verdict(Obstacle.NOT_RUN)
            return Case(AuditItem(key, word, word.word, "a difference below 0" if below else "a gain"))
        found = of_gain(f"{one.item} over {one.over}, {one.title} ({metric})", one.gain, one.run_keys, below)
        item = found.item
        if level < ALPHA:
            item = replace(item, expected=f"{item.expected}, p < {level:g}")
        if not found.supports or (one.gain.p is not None and one.gain.p < level):
            return replace(found, item=item)
        return replace(found, item=replace(item, verdict=verdict(one.gain.ground, Finding.OPEN)), supports=None)

    def beyond(self, bar: Fraction, claimed: bool, name: str, dataset: str, *values: str) -> Case:
        """A declared comparison under a claim that its gain passes a bar, in points.

        `claimed` says whether the paper's own print does: where it does not, runs that do not are no contradiction.
        """
        found, one = self.gain(name, dataset, *values), self.comparisons.get(comparison_id(name, dataset, *values))
        item = replace(found.item, expected=f"> {number(bar)}")
        if one is None or one.gain.interval is None or one.gain.ground.obstacle is not None:
            return replace(found, item=item)
        low, high = (100 * end for end in (one.gain.interval.low, one.gain.interval.high))
        holds = True if low > bar else False if high < bar and claimed else None
        note = AS_PRINTED if high < bar and not claimed else ""
        shown = seen(one.gain.ground, item.measured, one.gain.ours, [f"p {one.gain.p_text}", note])
        item = replace(item, verdict=verdict(one.gain.ground, SETTLED[holds]), measured=shown)
        return replace(found, item=item, supports=holds, reason=note)


def case(
    name: str,
    expected: str,
    sides: Sequence[Side],
    holds: bool | None,
    measured: str = "",
    notes: Iterable[str] = (),
    reason: str = "",
    detectable: float | None = None,
) -> Case:
    """What the runs of some sides come to, unless an obstacle or their standing forbids a finding.

    `holds` is None where they do not settle the claim, for `reason`; `notes` belong to what was measured, in brackets.
    """
    ground = ground_of(sides)
    word = verdict(ground, SETTLED[holds])
    shown = seen(ground, str(word), measured, [*notes, reason])
    supports = holds if word.finding is SETTLED[holds] else None
    item = AuditItem(name, word, shown, expected, keys_of(sides))
    return Case(item, supports, "" if ground.obstacle else reason, detectable)


def of_gain(name: str, gain: Gain, keys: tuple[str, ...], below: bool = False, unit: str = "") -> Case:
    """A gain with its own word, under a claim that it is one, or with `below` that it is a loss."""
    expected = gain.paper if gain.paper_points is not None else "below 0" if below else "above 0"
    measured = "" if gain.mean is None else f"{gain.ours}{unit}"
    shown = seen(gain.ground, gain.verdict.word, measured, [f"p {gain.p_text}", gain.why_no_test])
    supports = False if gain.verdict.finding is Finding.DOES_NOT_HOLD else None
    if gain.mean is not None and gain.verdict.finding in SHOWN:
        supports = (gain.mean < 0) is below
    reason = "" if gain.ground.obstacle else gain.why_no_test
    return Case(AuditItem(name, gain.verdict, shown, expected, keys), supports, reason)


def seen(ground: Ground, word: str, measured: str, notes: Iterable[str]) -> str:
    """What readers see: nothing of synthetic runs, and the word where there is no number."""
    if ground.standing is Standing.SYNTHETIC:
        return "–"
    if ground.obstacle is not None or not measured:
        return word
    told = ", ".join(filter(None, notes))
    return f"{measured} ({told})" if told else measured


def keys_of(sides: Iterable[Side]) -> tuple[str, ...]:
    """The runs behind sides, each once."""
    return tuple(dict.fromkeys(key for one in sides for key in one.keys))


def ground_of(sides: Iterable[Side]) -> Ground:
    """What a comparison of sides stands on."""
    return joined(one.sample.ground for one in sides)
