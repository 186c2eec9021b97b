"""Table III and section 4.2.2 beside our runs: embeddings and fusions."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from workflow.analysis.claims.ours.cells import Runs, pooled
from workflow.analysis.claims.ours.known import beyond, compared
from workflow.analysis.claims.ours.table_2 import ALL_PRINTS
from workflow.analysis.claims.ours.trials import Trial, beats, is_best, is_print
from workflow.analysis.claims.ours.weigh import OnRuns, gains
from workflow.analysis.claims.table_2 import bar
from workflow.analysis.claims.table_3 import BEST, FUSIONS, MODULES, SCORES, WSF_SETS, both, grid, plain
from workflow.analysis.claims.terms import said, top
from workflow.analysis.compare.numbers import Metric
from workflow.analysis.evidence.standing import joined
from workflow.analysis.paper.facts import Except, Fact, Frame, Match

BESIDE_SHARE_SUM = "pairings against Share+Sum"
BEST_GAIN = "gains of the best pairing over Share+Sum"
OTHERS = Except(["SER"])


def best_cells(frame: Frame, metric: str = "auc") -> list[Fact]:
    """The cells that the paper names as the best of their datasets."""
    return [fact for name, dfm in BEST.items() for fact in grid(frame, metric, name, "SER", dfm)]


def prints(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """S.T3."""
    for fact in frame:
        if fact.at.get("table") == "3":
            yield is_print(runs, fact)


def ser_on_average(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P25.mean."""
    for metric in SCORES:
        for item in pooled(runs.printed(grid(frame, "auc", ssem="SER")), ("dfm",)):
            others = runs.printed(grid(frame, "auc", item.at["dataset"], OTHERS))
            yield beats(item, pooled(others, ("dfm",)), metric)


def ser_at_best(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P25.best."""
    for fact in best_cells(frame):
        yield beats(runs.target(fact.at), runs.printed(grid(frame, "auc", fact.at["dataset"], OTHERS)), "auc")


def ser_in_each(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P25.cells."""
    for fact in both(frame, ssem="SER"):
        others = runs.printed(grid(frame, "auc", fact.at["dataset"], OTHERS, fact.at["dfm"]))
        yield beats(runs.target(fact.at), others, fact.metric)


def best(frame: Frame, runs: Runs, cells: Iterable[Fact], ssem: Match = None) -> Iterator[Trial]:
    """Cells above every other of their dataset, or of some rows of it."""
    for fact in cells:
        item = runs.target(fact.at)
        among = runs.printed(grid(frame, "auc", fact.at["dataset"], ssem))
        yield is_best(item, [other for other in among if other.at != item.at], fact.metric)


def wsf_best(frame: Frame, runs: Runs, metric: str, ssem: Match = None) -> Iterator[Trial]:
    """P26.auc and P26.gauc, and P26.alone among SER's cells."""
    yield from best(frame, runs, grid(frame, metric, WSF_SETS, "SER", "WSF"), ssem)


def moef_best(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P26.kkbox."""
    yield from best(frame, runs, both(frame, "kkbox", "SER", "MoEF"))


def two_weights(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P27: WSF has as many parameters more than Sum as the text says; there is no chance in it."""
    wanted = said(frame, "P27", "parameters")
    for ssem in ("SER", "Share"):
        place = {"table": "3", "dataset": "ml-1m", "ssem": ssem}
        more, less = (runs.target({**place, "dfm": dfm}) for dfm in ("WSF", "Sum"))
        ground, keys = joined((more.ground, less.ground)), (*more.keys, *less.keys)
        trial = Trial(f"{more.label} less {less.label}", ground, keys, wanted.shown, asks=())
        if ground.obstacle is None and more.observed and less.observed:
            found = more.observed.finished[0].parameters.total - less.observed.finished[0].parameters.total
            trial.difference, trial.shown = float(found), f"{found:+,} parameters"
            trial.agrees, trial.fails = found == wanted.number, found != wanted.number
        yield trial


def wsf_over_sum(_: Frame, runs: Runs) -> Iterator[Trial]:
    """P28."""
    yield compared(runs, "fusion", "ml-1m", "WSF")


def beside_share_sum(runs: Runs, fact: Fact, *, below: bool = False) -> Trial:
    """A cell over Share+Sum."""
    metric = SCORE_OF[fact.metric]
    return compared(runs, "pairing", fact.at["dataset"], fact.at["ssem"], fact.at["dfm"], metric=metric, below=below)


def two_below(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P29."""
    for fact in (*grid(frame, "auc", "ml-tag", "MoE", "VF"), *grid(frame, "auc", "kkbox", "GM", "CF")):
        yield beside_share_sum(runs, fact, below=True)


def two_above(frame: Frame, runs: Runs, metric: str) -> Iterator[Trial]:
    """P30."""
    for pair in (("MoE", "VF"), ("GM", "CF")):
        for fact in grid(frame, metric, ("frappe", "ml-1m"), *pair):
            yield beside_share_sum(runs, fact)


def pairings(frame: Frame, runs: Runs, metric: str) -> Iterator[Trial]:
    """P31."""
    for fact in grid(frame, metric, ssem=MODULES, dfm=FUSIONS):
        yield beside_share_sum(runs, fact)


def best_gain(frame: Frame, runs: Runs, dataset: str, metric: str) -> Iterator[Trial]:
    """P32 to P35."""
    (fact,) = grid(frame, metric, dataset, "SER", BEST[dataset])
    yield beside_share_sum(runs, fact)


def fusion_alone(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P35.dfm."""
    least = bar(frame).number
    for name, dfm in BEST.items():
        (summed,) = grid(frame, "auc", name, "SER", "Sum")
        printed = (top(grid(frame, "auc", name)) - summed).number
        yield beyond(runs, least, printed >= least, "fusion", name, dfm)


def embedding_alone(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P35.ssem."""
    least = bar(frame).number
    for fact in grid(frame, "auc", ssem="SER", dfm="Sum"):
        printed = fact.number - plain(frame, fact).number
        yield beyond(runs, least, printed >= least, "pairing", fact.at["dataset"], "SER", "Sum")


SCORE_OF: Mapping[str, Metric] = {"auc": "auc", "gauc": "gauc"}
ABOVE_RIVALS = "each above every rival"
ON_RUNS: Mapping[str, OnRuns] = {
    "S.T3": OnRuns("", ALL_PRINTS, prints, prints=True),
    "P25.mean": gains("", ser_on_average),
    "P25.best": gains("SER against the other methods", ser_at_best),
    "P25.cells": gains("SER with each fusion", ser_in_each),
    "P26.auc": OnRuns("", ABOVE_RIVALS, partial(wsf_best, metric="auc")),
    "P26.gauc": OnRuns("", ABOVE_RIVALS, partial(wsf_best, metric="gauc")),
    "P26.alone": OnRuns("", ABOVE_RIVALS, partial(wsf_best, metric="auc", ssem="SER")),
    "P26.kkbox": OnRuns("", ABOVE_RIVALS, moef_best),
    "P27": OnRuns("", "the printed difference of parameter counts", two_weights),
    "P28": gains("", wsf_over_sum, sized=True),
    "P29": gains("", two_below, below=True),
    "P30.auc": gains("", partial(two_above, metric="auc")),
    "P30.gauc": gains("", partial(two_above, metric="gauc")),
    "P31.auc": gains(BESIDE_SHARE_SUM, partial(pairings, metric="auc"), "majority"),
    "P31.gauc": gains(BESIDE_SHARE_SUM, partial(pairings, metric="gauc"), "majority"),
    **{
        f"{number}.{metric}": gains(BEST_GAIN, partial(best_gain, dataset=dataset, metric=metric), sized=True)
        for number, dataset in (("P32", "ml-tag"), ("P33", "frappe"), ("P34", "kkbox"), ("P35", "ml-1m"))
        for metric in SCORES
    },
    "P35.dfm": gains("the fusion's own gain", fusion_alone, bar="0.1"),
    "P35.ssem": gains("the embedding module's own gain", embedding_alone, bar="0.1"),
}
