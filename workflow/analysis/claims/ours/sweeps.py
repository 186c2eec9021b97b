"""Section 4.3 beside our runs: optima and trends of Figures 6 to 9."""

from collections.abc import Iterator, Mapping
from functools import partial

from workflow.analysis.claims.ours.cells import Runs
from workflow.analysis.claims.ours.known import optimum, trend
from workflow.analysis.claims.ours.trials import Trial, beats
from workflow.analysis.claims.ours.weigh import OnRuns, gains
from workflow.analysis.paper.facts import Frame

DATASETS = ("ml-tag", "frappe", "ml-1m")


def optima(_: Frame, runs: Runs, figure: str, datasets: tuple[str, ...] = DATASETS) -> Iterator[Trial]:
    """P52 to P54, P56 and P58: the optimum that the text states for each dataset."""
    for dataset in datasets:
        yield optimum(runs, figure, dataset)


def trends(
    _: Frame, runs: Runs, figure: str, along: str, *, falling: bool, datasets: tuple[str, ...] = DATASETS
) -> Iterator[Trial]:
    """P52.trend, P53.trend and P56.trend."""
    for dataset in datasets:
        yield trend(runs, figure, dataset, along, falling=falling)


def structure_e(_: Frame, runs: Runs) -> Iterator[Trial]:
    """P59: E is below A and D."""
    for item in runs.of({"figure": "9", "units": "[800, 800]"}):
        rivals = runs.of({"figure": "9", "dataset": item.at["dataset"], "units": ("[400]", "[400, 400]")})
        if rivals:
            yield beats(item, rivals, "auc", below=True)


OPTIMUM = "the stated optimum"
ON_RUNS: Mapping[str, OnRuns] = {
    "P52": OnRuns("", OPTIMUM, partial(optima, figure="6")),
    "P52.trend": OnRuns("", "falling with α", partial(trends, figure="6", along="α", falling=True)),
    "P53": OnRuns("", OPTIMUM, partial(optima, figure="7", datasets=("ml-tag",))),
    "P53.trend": OnRuns(
        "", "rising with c", partial(trends, figure="7", along="c", falling=False, datasets=("ml-tag",))
    ),
    "P54": OnRuns("", OPTIMUM, partial(optima, figure="7", datasets=("frappe", "ml-1m"))),
    "P56": OnRuns("", OPTIMUM, partial(optima, figure="8")),
    "P56.trend": OnRuns("", "falling with γ", partial(trends, figure="8", along="γ", falling=True)),
    "P58": OnRuns("", OPTIMUM, partial(optima, figure="9")),
    "P59": gains("structure E of figure 9", structure_e, below=True),
}
