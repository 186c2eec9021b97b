"""Table II and section 4.2.1 beside our runs: losses."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial

from workflow.analysis.claims.ours.cells import Runs, Target
from workflow.analysis.claims.ours.known import compared
from workflow.analysis.claims.ours.order import rank_trial
from workflow.analysis.claims.ours.series import mean_gain_trial
from workflow.analysis.claims.ours.trials import Trial, beats, is_best, is_print
from workflow.analysis.claims.ours.weigh import OnRuns, gains
from workflow.analysis.claims.table_2 import FOCAL, LOG, RCE, TF, auc_of
from workflow.analysis.paper.facts import Except, Fact, Frame, Match

ALL_PRINTS = "every printed number that tells is what our runs predict, but for chance"


def prints(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """S.T2."""
    for fact in auc_of(frame):
        yield is_print(runs, fact)


def beside(frame: Frame, runs: Runs, fact: Fact, loss: Match, model: Match = None) -> list[Target]:
    """Other rows on the same dataset, of the same model unless one is named."""
    return runs.printed(auc_of(frame, fact.at["dataset"], model or fact.at["model"], loss))


def over_log(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P20: over the log-loss row that has the TF row's settings."""
    for fact in auc_of(frame, loss=TF):
        yield compared(runs, "tf-loss", fact.at["dataset"], fact.at["model"])


def over_auxiliary(frame: Frame, runs: Runs, dataset: Match = None, model: Match = None) -> Iterator[Trial]:
    """P20.focusing and P20.gamma: over γ = 0."""
    for fact in auc_of(frame, dataset, model, TF):
        yield compared(runs, "focusing", fact.at["dataset"], fact.at["model"])


def afn_best_on_kkbox(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P21."""
    (fact,) = auc_of(frame, "kkbox", "AFN+", TF)
    item = runs.target(fact.at)
    yield is_best(item, [other for other in runs.printed(auc_of(frame, "kkbox")) if other.at != item.at], "auc")


def afn_below(frame: Frame, runs: Runs, loss: str) -> Iterator[Trial]:
    """P21.log and P21.same: AFN+ below every other model with a loss."""
    for fact in auc_of(frame, None, "AFN+", loss):
        others = beside(frame, runs, fact, loss, Except(["AFN+"]))
        yield beats(runs.target(fact.at), others, "auc", below=True)


def rce_second(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P21.rce."""
    for fact in auc_of(frame, loss=RCE):
        among = runs.printed(auc_of(frame, fact.at["dataset"], fact.at["model"]))
        yield rank_trial(runs.target(fact.at), among, 2)


def focal_below_log(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P21.focal."""
    for fact in auc_of(frame, loss=FOCAL):
        yield compared(runs, "other-loss", fact.at["dataset"], fact.at["model"], FOCAL, below=True)


def over_similar(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P22.best."""
    for fact in auc_of(frame, loss=TF):
        for loss in (FOCAL, RCE):
            yield compared(runs, "tf-over-other", fact.at["dataset"], fact.at["model"], loss)


def dcnv2_log_over_rce(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P22."""
    pairs = [(runs.target(fact.at), beside(frame, runs, fact, RCE)[0]) for fact in auc_of(frame, None, "DCNv2", LOG)]
    yield mean_gain_trial(pairs, Fraction(0))


ON_RUNS: Mapping[str, OnRuns] = {
    "S.T2": OnRuns("", ALL_PRINTS, prints, prints=True),
    "P20": gains("gains of TF Loss over log loss", over_log),
    "P20.focusing": gains("", partial(over_auxiliary, dataset="criteo", model="DualMLP")),
    "P20.gamma": gains("gains of the focusing alone", over_auxiliary),
    "P21": OnRuns("", "each above every rival", afn_best_on_kkbox),
    "P21.log": gains("AFN+ with log loss", partial(afn_below, loss=LOG), below=True),
    "P21.same": gains("AFN+ with TF Loss", partial(afn_below, loss=TF), "none", below=True),
    "P21.rce": OnRuns("R-CE Loss over log and Focal Loss", "the rank as printed", rce_second, "majority"),
    "P21.focal": gains("gains of Focal Loss over log loss", focal_below_log, "majority", below=True),
    "P22": OnRuns("R-CE Loss with DCNv2", "the mean as printed", dcnv2_log_over_rce),
    "P22.best": gains("TF Loss against the other losses", over_similar),
}
