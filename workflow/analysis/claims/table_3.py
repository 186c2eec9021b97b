"""Table III and section 4.2.2: four ways of embedding with five fusions."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import partial

from workflow.analysis.claims.cases import LOGS, PAPER, Check, Compared, Seen, best_of, compare, quotes
from workflow.analysis.claims.logs import AUC_AND_GAUC, cells_of, coverage, selection
from workflow.analysis.claims.results import Outcome
from workflow.analysis.claims.runs import Case, Ours, case
from workflow.analysis.claims.table_2 import bar
from workflow.analysis.claims.terms import Term, mean, one, rounded, said, term, top, truncated
from workflow.analysis.claims.tested import Tested, beats, best, family
from workflow.analysis.claims.weigh import SCORES as METRICS
from workflow.analysis.claims.weigh import RunCheck, conclude, prints
from workflow.analysis.paper.facts import Coordinates, Except, Fact, Frame, Match

SCORES = ("auc", "gauc")
OTHERS = ("GM", "MoE", "Share")
MODULES, FUSIONS = ("SER", "GM", "MoE"), ("WSF", "VF", "CF", "MoEF")
WSF_SETS = ("ml-tag", "frappe", "ml-1m")  # where the paper names SER+WSF as the best
BEST = {"ml-tag": "WSF", "frappe": "WSF", "kkbox": "MoEF", "ml-1m": "WSF"}  # the fusion of the best cell


def grid(frame: Frame, metric: str, dataset: Match = None, ssem: Match = None, dfm: Match = None) -> list[Fact]:
    """Prints of Table III."""
    return frame.select(metric, table="3", dataset=dataset, ssem=ssem, dfm=dfm)


def both(frame: Frame, dataset: Match = None, ssem: Match = None, dfm: Match = None) -> list[Fact]:
    """Prints of both scores."""
    return [fact for metric in SCORES for fact in grid(frame, metric, dataset, ssem, dfm)]


def plain(frame: Frame, fact: Fact) -> Term:
    """Share+Sum on the same dataset by the same score."""
    return one(grid(frame, fact.metric, fact.at["dataset"], "Share", "Sum"))


def candidates(frame: Frame, at: Coordinates) -> list[Fact]:
    """The logs that may be a cell's."""
    return frame.select(
        "test_auc", source="log", model="TF4CTRv2", dataset=at["dataset"], ssem=at["ssem"], dfm=at["dfm"]
    )


# -- the prints and the logs ----------------------------------------------------------


def logged(frame: Frame, *, rounds: bool) -> Outcome:
    """S.T3, and S.T3.rounded where the paper would round."""
    cells = cells_of(both(frame))
    return coverage(frame, cells, partial(candidates, frame), AUC_AND_GAUC, cut=rounded if rounds else truncated)


def selected(frame: Frame, *columns: str) -> Outcome:
    """S.T3.test and S.T3.valid: of several logs of a cell the best is the printed one."""
    return selection(frame, cells_of(both(frame)), partial(candidates, frame), columns)


def misprint(frame: Frame) -> Outcome:
    """T3.print."""
    (printed,) = frame.select("printed", claim="T3.print")
    return quotes(printed, "≤", 100)


def misprint_logged(frame: Frame) -> Outcome:
    """T3.print in the logs."""
    log = one(frame.select("test_gauc", source="log", dataset="frappe", ssem="MoE", dfm="MoEF"))
    return LOGS.single(compare(log * 100, "truncated to", one(grid(frame, "gauc", "frappe", "MoE", "MoEF"))))


def alpha(frame: Frame) -> Term:
    """The α that section 4.2.2 states."""
    return said(frame, "P24", "alpha")


def alpha_logged(frame: Frame, dataset: Match) -> Outcome:
    """P24 and P24.criteo."""
    logs = frame.select("alpha", source="log", model="TF4CTRv2", dataset=dataset)
    return LOGS.many(compare(log, "=", alpha(frame)) for log in logs)


def fixed(frame: Frame, column: str) -> Outcome:
    """P24.fixed and P24.units: a setting has one value in all logs of Frappe."""
    logs = frame.select(column, source="log", model="TF4CTRv2", dataset="frappe")
    values = Term(Fraction(len({log.value for log in logs})), tuple(logs))
    return LOGS.single(compare(values, "=", 1))


def log_loss_of_sum(frame: Frame) -> Outcome:
    """P26.logloss."""
    sums, weighted = (
        mean(frame.select("test_logloss", source="log", model="TF4CTRv2", dataset="frappe", dfm=dfm))
        for dfm in ("Sum", "WSF")
    )
    return LOGS.single(compare(sums - weighted, "≤", "0.01"))


# -- what the text says of it ---------------------------------------------------------


def ser_on_average(frame: Frame) -> Outcome:
    """P25.mean."""

    def cases() -> Iterator[Compared]:
        for fact in both(frame, ssem=OTHERS, dfm="Sum"):
            ser, other = (mean(grid(frame, fact.metric, fact.at["dataset"], name)) for name in ("SER", fact.at["ssem"]))
            yield compare(ser, ">", other, label=fact.label)

    return PAPER.many(cases())


def ser_at_best(frame: Frame) -> Outcome:
    """P25.best."""
    return PAPER.many(
        compare(top(grid(frame, "auc", fact.at["dataset"], "SER")), ">", fact, label=fact.label)
        for fact in grid(frame, "auc", ssem=Except(["SER"]))
    )


def ser_in_each(frame: Frame) -> Outcome:
    """P25.cells."""
    return PAPER.many(
        best_of(fact, grid(frame, fact.metric, fact.at["dataset"], dfm=fact.at["dfm"]))
        for fact in both(frame, ssem="SER")
    )


def wsf_best(frame: Frame, metric: str, *, alone: bool) -> Outcome:
    """P26: SER+WSF is the best cell of three datasets."""

    def cases() -> Iterator[Seen]:
        for fact in grid(frame, metric, WSF_SETS, "SER", "WSF"):
            yield best_of(fact, grid(frame, metric, fact.at["dataset"]), alone=alone)

    return PAPER.many(cases())


def moef_best(frame: Frame) -> Outcome:
    """P26.kkbox."""
    cells = both(frame, "kkbox", "SER", "MoEF")
    return PAPER.many(best_of(fact, grid(frame, fact.metric, "kkbox"), alone=True) for fact in cells)


def wsf_over_sum(frame: Frame) -> Outcome:
    """P28."""
    weighted, summed = (one(grid(frame, "auc", "ml-1m", "SER", dfm)) for dfm in ("WSF", "Sum"))
    return PAPER.single(compare(weighted - summed, "truncated to", said(frame, "P28", "gain")))


def two_lower(frame: Frame) -> list[Fact]:
    """The two cells that the text names as below Share+Sum."""
    return [*grid(frame, "auc", "ml-tag", "MoE", "VF"), *grid(frame, "auc", "kkbox", "GM", "CF")]


def two_higher(frame: Frame, metric: str) -> list[Fact]:
    """The same two pairings where the text names them as above it."""
    return [fact for pair in (("MoE", "VF"), ("GM", "CF")) for fact in grid(frame, metric, ("frappe", "ml-1m"), *pair)]


def two_below(frame: Frame) -> Outcome:
    """P29."""
    return PAPER.many(compare(fact, "<", plain(frame, fact)) for fact in two_lower(frame))


def two_above(frame: Frame, metric: str) -> Outcome:
    """P30."""
    return PAPER.many(compare(fact, ">", plain(frame, fact)) for fact in two_higher(frame, metric))


def pairings(frame: Frame, metric: str, dataset: Match = None, ssem: Match = MODULES, dfm: Match = FUSIONS) -> Outcome:
    """P31: more than half of the pairings are above Share+Sum."""
    cells = grid(frame, metric, dataset, ssem, dfm)
    return PAPER.many((compare(fact, ">", plain(frame, fact)) for fact in cells), "majority")


def best_gain(frame: Frame, claim: str, dataset: str, metric: str) -> Outcome:
    """P32 to P35: the best pairing's gain over Share+Sum."""
    (best,) = grid(frame, metric, dataset, "SER", BEST[dataset])
    return PAPER.single(compare(term(best) - plain(frame, best), "=", said(frame, claim, "gain")))


def best_gauc_gain(frame: Frame) -> Outcome:
    """P33.best-gauc."""
    best = top(grid(frame, "gauc", "frappe"))
    return PAPER.single(compare(best - plain(frame, best.facts[0]), "=", said(frame, "P33.gauc", "gain")))


def fusion_alone(frame: Frame) -> Outcome:
    """P35.dfm."""
    return PAPER.many(
        compare(top(grid(frame, "auc", fact.at["dataset"])) - fact, "≥", bar(frame), label=fact.label)
        for fact in grid(frame, "auc", ssem="SER", dfm="Sum")
    )


def embedding_alone(frame: Frame) -> Outcome:
    """P35.ssem."""
    return PAPER.many(
        compare(term(fact) - plain(frame, fact), "≥", bar(frame), label=fact.label)
        for fact in grid(frame, "auc", ssem="SER", dfm="Sum")
    )


ON_PAPER: Mapping[str, Check] = {
    "T3.print": misprint,
    "P25.mean": ser_on_average,
    "P25.best": ser_at_best,
    "P25.cells": ser_in_each,
    "P26.auc": partial(wsf_best, metric="auc", alone=False),
    "P26.gauc": partial(wsf_best, metric="gauc", alone=False),
    "P26.alone": partial(wsf_best, metric="auc", alone=True),
    "P26.kkbox": moef_best,
    "P28": wsf_over_sum,
    "P29": two_below,
    "P30.auc": partial(two_above, metric="auc"),
    "P30.gauc": partial(two_above, metric="gauc"),
    "P31.auc": partial(pairings, metric="auc"),
    "P31.gauc": partial(pairings, metric="gauc"),
    "P31.ml-tag": partial(pairings, metric="auc", dataset="ml-tag"),
    "P31.kkbox": partial(pairings, metric="auc", dataset="kkbox"),
    "P31.frappe": partial(pairings, metric="auc", dataset="frappe"),
    "P31.ml-1m": partial(pairings, metric="auc", dataset="ml-1m"),
    "P31.ml-tag.gauc": partial(pairings, metric="gauc", dataset="ml-tag"),
    "P31.kkbox.gauc": partial(pairings, metric="gauc", dataset="kkbox"),
    "P31.frappe.gauc": partial(pairings, metric="gauc", dataset="frappe"),
    "P31.ml-1m.gauc": partial(pairings, metric="gauc", dataset="ml-1m"),
    "P31.without-ser": partial(pairings, metric="auc", ssem=("GM", "MoE")),
    "P31.with-sum": partial(pairings, metric="auc", dfm=(*FUSIONS, "Sum")),
    "P31.with-sum.gauc": partial(pairings, metric="gauc", dfm=(*FUSIONS, "Sum")),
    "P32.auc": partial(best_gain, claim="P32.auc", dataset="ml-tag", metric="auc"),
    "P32.gauc": partial(best_gain, claim="P32.gauc", dataset="ml-tag", metric="gauc"),
    "P33.auc": partial(best_gain, claim="P33.auc", dataset="frappe", metric="auc"),
    "P33.gauc": partial(best_gain, claim="P33.gauc", dataset="frappe", metric="gauc"),
    "P34.auc": partial(best_gain, claim="P34.auc", dataset="kkbox", metric="auc"),
    "P34.gauc": partial(best_gain, claim="P34.gauc", dataset="kkbox", metric="gauc"),
    "P35.auc": partial(best_gain, claim="P35.auc", dataset="ml-1m", metric="auc"),
    "P35.gauc": partial(best_gain, claim="P35.gauc", dataset="ml-1m", metric="gauc"),
    "P33.best-gauc": best_gauc_gain,
    "P35.dfm": fusion_alone,
    "P35.ssem": embedding_alone,
}
ON_LOGS: Mapping[str, Check] = {
    "S.T3": partial(logged, rounds=False),
    "S.T3.rounded": partial(logged, rounds=True),
    "S.T3.test": lambda frame: selected(frame, "test_auc", "test_gauc"),
    "S.T3.valid": lambda frame: selected(frame, "best_monitor"),
    "T3.print": misprint_logged,
    "P24": partial(alpha_logged, dataset=Except(["criteo"])),
    "P24.criteo": partial(alpha_logged, dataset="criteo"),
    "P24.fixed": partial(fixed, column="c"),
    "P24.units": partial(fixed, column="easy_hidden_units"),
    "P26.logloss": log_loss_of_sum,
}

# -- our runs -------------------------------------------------------------------------


def best_cells(frame: Frame) -> list[Fact]:
    """The cells that the paper names as the best of their datasets."""
    return [fact for name, dfm in BEST.items() for fact in grid(frame, "auc", name, "SER", dfm)]


def ser_above(frame: Frame, ours: Ours, cells: Iterable[Fact], *, each_fusion: bool) -> Outcome:
    """P25.best and P25.cells: cells of SER above those of the other methods, of all fusions or of the same."""

    def tests() -> Iterator[Tested]:
        for fact in cells:
            others = grid(frame, "auc", fact.at["dataset"], OTHERS, fact.at["dfm"] if each_fusion else None)
            yield beats(ours.side(fact.at, fact.metric), ours.sides(others, fact.metric))

    return conclude(family(tests()))


def ser_on_average_of_ours(frame: Frame, ours: Ours) -> Outcome:
    """P25.mean."""
    return conclude(
        family(
            beats(
                ours.mean(grid(frame, "auc", dataset, "SER"), metric),
                [ours.mean(grid(frame, "auc", dataset, name), metric) for name in OTHERS],
            )
            for metric in SCORES
            for dataset in BEST
        )
    )


def best_of_ours(frame: Frame, ours: Ours, cells: Iterable[Fact], ssem: Match = None) -> Outcome:
    """P26: cells above every other of their dataset, or of some rows of it."""

    def cases() -> Iterator[Case]:
        for fact in cells:
            among = [other for other in grid(frame, "auc", fact.at["dataset"], ssem) if other.at != fact.at]
            yield best(ours.side(fact.at, fact.metric), ours.sides(among, fact.metric))

    return conclude(cases())


def two_weights(frame: Frame, ours: Ours) -> Outcome:
    """P27: WSF has as many parameters more than Sum as the text says; there is no chance in it."""

    def cases() -> Iterator[Case]:
        wanted = said(frame, "P27", "parameters")
        for ssem in ("SER", "Share"):
            places = [{"table": "3", "dataset": "ml-1m", "ssem": ssem, "dfm": dfm} for dfm in ("WSF", "Sum")]
            sides, cells, holds, shown = list(map(ours.side, places)), list(map(ours.cell, places)), None, ""
            totals = [cell.finished[0].parameters.total for cell in cells if cell and not cell.ground.obstacle]
            if len(totals) == len(cells):
                holds, shown = totals[0] - totals[1] == wanted.number, f"{totals[0] - totals[1]:+,} parameters"
            yield case(f"{sides[0].label} less {sides[1].label}", wanted.shown, sides, holds, shown)

    return conclude(cases())


def over_share_sum(ours: Ours, cells: Iterable[Fact], *, below: bool = False) -> list[Case]:
    """P29 to P35: cells over Share+Sum by the same score."""
    names = ("dataset", "ssem", "dfm")
    return [
        ours.gain("pairing", *(fact.at[name] for name in names), metric=METRICS[fact.metric], below=below)
        for fact in cells
    ]


def best_over_share_sum(dataset: str, metric: str) -> RunCheck:
    """P32 to P35."""
    return lambda frame, ours: conclude(over_share_sum(ours, grid(frame, metric, dataset, "SER", BEST[dataset])))


def module_alone(frame: Frame, ours: Ours, name: str) -> Outcome:
    """P35.dfm and P35.ssem: the fusion's own gain, and the embedding's, where the paper's own print passes its bar."""
    least, cases = bar(frame).number, []
    for fact in grid(frame, "auc", ssem="SER", dfm="Sum"):
        dataset = fact.at["dataset"]
        if name == "fusion":
            claimed = top(grid(frame, "auc", dataset)).number - fact.number >= least
            cases.append(ours.beyond(least, claimed, "fusion", dataset, BEST[dataset]))
        else:
            claimed = fact.number - plain(frame, fact).number >= least
            cases.append(ours.beyond(least, claimed, "pairing", dataset, "SER", "Sum"))
    return conclude(cases)


ON_RUNS: Mapping[str, RunCheck] = {
    "S.T3": lambda frame, ours: prints(ours, both(frame)),
    "P25.mean": ser_on_average_of_ours,
    "P25.best": lambda frame, ours: ser_above(frame, ours, best_cells(frame), each_fusion=False),
    "P25.cells": lambda frame, ours: ser_above(frame, ours, both(frame, ssem="SER"), each_fusion=True),
    "P26.auc": lambda frame, ours: best_of_ours(frame, ours, grid(frame, "auc", WSF_SETS, "SER", "WSF")),
    "P26.gauc": lambda frame, ours: best_of_ours(frame, ours, grid(frame, "gauc", WSF_SETS, "SER", "WSF")),
    "P26.alone": lambda frame, ours: best_of_ours(frame, ours, grid(frame, "auc", WSF_SETS, "SER", "WSF"), "SER"),
    "P26.kkbox": lambda frame, ours: best_of_ours(frame, ours, both(frame, "kkbox", "SER", "MoEF")),
    "P27": two_weights,
    "P28": lambda _, ours: conclude([ours.gain("fusion", "ml-1m", "WSF")]),
    "P29": lambda frame, ours: conclude(over_share_sum(ours, two_lower(frame), below=True)),
    "P30.auc": lambda frame, ours: conclude(over_share_sum(ours, two_higher(frame, "auc"))),
    "P30.gauc": lambda frame, ours: conclude(over_share_sum(ours, two_higher(frame, "gauc"))),
    **{
        f"P31.{metric}": lambda frame, ours, metric=metric: conclude(
            over_share_sum(ours, grid(frame, metric, ssem=MODULES, dfm=FUSIONS)), "majority"
        )
        for metric in SCORES
    },
    **{
        f"{number}.{metric}": best_over_share_sum(dataset, metric)
        for number, dataset in (("P32", "ml-tag"), ("P33", "frappe"), ("P34", "kkbox"), ("P35", "ml-1m"))
        for metric in SCORES
    },
    "P35.dfm": lambda frame, ours: module_alone(frame, ours, "fusion"),
    "P35.ssem": lambda frame, ours: module_alone(frame, ours, "embedding"),
}
