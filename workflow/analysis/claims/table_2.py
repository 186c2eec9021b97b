"""Table II and section 4.2.1: the TF loss beside log, focal and R-CE loss."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial

from workflow.analysis.claims.cases import LOGS, PAPER, Check, logged_at_all, side_by_side, truncations
from workflow.analysis.claims.logs import coverage
from workflow.analysis.claims.order import all_beat, all_best, mean_gain, rank
from workflow.analysis.claims.results import Item, Outcome
from workflow.analysis.claims.runs import Case, Ours, RunCheck
from workflow.analysis.claims.terms import Term, mean, one, said, term, top
from workflow.analysis.claims.terms import rank as rank_of
from workflow.analysis.claims.weigh import conclude, prints
from workflow.analysis.paper.facts import Except, Fact, Frame, Match

LOG, FOCAL, RCE, TF = "log", "focal", "rce", "twin_focus"


def auc_of(frame: Frame, dataset: Match = None, model: Match = None, loss: Match = None) -> list[Fact]:
    """Printed AUCs of Table II."""
    return frame.select("auc", table="2", dataset=dataset, model=model, loss=loss)


def rivals_of(frame: Frame, fact: Fact) -> list[Fact]:
    """Printed AUCs of the same model and dataset under every loss."""
    return auc_of(frame, fact.at["dataset"], fact.at["model"])


def under(frame: Frame, loss: str, fact: Fact, metric: str = "auc") -> Term:
    """The printed number of the same model and dataset with another loss."""
    return one(frame.select(metric, table="2", dataset=fact.at.get("dataset"), model=fact.at["model"], loss=loss))


def over_log(frame: Frame, fact: Fact, metric: str = "auc") -> Term:
    """The printed number of a row minus that with log loss."""
    return under(frame, fact.at["loss"], fact, metric) - under(frame, LOG, fact, metric)


def row_mean(frame: Frame, fact: Fact, metric: str) -> Term:
    """The mean over datasets of a row."""
    return mean(frame.select(metric, table="2", model=fact.at["model"], loss=fact.at["loss"]))


def bar(frame: Frame) -> Term:
    """The paper's threshold for a significant gain, from Table II's caption."""
    return said(frame, "P14", "bar")


def _sign_of_dcn(frame: Frame) -> Outcome:
    (printed,) = frame.select("mean_gain", table="2", model="DCN", loss=RCE)
    return PAPER.single(term(printed) * row_mean(frame, printed, "gain"), ">", 0)


def _as_many_parameters(frame: Frame) -> Outcome:
    logs = partial(frame.select, "num_params", source="log", dataset="frappe")
    return LOGS.each(
        logs(model="TF4CTR"), "=", of=lambda log: one(logs(ssem="Share", dfm="WSF", units=log.at["units"]))
    )


def _focusing_on_criteo(frame: Frame) -> Outcome:
    logs = partial(frame.select, "test_auc", source="log", dataset="criteo", model="TF4CTR")
    return LOGS.each(logs(gamma=("1", "2", "3")), ">", one(logs(gamma="0")))


ON_PAPER: Mapping[str, Check] = {
    "T2.gain": lambda frame: PAPER.each(frame.select("gain", table="2"), "=", of=partial(over_log, frame)),
    "T2.mean_auc": lambda frame: truncations(
        frame.select("mean_auc", table="2"), partial(row_mean, frame, metric="auc")
    ),
    "T2.mean_gain": lambda frame: PAPER.each(
        frame.select("mean_gain", table="2"), "=", of=partial(over_log, frame, metric="mean_auc")
    ),
    "T2.mean_of_gains": lambda frame: truncations(
        frame.select("mean_gain", table="2"), partial(row_mean, frame, metric="gain")
    ),
    "T2.sign": _sign_of_dcn,
    "T2.logloss": lambda frame: PAPER.present(
        frame.select("logloss_gain", table="2"), "logloss_gain, which the caption announces"
    ),
    "T2.T3": lambda frame: PAPER.each(
        auc_of(frame, ("kkbox", "ml-tag", "frappe"), "DualMLP", TF),
        "=",
        lambda fact: one(frame.select("auc", table="3", dataset=fact.at["dataset"], ssem="Share", dfm="WSF")),
    ),
    "P13": lambda frame: side_by_side(frame, ("P13", "bar"), ("P14", "bar")),
    "P14": lambda frame: PAPER.each(frame.select("gain", table="2", loss=TF), "≥", bar(frame)),
    "P20": lambda frame: PAPER.each(auc_of(frame, loss=TF), ">", partial(under, frame, LOG)),
    "P21": lambda frame: PAPER.best(auc_of(frame, "kkbox", "AFN+", TF), lambda _: auc_of(frame, "kkbox")),
    "P21.log": lambda frame: PAPER.best(
        auc_of(frame, None, "AFN+", LOG), lambda fact: auc_of(frame, fact.at["dataset"], loss=LOG), lowest=True
    ),
    "P21.same": lambda frame: PAPER.each(
        auc_of(frame, None, "AFN+", TF),
        "≥",
        lambda fact: top(auc_of(frame, fact.at["dataset"], Except(["AFN+"]), TF), min),
    ),
    "P21.rce": lambda frame: PAPER.each(
        auc_of(frame, loss=RCE), "=", 2, need="majority", of=lambda fact: rank_of(fact, rivals_of(frame, fact))
    ),
    "P21.focal": lambda frame: PAPER.each(frame.select("gain", table="2", loss=FOCAL), "<", 0, need="majority"),
    "P22": lambda frame: PAPER.each(frame.select("mean_gain", table="2", model="DCNv2", loss=RCE), "<", 0),
    "P22.best": lambda frame: PAPER.best(auc_of(frame, loss=TF), partial(rivals_of, frame)),
}
ON_LOGS: Mapping[str, Check] = {
    # DualMLP's logs with the TF loss alone are released
    "S.T2": lambda frame: coverage(
        frame, auc_of(frame), lambda at: {"model": "TF4CTR"} if (at["model"], at["loss"]) == ("DualMLP", TF) else None
    ),
    "T2.T3": _as_many_parameters,
    "P20.fixed": partial(logged_at_all, what="DualMLP with log loss", model="DualMLP"),
    "P20.focusing": _focusing_on_criteo,
}

# -- our runs -------------------------------------------------------------------------


def compared(ours: Ours, name: str, loss: str, *values: str, below: bool = False) -> Iterator[Item]:
    """A declared comparison of each model and dataset that Table II prints with a loss."""
    for fact in auc_of(ours, loss=loss):
        yield ours.gain(name, fact.at["dataset"], fact.at["model"], *values, below=below)


def afn_below_all(ours: Ours, loss: str) -> list[Case]:
    """P21.log and P21.same: AFN+ below every other model with a loss."""
    cells = auc_of(ours, None, "AFN+", loss)
    return all_beat(ours, cells, lambda fact: auc_of(ours, fact.at["dataset"], loss=loss), below=True)


def _dcnv2_log_over_rce(ours: Ours) -> list[Item]:
    log, rce = (ours.samples(auc_of(ours, None, "DCNv2", loss)) for loss in (LOG, RCE))
    return [mean_gain(list(zip(log, rce, strict=True)), Decimal(0))]


ON_RUNS: Mapping[str, RunCheck] = {
    "S.T2": lambda ours: prints(ours, auc_of(ours)),
    "P20": lambda ours: compared(ours, "tf-loss", TF),  # over log loss with the same settings
    "P20.focusing": lambda ours: [ours.gain("focusing", "criteo", "DualMLP")],
    "P20.gamma": lambda ours: compared(ours, "focusing", TF),
    "P21": lambda ours: all_best(ours, auc_of(ours, "kkbox", "AFN+", TF), lambda _: auc_of(ours, "kkbox")),
    "P21.log": partial(afn_below_all, loss=LOG),
    "P21.same": lambda ours: conclude(afn_below_all(ours, TF), "none"),
    "P21.rce": lambda ours: conclude(
        (rank(*ours.against(fact, rivals_of(ours, fact)), 2) for fact in auc_of(ours, loss=RCE)), "majority"
    ),
    "P21.focal": lambda ours: conclude(compared(ours, "other-loss", FOCAL, FOCAL, below=True), "majority"),
    "P22": _dcnv2_log_over_rce,
    "P22.best": lambda ours: [case for loss in (FOCAL, RCE) for case in compared(ours, "tf-over-other", TF, loss)],
}
