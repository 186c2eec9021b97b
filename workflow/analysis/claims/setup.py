"""Section 4.1: the setup that the text states, and what it leaves out, beside the authors' logs."""

from collections.abc import Mapping

from workflow.analysis.claims.cases import LOGS, Check, Sign
from workflow.analysis.claims.results import Outcome
from workflow.analysis.claims.terms import Like, Term, said, term
from workflow.analysis.paper.facts import Except, Fact, Frame, Match

BASELINES = ("WideDeep", "DeepFM", "DCN", "xDeepFM", "AutoInt+", "AFN+", "DCNv2", "EDCN", "CL4CTR", "EulerNet")
OTHERS = Except(["criteo"])


def every(frame: Frame, column: str, sign: Sign, wanted: Like, dataset: Match = None) -> Outcome:
    """Every log, or every log of some datasets, has such a setting."""
    return LOGS.each(frame.select(column, source="log", dataset=dataset), term, sign, wanted)


def logged_at_all(frame: Frame, column: str, what: str) -> Outcome:
    """The logs say something of it."""
    return LOGS.present(frame.select(column, source="log"), what)


def epochs_after_best(frame: Frame, log: Fact) -> Term:
    """Epochs that a log goes on after its best."""
    return term(frame.beside(log, "epochs_run")) - frame.beside(log, "best_epoch")


ON_LOGS: Mapping[str, Check] = {
    "P11.criteo": lambda frame: every(frame, "min_categr_count", "=", said(frame, "P11.criteo", "threshold"), "criteo"),
    "P11.others": lambda frame: every(frame, "min_categr_count", "=", said(frame, "P11.others", "threshold"), OTHERS),
    "P12": lambda frame: logged_at_all(frame, "discretisation", "how numbers were made discrete"),
    "P15": lambda frame: every(frame, "learning_rate", "=", said(frame, "P15", "rate")),
    # the last epochs without improvement lower the rate too, and do not count
    "P15.constant": lambda frame: LOGS.each(
        frame.select("lr_reductions", source="log"), lambda log: term(log) - epochs_after_best(frame, log), "=", 0
    ),
    "P16": lambda frame: every(frame, "embedding_dim", "=", said(frame, "P16", "dimension")),
    "P17": lambda frame: every(frame, "hard_hidden_units", "=", said(frame, "P17", "units")),
    "P18.criteo": lambda frame: every(frame, "batch_size", "=", said(frame, "P18.criteo", "rows"), "criteo"),
    "P18.others": lambda frame: every(frame, "batch_size", "=", said(frame, "P18.others", "rows"), OTHERS),
    "P19": lambda frame: LOGS.each(
        frame.select("epochs_run", source="log"),
        lambda log: epochs_after_best(frame, log),
        "=",
        said(frame, "P19", "patience"),
    ),
    "P60": lambda frame: logged_at_all(frame, "class_counts", "samples by class"),
    "P62": lambda frame: logged_at_all(frame, "hardware", "the hardware"),
    "U01": lambda frame: every(frame, "embedding_regularizer", "=", "0"),
    "U02": lambda frame: every(frame, "net_dropout", "=", "0"),
    "U03": lambda frame: every(frame, "batch_norm", "≠", "True"),
    "U.logs.baselines": lambda frame: LOGS.present(
        frame.select("test_auc", source="log", model=BASELINES), "a baseline of Table IV", len(BASELINES)
    ),
}
