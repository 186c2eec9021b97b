"""Comparisons and sweeps that are declared elsewhere, as trials of claims: looked up, never computed again."""

from fractions import Fraction

from workflow.analysis.claims.ours.cells import Runs
from workflow.analysis.claims.ours.trials import Trial
from workflow.analysis.claims.results import number
from workflow.analysis.compare.gains import Gain
from workflow.analysis.compare.judge import comparison_id
from workflow.analysis.compare.numbers import Metric
from workflow.analysis.compare.words import Finding, verdict
from workflow.analysis.evidence.standing import NOT_RUN

SHOWN = (Finding.HOLDS, Finding.SMALLER, Finding.REVERSED, Finding.GAIN, Finding.LOSS)  # a difference is


def compared(runs: Runs, name: str, dataset: str, *values: str, metric: Metric = "auc", below: bool = False) -> Trial:
    """A declared comparison with its word.

    Parameters
    ----------
    runs : Runs
        Has all of them.
    name, dataset, values
        Its declaration, where, and what is in the place of the braces.
    metric : str
        auc or gauc.
    below : bool
        Whether the claim is that the item lies below what it is compared with.
    """
    key = comparison_id(name, dataset, *values, metric=metric)
    one = runs.comparisons.get(key)
    if one is None:
        return Trial(key, NOT_RUN, (), "a difference below 0" if below else "a gain")
    label = f"{one.item} over {one.over}, {one.title} ({metric})"
    trial = Trial(label, one.gain.ground, one.run_keys, _claimed(one.gain, below), asks=())
    if one.gain.mean is None or one.gain.ground.obstacle is not None:
        return trial
    trial.difference, trial.shown = 100 * one.gain.mean, one.gain.ours
    trial.over, trial.reason = f"p {one.gain.p_text}", one.gain.why_no_test
    trial.settled = one.verdict
    if one.verdict.finding in SHOWN:
        trial.supports = (one.gain.mean < 0) is below
    elif one.verdict.finding is Finding.DOES_NOT_HOLD:
        trial.supports = False
    return trial


def beyond(runs: Runs, bar: Fraction, claimed: bool, name: str, dataset: str, *values: str) -> Trial:
    """A declared comparison under a claim that its gain passes a bar, in points.

    `claimed` says whether the paper's own print does: where it does not, runs that do not are no contradiction.
    """
    trial, one = compared(runs, name, dataset, *values), runs.comparisons.get(comparison_id(name, dataset, *values))
    trial.expected = f"> {number(bar)}"
    if one is None or one.gain.interval is None or one.gain.ground.obstacle is not None:
        return trial
    low, high = (100 * end for end in (one.gain.interval.low, one.gain.interval.high))
    finding = Finding.HOLDS if low > bar else Finding.DOES_NOT_HOLD if high < bar and claimed else Finding.OPEN
    trial.settled = verdict(one.gain.ground, finding)
    trial.supports = {Finding.HOLDS: True, Finding.DOES_NOT_HOLD: False}.get(finding)
    if high < bar and not claimed:
        trial.reason = "the paper's own print does not pass the bar either"
    return trial


def at_level(runs: Runs, level: float, name: str, dataset: str) -> Trial:
    """A declared comparison under a claim that its gain is shown at a level of its own."""
    trial, one = compared(runs, name, dataset), runs.comparisons.get(comparison_id(name, dataset))
    if trial.supports and one is not None and (one.gain.p is None or one.gain.p >= level):
        trial.settled, trial.supports = verdict(one.gain.ground, Finding.OPEN), None
    return trial


def optimum(runs: Runs, figure: str, dataset: str) -> Trial:
    """The optimum that the paper states for a sweep, as the figure judges it."""
    found = runs.sweeps.get((f"figure_{figure}", dataset))
    if found is None:
        return Trial(f"optimum of figure {figure}, {dataset}", NOT_RUN, (), "the stated one")
    stated = " or ".join(found.stated)
    keys = tuple(key for point in found.points for key in point.run_keys)
    ground = found.points[0].samples["auc"].ground
    trial = Trial(f"optimum of figure {figure}, {dataset}", ground, keys, stated, asks=())
    trial.settled = found.verdict
    trial.supports = {Finding.SEEN: True, Finding.NOT_SEEN: False}.get(found.verdict.finding)  # pyright: ignore[reportArgumentType,reportCallIssue]
    return trial


def trend(runs: Runs, figure: str, dataset: str, along: str, *, falling: bool) -> Trial:
    """The trend that the paper states for a sweep, as the figure judges it."""
    found, sense = runs.sweeps.get((f"figure_{figure}", dataset)), "falling" if falling else "rising"
    label = f"slope of auc along {along}, {dataset}"
    if found is None:
        return Trial(label, NOT_RUN, (), sense)
    gain, word = found.trend([float(point.at) for point in found.points], falling)
    keys = tuple(key for point in found.points for key in point.run_keys)
    trial = Trial(label, gain.ground, keys, sense, asks=())
    if gain.mean is not None and gain.ground.obstacle is None:
        trial.difference, trial.shown = 100 * gain.mean, f"{gain.ours} a unit of {along}"
        trial.over = f"p {gain.p_text}"
    trial.settled = word
    trial.supports = {Finding.SEEN: True, Finding.NOT_SEEN: False}.get(word.finding)  # pyright: ignore[reportArgumentType,reportCallIssue]
    return trial


def _claimed(gain: Gain, below: bool) -> str:
    return gain.paper if gain.paper_points is not None else "below 0" if below else "above 0"
