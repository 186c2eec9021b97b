"""Section 4.3 beside our runs: optima and trends of Figures 6 to 9."""

from collections.abc import Iterator, Mapping
from functools import partial

from workflow.analysis.claims.ours.cells import Runs
from workflow.analysis.claims.ours.series import trend_trial
from workflow.analysis.claims.ours.trials import Trial, beats, is_best
from workflow.analysis.claims.ours.weigh import OnRuns, gains
from workflow.analysis.paper.facts import Frame

DATASETS = ("ml-tag", "frappe", "ml-1m")


def optima(frame: Frame, runs: Runs, figure: str, along: str, claim: str) -> Iterator[Trial]:
    """P52, P54 and P58: the optimum that the text states for each dataset."""
    stated = {fact.at["dataset"]: fact.text for fact in frame.select(along, claim=claim)}
    yield from _best(runs, figure, along, stated)


def c_on_ml_tag(_: Frame, runs: Runs) -> Iterator[Trial]:
    """P53: the performance rises with c, so that the end of the range is best."""
    yield from _best(runs, "7", "c", {"ml-tag": "1"})


def _best(runs: Runs, figure: str, along: str, stated: Mapping[str, str]) -> Iterator[Trial]:
    for dataset, value in stated.items():
        points = runs.of({"figure": figure, "dataset": dataset})
        for item in (one for one in points if one.at[along] == value):
            yield is_best(item, [other for other in points if other is not item], "auc")


def trend(
    _: Frame, runs: Runs, figure: str, along: str, datasets: tuple[str, ...], *, falling: bool
) -> Iterator[Trial]:
    """P52.trend, P53.trend and P56.trend."""
    for dataset in datasets:
        yield trend_trial(dataset, runs.of({"figure": figure, "dataset": dataset}), along, falling=falling)


def small_gamma(_: Frame, runs: Runs) -> Iterator[Trial]:
    """P56: γ of 1, 2 and 3 each beat 4 and 5."""
    for item in runs.of({"figure": "8", "gamma": ("1", "2", "3")}):
        rivals = runs.of({"figure": "8", "dataset": item.at["dataset"], "gamma": ("4", "5")})
        if rivals:
            yield beats(item, rivals, "auc")


def structure_e(_: Frame, runs: Runs) -> Iterator[Trial]:
    """P59: E is below A and D."""
    for item in runs.of({"figure": "9", "units": "[800, 800]"}):
        rivals = runs.of({"figure": "9", "dataset": item.at["dataset"], "units": ("[400]", "[400, 400]")})
        if rivals:
            yield beats(item, rivals, "auc", below=True)


OPTIMUM = "each above every rival"
ON_RUNS: Mapping[str, OnRuns] = {
    "P52": OnRuns("optima of figure 6", OPTIMUM, partial(optima, figure="6", along="alpha", claim="P52")),
    "P52.trend": OnRuns(
        "trends of figure 6",
        "falling with alpha on every dataset",
        partial(trend, figure="6", along="alpha", datasets=DATASETS, falling=True),
    ),
    "P53": OnRuns("", OPTIMUM, c_on_ml_tag),
    "P53.trend": OnRuns(
        "",
        "rising with c on every dataset",
        partial(trend, figure="7", along="c", datasets=("ml-tag",), falling=False),
    ),
    "P54": OnRuns("optima of figure 7", OPTIMUM, partial(optima, figure="7", along="c", claim="P54")),
    "P56": gains("optima of figure 8", small_gamma),
    "P56.trend": OnRuns(
        "trends of figure 8",
        "falling with gamma on every dataset",
        partial(trend, figure="8", along="gamma", datasets=DATASETS, falling=True),
    ),
    "P58": OnRuns("optima of figure 9", OPTIMUM, partial(optima, figure="9", along="units", claim="P58")),
    "P59": gains("structure E of figure 9", structure_e, below=True),
}
