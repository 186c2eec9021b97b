"""Table V and section 4.2.4: three models alone and inside the framework."""

from collections.abc import Iterator, Mapping
from functools import partial

from workflow.analysis.claims.cases import PAPER, Check
from workflow.analysis.claims.logs import coverage
from workflow.analysis.claims.order import rank as rank_of
from workflow.analysis.claims.results import Item, Outcome
from workflow.analysis.claims.runs import Case, Ours, RunCheck
from workflow.analysis.claims.table_4 import auc
from workflow.analysis.claims.terms import Term, one, rank, said
from workflow.analysis.claims.weigh import conclude, prints
from workflow.analysis.paper.facts import Fact, Frame, Match

PLAIN, FRAMED = "plain", "framework"


def printed(frame: Frame, metric: str, model: Match = None, dataset: Match = None, variant: Match = None) -> list[Fact]:
    """Prints of Table V."""
    return frame.select(metric, table="5", model=model, dataset=dataset, variant=variant)


def gain(frame: Frame, fact: Fact) -> Term:
    """The framework's AUC minus the plain model's, for the model and dataset of a printed number."""
    framed, plain = (
        one(printed(frame, "auc", fact.at["model"], fact.at["dataset"], variant)) for variant in (FRAMED, PLAIN)
    )
    return framed - plain


def near_the_bar(frame: Frame) -> list[Fact]:
    """The gains that P50 is about."""
    return printed(frame, "gain", ("DeepFM", "xDeepFM"))


def rank_in_table_4(frame: Frame, facts: list[Fact], name: str) -> Outcome:
    """P49: the rank of a cell among Table IV's, from the last before and from the first after."""
    among, wanted = auc(frame, "ml-1m"), said(frame, "P49.before", name)
    return PAPER.each(facts, "=", wanted, of=partial(rank, among=among, from_last=name == "from-last"))


ON_PAPER: Mapping[str, Check] = {
    "T5.gain": lambda frame: PAPER.each(printed(frame, "gain"), "=", of=partial(gain, frame)),
    "T5.T4": lambda frame: PAPER.each(
        printed(frame, "auc", variant=PLAIN), "=", lambda fact: one(auc(frame, fact.at["dataset"], fact.at["model"]))
    ),
    "P48": lambda frame: PAPER.single(
        gain(frame, printed(frame, "gain", "WideDeep", "ml-1m")[0]), "=", said(frame, "P48", "gain")
    ),
    "P48.all": lambda frame: PAPER.each(printed(frame, "gain"), ">", 0),
    "P49.before": lambda frame: rank_in_table_4(frame, auc(frame, "ml-1m", "WideDeep"), "from-last"),
    "P49.after": lambda frame: rank_in_table_4(frame, printed(frame, "auc", "WideDeep", "ml-1m", FRAMED), "after"),
    "P50": lambda frame: PAPER.each(near_the_bar(frame), ">", said(frame, "P50", "bar"), need="majority"),
}
ON_LOGS: Mapping[str, Check] = {
    # DeepFM's logs in the framework alone are released
    "S.T5": lambda frame: coverage(
        frame,
        printed(frame, "auc"),
        lambda at: {"model": "TF4CTRv2_DeepFM"} if (at["model"], at["variant"]) == ("DeepFM", FRAMED) else None,
    )
}

# -- our runs -------------------------------------------------------------------------


def rank_of_ours(ours: Ours, facts: list[Fact], name: str) -> list[Case]:
    """P49: the rank of a cell among Table IV's, from the last before and from the first after."""
    wanted, among = int(said(ours, "P49.before", name).number), auc(ours, "ml-1m")
    return [rank_of(*ours.against(fact, among), wanted, from_last=name == "from-last") for fact in facts]


def _ours_beyond_the_bar(ours: Ours) -> Iterator[Item]:
    least = said(ours, "P50", "bar").number
    for fact in near_the_bar(ours):
        yield ours.beyond(least, fact.number > least, "framework", fact.at["dataset"], fact.at["model"])


ON_RUNS: Mapping[str, RunCheck] = {
    "S.T5": lambda ours: prints(ours, printed(ours, "auc")),
    "P48": lambda ours: [ours.gain("framework", "ml-1m", "WideDeep")],
    "P48.all": lambda ours: [
        ours.gain("framework", fact.at["dataset"], fact.at["model"]) for fact in printed(ours, "auc", variant=FRAMED)
    ],
    "P49.before": lambda ours: rank_of_ours(ours, auc(ours, "ml-1m", "WideDeep"), "from-last"),
    "P49.after": lambda ours: rank_of_ours(ours, printed(ours, "auc", "WideDeep", "ml-1m", FRAMED), "after"),
    "P50": lambda ours: conclude(_ours_beyond_the_bar(ours), "majority"),
}
