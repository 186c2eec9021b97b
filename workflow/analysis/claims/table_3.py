"""Table III and section 4.2.2: four ways of embedding with five fusions."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import partial

from workflow.analysis.claims.cases import LOGS, PAPER, Check
from workflow.analysis.claims.logs import AUC_AND_GAUC, coverage, selection
from workflow.analysis.claims.order import all_beat, all_best, beats
from workflow.analysis.claims.results import Item, Outcome
from workflow.analysis.claims.runs import Case, Ours, RunCheck
from workflow.analysis.claims.table_2 import bar
from workflow.analysis.claims.terms import Term, mean, one, rounded, said, term, top
from workflow.analysis.claims.weigh import SCORES as METRICS
from workflow.analysis.claims.weigh import conclude, prints
from workflow.analysis.paper.facts import Coordinates, Except, Fact, Frame, Match

SCORES = ("auc", "gauc")
OTHERS = ("GM", "MoE", "Share")
MODULES, FUSIONS = ("SER", "GM", "MoE"), ("WSF", "VF", "CF", "MoEF")
WSF_SETS = ("ml-tag", "frappe", "ml-1m")  # where the paper names SER+WSF as the best
BEST = {"ml-tag": "WSF", "frappe": "WSF", "kkbox": "MoEF", "ml-1m": "WSF"}  # the fusion of the best cell
BEST_GAINS = {  # claims of its gain over Share+Sum: where, and by which score
    f"{number}.{metric}": (name, metric)
    for number, name in {"P32": "ml-tag", "P33": "frappe", "P34": "kkbox", "P35": "ml-1m"}.items()
    for metric in SCORES
}


def grid(frame: Frame, metric: str, dataset: Match = None, ssem: Match = None, dfm: Match = None) -> list[Fact]:
    """Prints of Table III."""
    return frame.select(metric, table="3", dataset=dataset, ssem=ssem, dfm=dfm)


def both(frame: Frame, dataset: Match = None, ssem: Match = None, dfm: Match = None) -> list[Fact]:
    """Prints of both scores."""
    return [fact for metric in SCORES for fact in grid(frame, metric, dataset, ssem, dfm)]


def plain(frame: Frame, fact: Fact) -> Term:
    """Share+Sum on the same dataset by the same score."""
    return one(grid(frame, fact.metric, fact.at["dataset"], "Share", "Sum"))


def two_lower(frame: Frame) -> list[Fact]:
    """The two cells that the text names as below Share+Sum."""
    return [*grid(frame, "auc", "ml-tag", "MoE", "VF"), *grid(frame, "auc", "kkbox", "GM", "CF")]


def two_higher(frame: Frame, metric: str) -> list[Fact]:
    """The same two pairings where the text names them as above it."""
    return [fact for pair in (("MoE", "VF"), ("GM", "CF")) for fact in grid(frame, metric, ("frappe", "ml-1m"), *pair)]


def named_best(frame: Frame, metric: str) -> list[Fact]:
    """SER+WSF where the text names it as the best."""
    return grid(frame, metric, WSF_SETS, "SER", "WSF")


def added(frame: Frame, part: str, summed: Fact) -> Term:
    """The gain of fusion (best cell minus SER+Sum) or of the embedding (SER+Sum minus Share+Sum)."""
    if part == "fusion":
        return top(grid(frame, "auc", summed.at["dataset"])) - summed
    return term(summed) - plain(frame, summed)


# -- the prints and the logs ----------------------------------------------------------


def candidates(at: Coordinates) -> Coordinates:
    """Logs that may be those of a cell."""
    return {"model": "TF4CTRv2", "ssem": at["ssem"], "dfm": at["dfm"]}


def _misprint_logged(frame: Frame) -> Outcome:
    log = one(frame.select("test_gauc", source="log", dataset="frappe", ssem="MoE", dfm="MoEF"))
    return LOGS.single(log * 100, "truncated to", one(grid(frame, "gauc", "frappe", "MoE", "MoEF")))


def alpha(frame: Frame) -> Term:
    """The α that section 4.2.2 states."""
    return said(frame, "P24", "alpha")


def _alpha_logged(frame: Frame, dataset: Match) -> Outcome:
    return LOGS.each(frame.select("alpha", source="log", model="TF4CTRv2", dataset=dataset), "=", alpha(frame))


def fixed(frame: Frame, column: str) -> Outcome:
    """P24.fixed and P24.units: a setting has one value in all logs of Frappe."""
    logs = frame.select(column, source="log", model="TF4CTRv2", dataset="frappe")
    return LOGS.single(Term(Fraction(len({log.value for log in logs})), tuple(logs)), "=", 1)


def _log_loss_of_sum(frame: Frame) -> Outcome:
    logs = partial(frame.select, "test_logloss", source="log", model="TF4CTRv2", dataset="frappe")
    return LOGS.single(mean(logs(dfm="Sum")) - mean(logs(dfm="WSF")), "≤", "0.01")


# -- what the text says of it ---------------------------------------------------------


def _ser_on_average(frame: Frame) -> Outcome:

    def row(ssem: str, fact: Fact) -> Term:
        return mean(grid(frame, fact.metric, fact.at["dataset"], ssem))

    rows = both(frame, ssem=OTHERS, dfm="Sum")
    return PAPER.each(rows, ">", lambda fact: row(fact.at["ssem"], fact), of=partial(row, "SER"))


def best_cells(frame: Frame, cells: Iterable[Fact], *, alone: bool = False) -> Outcome:
    """P26: cells are the best of their datasets."""
    return PAPER.best(cells, lambda fact: grid(frame, fact.metric, fact.at["dataset"]), alone=alone)


def pairings(frame: Frame, metric: str, dataset: Match = None, ssem: Match = MODULES, dfm: Match = FUSIONS) -> Outcome:
    """P31: more than half of the pairings are above Share+Sum."""
    return PAPER.each(grid(frame, metric, dataset, ssem, dfm), ">", partial(plain, frame), need="majority")


def best_gain(frame: Frame, claim: str, best: Term) -> Outcome:
    """P32 to P35: the best pairing's gain over Share+Sum."""
    return PAPER.single(best - plain(frame, best.facts[0]), "=", said(frame, claim, "gain"))


def _passes_the_bar(frame: Frame, part: str) -> Outcome:
    return PAPER.each(grid(frame, "auc", ssem="SER", dfm="Sum"), "≥", bar(frame), of=partial(added, frame, part))


ON_PAPER: Mapping[str, Check] = {
    "T3.print": lambda frame: PAPER.single(said(frame, "T3.print", "printed"), "≤", 100, computed=False),
    "P25.mean": _ser_on_average,
    "P25.best": lambda frame: PAPER.each(
        grid(frame, "auc", ssem=OTHERS), ">", of=lambda fact: top(grid(frame, "auc", fact.at["dataset"], "SER"))
    ),
    "P25.cells": lambda frame: PAPER.best(
        both(frame, ssem="SER"), lambda fact: grid(frame, fact.metric, fact.at["dataset"], dfm=fact.at["dfm"])
    ),
    "P26.auc": lambda frame: best_cells(frame, named_best(frame, "auc")),
    "P26.gauc": lambda frame: best_cells(frame, named_best(frame, "gauc")),
    "P26.alone": lambda frame: best_cells(frame, named_best(frame, "auc"), alone=True),
    "P26.kkbox": lambda frame: best_cells(frame, both(frame, "kkbox", "SER", "MoEF"), alone=True),
    "P28": lambda frame: PAPER.single(
        one(grid(frame, "auc", "ml-1m", "SER", "WSF")) - one(grid(frame, "auc", "ml-1m", "SER", "Sum")),
        "truncated to",
        said(frame, "P28", "gain"),
    ),
    "P29": lambda frame: PAPER.each(two_lower(frame), "<", partial(plain, frame)),
    "P30.auc": lambda frame: PAPER.each(two_higher(frame, "auc"), ">", partial(plain, frame)),
    "P30.gauc": lambda frame: PAPER.each(two_higher(frame, "gauc"), ">", partial(plain, frame)),
    "P31.auc": partial(pairings, metric="auc"),
    "P31.gauc": partial(pairings, metric="gauc"),
    **{f"P31.{name}": partial(pairings, metric="auc", dataset=name) for name in BEST},
    **{f"P31.{name}.gauc": partial(pairings, metric="gauc", dataset=name) for name in BEST},
    "P31.without-ser": partial(pairings, metric="auc", ssem=("GM", "MoE")),
    "P31.with-sum": partial(pairings, metric="auc", dfm=(*FUSIONS, "Sum")),
    "P31.with-sum.gauc": partial(pairings, metric="gauc", dfm=(*FUSIONS, "Sum")),
    **{
        claim: lambda frame, claim=claim, name=name, metric=metric: best_gain(
            frame, claim, one(grid(frame, metric, name, "SER", BEST[name]))
        )
        for claim, (name, metric) in BEST_GAINS.items()
    },
    "P33.best-gauc": lambda frame: best_gain(frame, "P33.gauc", top(grid(frame, "gauc", "frappe"))),
    "P35.dfm": partial(_passes_the_bar, part="fusion"),
    "P35.ssem": partial(_passes_the_bar, part="embedding"),
}
ON_LOGS: Mapping[str, Check] = {
    "S.T3": lambda frame: coverage(frame, both(frame), candidates, AUC_AND_GAUC),
    "S.T3.rounded": lambda frame: coverage(frame, both(frame), candidates, AUC_AND_GAUC, rounded),
    # of several logs of a cell the best is the printed one
    "S.T3.test": lambda frame: selection(frame, both(frame), candidates, ("test_auc", "test_gauc")),
    "S.T3.valid": lambda frame: selection(frame, both(frame), candidates, ("best_monitor",)),
    "T3.print": _misprint_logged,
    "P24": partial(_alpha_logged, dataset=Except(["criteo"])),
    "P24.criteo": partial(_alpha_logged, dataset="criteo"),
    "P24.fixed": partial(fixed, column="c"),
    "P24.units": partial(fixed, column="easy_hidden_units"),
    "P26.logloss": _log_loss_of_sum,
}

# -- our runs -------------------------------------------------------------------------


def _ser_on_average_of_ours(ours: Ours) -> Iterator[Case]:
    for metric in SCORES:
        for dataset in BEST:
            own, *others = (ours.mean(grid(ours, "auc", dataset, name), metric) for name in ("SER", *OTHERS))
            yield beats(own, others)


def best_of_ours(ours: Ours, cells: Iterable[Fact], ssem: Match = None) -> list[Case]:
    """P26: cells above every other of their dataset, or of some rows of it."""
    return all_best(ours, cells, lambda fact: grid(ours, "auc", fact.at["dataset"], ssem))


def two_weights(ours: Ours) -> Iterator[Case]:
    """P27: WSF has as many more parameters than Sum as the text says; no test is needed."""
    wanted = said(ours, "P27", "parameters")
    for ssem in ("SER", "Share"):
        places = [{"table": "3", "dataset": "ml-1m", "ssem": ssem, "dfm": dfm} for dfm in ("WSF", "Sum")]
        samples, cells, holds, shown = list(map(ours.sample, places)), list(map(ours.evidence.cell, places)), None, ""
        totals = [cell.finished[0].parameters.total for cell in cells if cell and not cell.ground.obstacle]
        if len(totals) == len(cells):
            holds, shown = totals[0] - totals[1] == wanted.number, f"{totals[0] - totals[1]:+,} parameters"
        yield Case(f"{samples[0].label} minus {samples[1].label}", wanted.shown, samples, holds, shown)


def over_share_sum(ours: Ours, cells: Iterable[Fact], *, below: bool = False) -> Iterator[Item]:
    """P29 to P35: cells over Share+Sum by the same score."""
    for fact in cells:
        place = (fact.at[name] for name in ("dataset", "ssem", "dfm"))
        yield ours.gain("pairing", *place, metric=METRICS[fact.metric], below=below)


def beyond_the_bar(ours: Ours, part: str) -> Iterator[Item]:
    """P35.dfm and P35.ssem: the gain of fusion or embedding; `claimed` if the paper's own reaches its threshold."""
    least = bar(ours).number
    for name, dfm in BEST.items():
        claimed = added(ours, part, grid(ours, "auc", name, "SER", "Sum")[0]).number >= least
        place = ("fusion", name, dfm) if part == "fusion" else ("pairing", name, "SER", "Sum")
        yield ours.beyond(least, claimed, *place)


ON_RUNS: Mapping[str, RunCheck] = {
    "S.T3": lambda ours: prints(ours, both(ours)),
    "P25.mean": _ser_on_average_of_ours,
    "P25.best": lambda ours: all_beat(
        ours,
        [grid(ours, "auc", name, "SER", dfm)[0] for name, dfm in BEST.items()],
        lambda fact: grid(ours, "auc", fact.at["dataset"], OTHERS),
    ),
    "P25.cells": lambda ours: all_beat(
        ours, both(ours, ssem="SER"), lambda fact: grid(ours, "auc", fact.at["dataset"], OTHERS, fact.at["dfm"])
    ),
    "P26.auc": lambda ours: best_of_ours(ours, named_best(ours, "auc")),
    "P26.gauc": lambda ours: best_of_ours(ours, named_best(ours, "gauc")),
    "P26.alone": lambda ours: best_of_ours(ours, named_best(ours, "auc"), "SER"),
    "P26.kkbox": lambda ours: best_of_ours(ours, both(ours, "kkbox", "SER", "MoEF")),
    "P27": two_weights,
    "P28": lambda ours: [ours.gain("fusion", "ml-1m", "WSF")],
    "P29": lambda ours: over_share_sum(ours, two_lower(ours), below=True),
    "P30.auc": lambda ours: over_share_sum(ours, two_higher(ours, "auc")),
    "P30.gauc": lambda ours: over_share_sum(ours, two_higher(ours, "gauc")),
    **{
        f"P31.{metric}": lambda ours, metric=metric: conclude(
            over_share_sum(ours, grid(ours, metric, ssem=MODULES, dfm=FUSIONS)), "majority"
        )
        for metric in SCORES
    },
    **{
        claim: lambda ours, name=name, metric=metric: over_share_sum(ours, grid(ours, metric, name, "SER", BEST[name]))
        for claim, (name, metric) in BEST_GAINS.items()
    },
    "P35.dfm": partial(beyond_the_bar, part="fusion"),
    "P35.ssem": partial(beyond_the_bar, part="embedding"),
}
