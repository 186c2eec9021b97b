"""Trials: what a claim says about our runs, comparison by comparison, before Holm's correction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from workflow.analysis.claims.ours.cells import Pool, Runs, Target
from workflow.analysis.claims.results import number
from workflow.analysis.compare import numbers
from workflow.analysis.compare.gains import BAR_points, gain
from workflow.analysis.compare.numbers import Metric, Number
from workflow.analysis.compare.rivals import BestOf, over_best
from workflow.analysis.compare.swept import judge
from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.standing import Ground, Obstacle, Standing
from workflow.analysis.paper.facts import Fact
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.uncertainty import Estimate

_OPTIMA: Mapping[Finding | Obstacle, Finding] = {Finding.SEEN: Finding.HOLDS, Finding.NOT_SEEN: Finding.DOES_NOT_HOLD}
SCORES: Mapping[str, Metric] = {"auc": "auc", "gauc": "gauc"}
Side = Target | Pool


@dataclass
class Trial:
    """One comparison. `tests` holds raw p-values by name, `adjusted` Holm's.

    The test `bar` asks whether the difference is the bar's, `size` whether it is the
    claimed size, `print` whether the paper's print could be one more run of ours.
    """

    label: str
    ground: Ground
    keys: tuple[str, ...]
    expected: str
    agrees: bool = False  # a number that is reproduced by the tables' rule, an equivalence that is sure
    weak: bool = False  # a print that the plain reference's would pass, too
    printed: Finding | Obstacle | None = None  # of a number, by the tables' rule
    difference: float | None = None  # in the printed unit
    above: bool = False  # the bar
    short: bool = False  # of the claimed size
    over: str = ""  # the best of several rivals
    unit: str = ""  # of the difference, for readers
    level: float = ALPHA  # at which the bar has to be passed
    fails: bool = False  # an equivalence test has settled that the claim does not hold
    estimate: Estimate | None = None  # behind `bar`, in the unit of the scores
    scale: float = 1.0  # from there to the printed unit
    family: int = 1  # how many tests `bar` is corrected over
    shown: str = ""  # instead of the difference, where it is no difference
    reason: str = ""
    asks: tuple[str, ...] = ("bar",)  # tests that it has once its runs are there
    tests: dict[str, float] = field(default_factory=dict)
    adjusted: dict[str, float] = field(default_factory=dict)
    optimum: Finding | Obstacle | None = None  # of an optimum, which needs no correction beyond its own
    as_printed: bool = False  # the paper's own print does not pass the bar either
    settled: Verdict | None = None  # of a comparison that is declared and judged elsewhere
    supports: bool | None = None  # whether that speaks for the claim, or against it

    @property
    def verdict(self) -> Verdict:
        """What the comparison came to, after Holm."""
        if self.settled is not None:
            return self.settled
        if self.optimum is not None:
            return verdict(self.ground, _OPTIMA.get(self.optimum, Finding.OPEN))
        sure = {name for name, p in self.adjusted.items() if p < ALPHA}
        passed = self.adjusted.get("bar", 1.0) < self.level
        finding = Finding.HOLDS if self.agrees or passed else Finding.OPEN
        if self.fails or "print" in sure or ("bar" in sure and not self.above) or ("size" in sure and self.short):
            finding = Finding.OPEN if self.as_printed else Finding.DOES_NOT_HOLD
        return verdict(self.ground, finding)

    @property
    def weight(self) -> bool | None:
        """Whether it speaks for the claim or against it; None where it does neither."""
        if self.settled is not None:
            return self.supports
        return {Finding.HOLDS: True, Finding.DOES_NOT_HOLD: False}.get(self.verdict.finding)  # pyright: ignore[reportArgumentType,reportCallIssue]

    @property
    def detectable(self) -> float | None:
        """The smallest true difference that is detected with 80 % power if no other of the family is."""
        return None if self.estimate is None else self.estimate.detectable(family=self.family) * self.scale

    @property
    def measured(self) -> str:
        """The difference and its p-values, in words."""
        if self.ground.standing is Standing.SYNTHETIC:
            return "–"
        if self.difference is None or self.ground.obstacle:
            return str(self.verdict)
        parts = [self.over] if self.over else []
        parts += [str(self.optimum)] if self.optimum is not None else []
        parts += [f"p {p:.3g}{_against(name)}" for name, p in self.adjusted.items()]
        if self.detectable is not None:
            parts.append(f"80 % power to detect {self.detectable:.3f}")
        parts += ["the paper's own print does not pass the bar either"] if self.as_printed else []
        parts += [self.reason] if self.reason else []
        shown = self.shown or f"{self.difference:+.3f}{self.unit}".replace("-", "−")
        return f"{shown} ({', '.join(parts)})" if parts else shown


def is_best(item: Side, rivals: Sequence[Side], metric: str) -> Trial:
    """A cell against all others of its field, judged as the figures judge an optimum."""
    trial = beats(item, rivals, metric)
    trial.tests.clear()
    trial.asks = ()
    trial.optimum = judge(item.sample(metric), {one.label: one.sample(metric) for one in rivals}).finding
    return trial


def is_print(runs: Runs, fact: Fact) -> Trial:
    """Whether a printed AUC or gAUC could be one more run of ours."""
    target = runs.target(fact.at)
    trial = Trial(fact.label, target.ground, target.keys, fact.text, asks=("print",))
    if target.observed is not None:
        _against_print(trial, numbers.number(runs.evidence, target.observed, SCORES[fact.metric]))
    return trial


def beats(
    item: Side,
    rivals: Sequence[Side],
    metric: str,
    *,
    bar: Fraction = Fraction(0),
    size: Fraction | None = None,
    below: bool = False,
    level: float = ALPHA,
    as_printed: bool = False,
) -> Trial:
    """A cell against all that it must beat together: its gain over the best of them.

    Parameters
    ----------
    item : Target or Pool
        The cell, or the mean of several.
    rivals : sequence of Target or Pool
        At least one.
    metric : str
        auc, gauc or train_s.
    bar : Fraction
        What the gain has to pass, in the printed unit.
    size : Fraction, optional
        The gain that the paper has, which ours must not surely fall short of.
    below : bool
        Whether the item has to lie below all of them instead.
    level : float
        At which the bar has to be passed.
    as_printed : bool
        Whether the paper's own print does not pass the bar either: runs that do not are no contradiction.
    """
    unit = 100 if metric in SCORES else 1
    own, others = item.sample(metric), {rival.label: rival.sample(metric) for rival in rivals}
    assert len(others) == len(rivals), "two rivals have one label"
    if below:  # the least of the others must be above the item
        own, others = _negative(own), {name: _negative(other) for name, other in others.items()}
    met = over_best(own, others, bar=bar / unit)
    better, worse = (rivals[0].label, item.label) if below else (item.label, rivals[0].label)
    label = f"{better} over {worse} ({metric})"
    if len(rivals) > 1:
        label = f"{item.label} {'below' if below else 'over'} {len(rivals)} others ({metric})"
    keys = tuple(dict.fromkeys((*item.keys, *(key for rival in rivals for key in rival.keys))))
    expected = f"> {number(bar)}" if size is None else f"no less than {number(size)}"
    asks = ("bar",) if size is None else ("bar", "size")
    trial = Trial(label, met.gain.ground, keys, expected, level=level, asks=asks, as_printed=as_printed)
    if met.gain.ground.obstacle is None:
        _weigh(trial, own, others, met, bar, size, unit)
    return trial


def _weigh(
    trial: Trial,
    own: Sample,
    others: Mapping[str, Sample],
    met: BestOf,
    bar: Fraction,
    size: Fraction | None,
    unit: int,
) -> None:
    assert met.gain.mean is not None
    assert met.best is not None
    trial.difference = met.gain.mean * unit + float(bar)
    trial.above = met.gain.mean > 0
    trial.over = f"over {met.best}, the best of {met.rivals}" if met.rivals > 1 else ""
    trial.reason = met.gain.why_no_test
    if trial.reason or isinstance(met.gain.estimate, NoTest):
        return
    trial.estimate, trial.scale = met.gain.estimate, unit
    if met.gain.p is not None:
        trial.tests["bar"] = met.gain.p
    if size is not None:
        against = gain(own, others[met.best], bar=size / unit)
        trial.short = against.mean is not None and against.mean < 0
        if against.p is not None:  # the best is chosen, which a shortfall has to pay for
            trial.tests["size"] = min(1.0, against.p * met.rivals)


def _negative(one: Sample) -> Sample:
    """The sample with every value's sign turned: its errors are the same."""
    return replace(one, values=tuple(-value for value in one.values))


def _against_print(trial: Trial, own: Number) -> None:
    """Apply the tables' rule; every cell with an interval is in Holm's family, not those alone that look wrong."""
    trial.difference, trial.shown = None if own.delta_points is None else float(own.delta_points), own.delta
    trial.printed = own.verdict.finding
    trial.weak, found = own.verdict.weak, own.prediction
    narrow = own.half_width_points is not None and own.half_width_points <= BAR_points
    trial.agrees = trial.printed is Finding.CONSISTENT and narrow and not trial.weak
    if not own.ground.bears or own.paper_points is None:
        return
    if isinstance(found, NoTest):
        trial.reason = found.reason
        return
    trial.tests["print"] = found.p(own.paper_points)
    if not trial.agrees:
        trial.reason = own.verdict.word


def _against(name: str) -> str:
    return {"bar": "", "size": " against the claimed size", "print": " against the print"}[name]
