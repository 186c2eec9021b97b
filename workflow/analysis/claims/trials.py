"""Trials: what a claim says about our runs, comparison by comparison, before Holm's correction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import sqrt

import numpy as np
from scipy import stats

from workflow.analysis.claims import checks
from workflow.analysis.claims.cells import Campaign, RunCell, Target
from workflow.analysis.claims.evaluate import Scope, evaluate
from workflow.analysis.claims.expressions import Selector
from workflow.analysis.claims.facts import Fact
from workflow.analysis.claims.results import AuditVerdict, number
from workflow.analysis.evidence.number import Metric, Verdict, result_cell, truncate
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.samples import MIN_SEEDS, NoTest, fraction
from workflow.analysis.stats.tests import Test, compare, welch

MARGIN_AUC = 0.001  # what the paper calls a meaningful gain
SCORES: Mapping[str, Metric] = {"auc": "auc", "gauc": "gauc"}
NO_EVIDENCE = (
    AuditVerdict.TWIN,
    AuditVerdict.OTHER_DATA,
    AuditVerdict.OTHER_PROTOCOL,
    AuditVerdict.FAILED,
    AuditVerdict.NOT_RUN,
)


@dataclass
class Trial:
    """One comparison. `tests` holds raw p-values by name, `adjusted` Holm's.

    The test `bar` asks whether the difference is the bar's, `size` whether it is the
    claimed size, `print` whether the paper's print could be one more run of ours.
    """

    label: str
    state: AuditVerdict | None  # set where there is nothing to test: why, or an agreement by rule
    keys: tuple[str, ...]
    expected: str
    difference: float | None = None  # in the printed unit
    above: bool = False  # the bar
    short: bool = False  # of the claimed size
    detectable: float | None = None
    reason: str = ""
    tests: dict[str, float] = field(default_factory=dict)
    adjusted: dict[str, float] = field(default_factory=dict)

    @property
    def verdict(self) -> AuditVerdict:
        """What the comparison came to, after Holm."""
        if self.state is not None:
            return self.state
        sure = {name for name, p in self.adjusted.items() if p < ALPHA}
        if "print" in sure or ("bar" in sure and not self.above) or ("size" in sure and self.short):
            return AuditVerdict.REFUTED
        return AuditVerdict.REPRODUCED if "bar" in sure else AuditVerdict.INCONCLUSIVE

    @property
    def measured(self) -> str:
        """The difference and its p-values, in words."""
        if self.difference is None:
            return str(self.state or "no value")
        parts = [f"p {p:.3g}{_against(name)}" for name, p in self.adjusted.items()]
        if self.detectable is not None:
            parts.append(f"would notice {self.detectable:.3f}")
        parts += [self.reason] if self.reason else []
        shown = f"{self.difference:+.3f}".replace("-", "−")
        return f"{shown} ({', '.join(parts)})" if parts else shown


def gain_trials(scope: Scope, campaign: Campaign, check: checks.RunGain) -> Iterator[Trial]:
    """One trial per item and per cell that it must beat."""
    bar = Fraction(check.by) if check.by is not None else Fraction(0)
    for selector in check.each:
        metric = _metric(scope, selector)
        for item in campaign.targets(scope, selector, {}):
            size = None
            if check.size is not None:
                size = evaluate(scope, check.size, Fact(item.at, "", "")).exact(scope)
            for other in campaign.targets(scope, check.over, item.at):
                if other.at != item.at:
                    better, worse = (item, other) if check.sense == "above" else (other, item)
                    yield _gain(better, worse, metric, bar, size)


def optimum_trials(scope: Scope, campaign: Campaign, check: checks.RunOptimum) -> Iterator[Trial]:
    """One trial per item and rival."""
    for selector in check.each:
        metric = _metric(scope, selector)
        for best in campaign.targets(scope, selector, {}):
            for rival in campaign.targets(scope, check.among, best.at):
                if rival.at != best.at:
                    yield _gain(best, rival, metric, Fraction(0), None)


def cell_trials(scope: Scope, campaign: Campaign, check: checks.RunCells) -> Iterator[Trial]:
    """One trial per printed AUC or gAUC: ours agrees within 0.001, or could the print be a run of ours."""
    for fact in scope.select(check.cells, {}):
        metric = fact.at["metric"]
        if metric in SCORES:
            target = campaign.target(fact.at)
            trial = Trial(fact.label, target.state(metric), target.keys, fact.text)
            if target.cell is not None and trial.state is None:
                _against_print(trial, target.cell, SCORES[metric], fact)
            yield trial


# -- parts ----------------------------------------------------------------------------


def _metric(scope: Scope, selector: Selector) -> str:
    if isinstance(selector.metric, str):
        return selector.metric
    raise scope.fault("a comparison of runs needs one metric")


def _gain(better: Target, other: Target, metric: str, bar: Fraction, size: Fraction | None) -> Trial:
    unit = 100 if metric in SCORES else 1
    states = [state for state in (better.state(metric), other.state(metric)) if state is not None]
    state = next((verdict for verdict in NO_EVIDENCE if verdict in states), None)
    expected = f"> {number(bar)}" if size is None else f"no less than {number(size)}"
    trial = Trial(f"{better.label} over {other.label} ({metric})", state, (*better.keys, *other.keys), expected)
    if better.cell is None or other.cell is None or state is not None:
        return trial
    x_N, y_M = better.cell.scores(metric), other.cell.scores(metric)
    difference = (_mean(x_N) - _mean(y_M)) * unit
    trial.difference = float(difference)
    trial.above = difference > bar
    trial.short = size is not None and difference < size
    result = compare(x_N, y_M, MARGIN_AUC if unit == 100 else 1.0)
    if isinstance(result, NoTest):
        trial.reason = result.reason
        return trial
    trial.detectable = result.detectable * unit
    for name, reference in (("bar", bar), ("size", size)):
        test = None if reference is None else welch([float(fraction(x) - reference / unit) for x in x_N], y_M)
        if isinstance(test, Test):
            trial.tests[name] = test.p
    return trial


def _against_print(trial: Trial, cell: RunCell, metric: Metric, fact: Fact) -> None:
    """Apply the tables' rule, and where it says `differs`, a prediction test of the print."""
    assert isinstance(fact.value, Fraction)
    compared = result_cell(cell.rows, metric, truncate(fact.value / 100))
    trial.difference = None if compared.delta_points is None else float(compared.delta_points)
    if compared.verdict == Verdict.REPRODUCED:
        trial.state = AuditVerdict.REPRODUCED
        return
    scores = cell.scores(metric)
    sd = float(np.std(scores, ddof=1)) if len(scores) >= MIN_SEEDS else 0.0
    if sd > 0:
        t = abs(float(fact.value) / 100 - float(_mean(scores))) / (sd * sqrt(1 + 1 / len(scores)))
        trial.tests["print"] = float(2 * stats.t.sf(t, len(scores) - 1))
    else:
        trial.reason = f"{len(scores)} seed{'s' if len(scores) > 1 else ''}, which allow no test"


def _mean(values: list[float]) -> Fraction:
    return sum(map(fraction, values), Fraction(0)) / len(values)


def _against(name: str) -> str:
    return {"bar": "", "size": " against the claimed size", "print": " against the print"}[name]
