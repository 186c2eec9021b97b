"""Tests that no comparison declares: those of one claim are corrected together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from workflow.analysis.claims.results import number
from workflow.analysis.claims.runs import AS_PRINTED, Case, Side, case, ground_of
from workflow.analysis.compare.gains import adjusted
from workflow.analysis.compare.points import p_value
from workflow.analysis.compare.rivals import over_best
from workflow.analysis.compare.swept import judge
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.cells import SCORES, Sample
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.uncertainty import Estimate


@dataclass(frozen=True)
class Tested:
    """A difference whose sign a claim states, before correction.

    `above` says whether it lies on the stated side, which counts where p is below 0.05; else `settled` says whether
    the claim holds. `as_printed` says that the paper's own print does not pass the bar either, so that runs that do
    not are no contradiction. `scale` leads from the estimate to the printed unit.
    """

    label: str
    expected: str
    sides: tuple[Side, ...]
    p: float | None = None
    above: bool = False
    measured: str = ""
    over: str = ""
    reason: str = ""
    estimate: Estimate | None = None
    scale: float = 1.0
    settled: bool | None = None
    as_printed: bool = False


def family(tests: Iterable[Tested]) -> list[Case]:
    """What the tests of a claim came to; those count in the correction whose runs are planned."""
    found = list(tests)
    planned = [one for one in found if any(side.keys for side in one.sides)]
    corrected = dict(zip(map(id, planned), adjusted([one.p for one in planned]), strict=True))
    return [_settled(one, corrected.get(id(one)), len(planned)) for one in found]


def _settled(one: Tested, p: float | None, tests: int) -> Case:
    holds = one.above if p is not None and p < ALPHA else one.settled
    if holds is False and one.as_printed:
        holds = None
    power = None if one.estimate is None or p is None else one.estimate.detectable(family=tests) * one.scale
    notes = [one.over, "" if p is None else f"p {p_value(p)}", AS_PRINTED * one.as_printed]
    return case(one.label, one.expected, one.sides, holds, one.measured, notes, one.reason, power)


def beats(
    item: Side, rivals: Sequence[Side], *, bar: Fraction = Fraction(0), below: bool = False, as_printed: bool = False
) -> Tested:
    """A side against all that it must beat together, at least one: its gain over the best of them.

    The gain has to pass `bar`, in the printed unit, which the paper's own print does not do either where
    `as_printed`; with `below` the item has to lie below all of them instead.
    """
    metric, sides = item.sample.metric, (item, *rivals)
    unit = 100 if metric in SCORES else 1
    own, others = item.sample, {rival.label: rival.sample for rival in rivals}
    assert len(others) == len(rivals), "two rivals have one label"
    if below:  # the least of the others must be above the item
        own, others = _negative(own), {name: _negative(other) for name, other in others.items()}
    strongest, found = over_best(own, others, bar=bar / unit)
    name = f"{item.label} {'below' if below else 'over'} {len(rivals)} others ({metric})"
    if len(rivals) == 1:
        better, worse = reversed(sides) if below else sides
        name = f"{better.label} over {worse.label} ({metric})"
    return Tested(
        name,
        f"> {number(bar)}",
        sides,
        found.p,
        found.mean is not None and found.mean > 0,
        "" if found.mean is None else signed(found.mean * unit + float(bar)),
        f"over {strongest}, the best of {len(rivals)}" if len(rivals) > 1 else "",
        found.why_no_test,
        found.estimate if isinstance(found.estimate, Estimate) else None,
        unit,
        as_printed=as_printed,
    )


def best(item: Side, rivals: Sequence[Side]) -> Case:
    """A cell against all others of its field, judged as the figures judge an optimum."""
    found, word = beats(item, rivals), None
    if ground_of(found.sides).obstacle is None:
        word = judge(item.sample, {one.label: one.sample for one in rivals}).finding
    holds = True if word is Finding.SEEN else False if word is Finding.NOT_SEEN else None
    power = None if word is None or found.estimate is None else found.estimate.detectable() * found.scale
    notes = [found.over, str(word)]
    return case(found.label, found.expected, found.sides, holds, found.measured, notes, found.reason, power)


def signed(value: float) -> str:
    """A difference with three decimals and its sign."""
    return f"{value:+.3f}".replace("-", "−")


def _negative(one: Sample) -> Sample:
    """The sample with every value's sign turned: its errors are the same."""
    return replace(one, values=tuple(-value for value in one.values))
