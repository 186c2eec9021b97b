"""Section 4.1: the setup that the text states, and what it leaves out, beside the authors' logs."""

from collections.abc import Mapping
from functools import partial

from workflow.analysis.claims.cases import LOGS, Check, compare
from workflow.analysis.claims.results import Outcome
from workflow.analysis.claims.terms import Term, said, term
from workflow.analysis.paper.facts import Except, Fact, Frame, Match

BASELINES = ("WideDeep", "DeepFM", "DCN", "xDeepFM", "AutoInt+", "AFN+", "DCNv2", "EDCN", "CL4CTR", "EulerNet")
OTHERS = Except(["criteo"])


def stated(frame: Frame, claim: str, name: str, column: str, dataset: Match = None) -> Outcome:
    """Every log of some datasets has the setting that the text states."""
    wanted = said(frame, claim, name)
    logs = frame.select(column, source="log", dataset=dataset)
    return LOGS.many(compare(log, "=", wanted) for log in logs)


def absent(frame: Frame, column: str, none: str) -> Outcome:
    """No log uses what the paper does not mention."""
    return LOGS.many(compare(log, "=", none) for log in frame.select(column, source="log"))


def no_batch_norm(frame: Frame) -> Outcome:
    """U03."""
    return LOGS.many(compare(log, "≠", "True") for log in frame.select("batch_norm", source="log"))


def epochs_after_best(frame: Frame, log: Fact) -> Term:
    """Epochs that a log goes on after its best."""
    return term(frame.beside(log, "epochs_run")) - frame.beside(log, "best_epoch")


def constant_rate(frame: Frame) -> Outcome:
    """P15.constant: the last epochs without improvement lower the rate too, and do not count."""
    return LOGS.many(
        compare(term(log) - epochs_after_best(frame, log), "=", 0, label=log.label)
        for log in frame.select("lr_reductions", source="log")
    )


def patience(frame: Frame) -> Outcome:
    """P19."""
    wanted = said(frame, "P19", "patience")
    return LOGS.many(
        compare(epochs_after_best(frame, log), "=", wanted, label=log.label)
        for log in frame.select("epochs_run", source="log")
    )


def logs_of_baselines(frame: Frame) -> Outcome:
    """U.logs.baselines."""
    logs = frame.select("test_auc", source="log", model=BASELINES)
    return LOGS.present(logs, "a baseline of Table IV", len(BASELINES))


def logged_at_all(frame: Frame, column: str, what: str) -> Outcome:
    """The logs say something of it."""
    return LOGS.present(frame.select(column, source="log"), what)


ON_LOGS: Mapping[str, Check] = {
    "P11.criteo": partial(stated, claim="P11.criteo", name="threshold", column="min_categr_count", dataset="criteo"),
    "P11.others": partial(stated, claim="P11.others", name="threshold", column="min_categr_count", dataset=OTHERS),
    "P12": partial(logged_at_all, column="discretisation", what="how numbers were made discrete"),
    "P15": partial(stated, claim="P15", name="rate", column="learning_rate"),
    "P15.constant": constant_rate,
    "P16": partial(stated, claim="P16", name="dimension", column="embedding_dim"),
    "P17": partial(stated, claim="P17", name="units", column="hard_hidden_units"),
    "P18.criteo": partial(stated, claim="P18.criteo", name="rows", column="batch_size", dataset="criteo"),
    "P18.others": partial(stated, claim="P18.others", name="rows", column="batch_size", dataset=OTHERS),
    "P19": patience,
    "P60": partial(logged_at_all, column="class_counts", what="samples by class"),
    "P62": partial(logged_at_all, column="hardware", what="the hardware"),
    "U01": partial(absent, column="embedding_regularizer", none="0"),
    "U02": partial(absent, column="net_dropout", none="0"),
    "U03": no_batch_norm,
    "U.logs.baselines": logs_of_baselines,
}
