"""Table II and section 4.2.1: the TF loss beside log, focal and R-CE loss."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial

from workflow.analysis.claims.cases import LOGS, PAPER, Check, best_of, truncations
from workflow.analysis.claims.logs import AUC, coverage
from workflow.analysis.claims.modules import side_by_side
from workflow.analysis.claims.order import mean_gain, rank
from workflow.analysis.claims.results import Outcome
from workflow.analysis.claims.runs import Case, Ours
from workflow.analysis.claims.terms import Term, bottom, mean, one, said, term
from workflow.analysis.claims.terms import rank as rank_of
from workflow.analysis.claims.tested import Tested, beats, best
from workflow.analysis.claims.weigh import RunCheck, conclude, prints
from workflow.analysis.paper.facts import Except, Fact, Frame, Match

LOG, FOCAL, RCE, TF = "log", "focal", "rce", "twin_focus"


def auc_of(frame: Frame, dataset: Match = None, model: Match = None, loss: Match = None) -> list[Fact]:
    """Printed AUCs of Table II."""
    return frame.select("auc", table="2", dataset=dataset, model=model, loss=loss)


def rivals_of(frame: Frame, fact: Fact) -> list[Fact]:
    """Printed AUCs of the same model and dataset under every loss."""
    return auc_of(frame, fact.at["dataset"], fact.at["model"])


def under(frame: Frame, loss: str, fact: Fact, metric: str = "auc") -> Term:
    """A print of the same model, and dataset where it has one, under a loss."""
    return one(frame.select(metric, table="2", dataset=fact.at.get("dataset"), model=fact.at["model"], loss=loss))


def over_log(frame: Frame, fact: Fact, metric: str = "auc") -> Term:
    """A print of a row less that under log loss."""
    return under(frame, fact.at["loss"], fact, metric) - under(frame, LOG, fact, metric)


def row_mean(frame: Frame, fact: Fact, metric: str) -> Term:
    """The mean over datasets of a row."""
    return mean(frame.select(metric, table="2", model=fact.at["model"], loss=fact.at["loss"]))


def means_truncated(frame: Frame, printed: str, of: str) -> Outcome:
    """A printed mean is the truncated mean of a row."""
    return truncations(frame.select(printed, table="2"), lambda fact: row_mean(frame, fact, of))


def bar(frame: Frame) -> Term:
    """The paper's own bar for a gain that counts, of Table II's caption."""
    return said(frame, "P14", "bar")


def sign_of_dcn(frame: Frame) -> Outcome:
    """T2.sign: the printed mean gain has the sign of the gains' mean."""
    (printed,) = frame.select("mean_gain", table="2", model="DCN", loss=RCE)
    return PAPER.single(term(printed) * row_mean(frame, printed, "gain"), ">", 0)


def one_size(frame: Frame) -> Outcome:
    """T2.T3 in the logs: both have as many parameters."""
    logs = frame.select("num_params", source="log", dataset="frappe", model="TF4CTR")
    same = partial(frame.select, "num_params", source="log", dataset="frappe", ssem="Share", dfm="WSF")
    return LOGS.each(logs, lambda log: one(same(units=log.at["units"])), "=", term)


def focusing_on_criteo(frame: Frame) -> Outcome:
    """P20.focusing in the logs."""
    logs = partial(frame.select, "test_auc", source="log", dataset="criteo", model="TF4CTR")
    return LOGS.each(logs(gamma=("1", "2", "3")), term, ">", one(logs(gamma="0")))


ON_PAPER: Mapping[str, Check] = {
    "T2.gain": lambda frame: PAPER.each(frame.select("gain", table="2"), partial(over_log, frame), "=", term),
    "T2.mean_auc": lambda frame: means_truncated(frame, "mean_auc", "auc"),
    "T2.mean_gain": lambda frame: PAPER.each(
        frame.select("mean_gain", table="2"), partial(over_log, frame, metric="mean_auc"), "=", term
    ),
    "T2.mean_of_gains": lambda frame: means_truncated(frame, "mean_gain", "gain"),
    "T2.sign": sign_of_dcn,
    "T2.logloss": lambda frame: PAPER.present(
        frame.select("logloss_gain", table="2"), "logloss_gain, which the caption announces"
    ),
    "T2.T3": lambda frame: PAPER.each(
        auc_of(frame, ("kkbox", "ml-tag", "frappe"), "DualMLP", TF),
        term,
        "=",
        lambda fact: one(frame.select("auc", table="3", dataset=fact.at["dataset"], ssem="Share", dfm="WSF")),
    ),
    "P13": lambda frame: side_by_side(frame, ("P13", "bar"), ("P14", "bar")),
    "P14": lambda frame: PAPER.each(frame.select("gain", table="2", loss=TF), term, "≥", bar(frame)),
    "P20": lambda frame: PAPER.each(auc_of(frame, loss=TF), term, ">", partial(under, frame, LOG)),
    "P21": lambda frame: PAPER.many(
        best_of(fact, auc_of(frame, "kkbox")) for fact in auc_of(frame, "kkbox", "AFN+", TF)
    ),
    "P21.log": lambda frame: PAPER.many(
        best_of(fact, auc_of(frame, fact.at["dataset"], loss=LOG), lowest=True)
        for fact in auc_of(frame, None, "AFN+", LOG)
    ),
    "P21.same": lambda frame: PAPER.each(
        auc_of(frame, None, "AFN+", TF),
        term,
        "≥",
        lambda fact: bottom(auc_of(frame, fact.at["dataset"], Except(["AFN+"]), TF)),
    ),
    "P21.rce": lambda frame: PAPER.each(
        auc_of(frame, loss=RCE), lambda fact: rank_of(fact, rivals_of(frame, fact)), "=", 2, "majority"
    ),
    "P21.focal": lambda frame: PAPER.each(frame.select("gain", table="2", loss=FOCAL), term, "<", 0, "majority"),
    "P22": lambda frame: PAPER.each(frame.select("mean_gain", table="2", model="DCNv2", loss=RCE), term, "<", 0),
    "P22.best": lambda frame: PAPER.many(best_of(fact, rivals_of(frame, fact)) for fact in auc_of(frame, loss=TF)),
}
ON_LOGS: Mapping[str, Check] = {
    "S.T2": lambda frame: coverage(  # DualMLP's logs with the TF loss alone are released
        frame,
        auc_of(frame),
        lambda at: (
            frame.select("test_auc", source="log", model="TF4CTR", dataset=at["dataset"])
            if (at["model"], at["loss"]) == ("DualMLP", TF)
            else []
        ),
        AUC,
    ),
    "T2.T3": one_size,
    "P20.fixed": lambda frame: LOGS.present(
        frame.select("test_auc", source="log", model="DualMLP"), "DualMLP with log loss"
    ),
    "P20.focusing": focusing_on_criteo,
}

# -- our runs -------------------------------------------------------------------------


def compared(frame: Frame, ours: Ours, name: str, loss: str, *values: str, below: bool = False) -> Iterator[Case]:
    """A declared comparison of each model and dataset that Table II prints with a loss."""
    for fact in auc_of(frame, loss=loss):
        yield ours.gain(name, fact.at["dataset"], fact.at["model"], *values, below=below)


def afn_below_all(frame: Frame, ours: Ours, loss: str) -> Iterator[Tested]:
    """P21.log and P21.same: AFN+ below every other model with a loss."""
    for fact in auc_of(frame, None, "AFN+", loss):
        yield beats(*ours.against(fact, auc_of(frame, fact.at["dataset"], loss=loss)), below=True)


def dcnv2_log_over_rce(frame: Frame, ours: Ours) -> Outcome:
    """P22."""
    log, rce = (ours.sides(auc_of(frame, None, "DCNv2", loss)) for loss in (LOG, RCE))
    return conclude([mean_gain(list(zip(log, rce, strict=True)), Decimal(0))])


ON_RUNS: Mapping[str, RunCheck] = {
    "S.T2": lambda frame, ours: prints(ours, auc_of(frame)),
    "P20": lambda frame, ours: conclude(compared(frame, ours, "tf-loss", TF)),  # over log loss with the same settings
    "P20.focusing": lambda _, ours: conclude([ours.gain("focusing", "criteo", "DualMLP")]),
    "P20.gamma": lambda frame, ours: conclude(compared(frame, ours, "focusing", TF)),
    "P21": lambda frame, ours: conclude(
        best(*ours.against(fact, auc_of(frame, "kkbox"))) for fact in auc_of(frame, "kkbox", "AFN+", TF)
    ),
    "P21.log": lambda frame, ours: conclude(afn_below_all(frame, ours, LOG)),
    "P21.same": lambda frame, ours: conclude(afn_below_all(frame, ours, TF), "none"),
    "P21.rce": lambda frame, ours: conclude(
        (rank(*ours.against(fact, rivals_of(frame, fact)), 2) for fact in auc_of(frame, loss=RCE)), "majority"
    ),
    "P21.focal": lambda frame, ours: conclude(
        compared(frame, ours, "other-loss", FOCAL, FOCAL, below=True), "majority"
    ),
    "P22": dcnv2_log_over_rce,
    "P22.best": lambda frame, ours: conclude(
        case for loss in (FOCAL, RCE) for case in compared(frame, ours, "tf-over-other", TF, loss)
    ),
}
