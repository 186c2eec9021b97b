"""Tables IV and V, sections 4.2.3 and 4.2.4, beside our runs: TF4CTR, its baselines, and the framework."""

from collections.abc import Iterator, Mapping
from functools import partial

from workflow.analysis.claims.ours.cells import Runs, Target
from workflow.analysis.claims.ours.known import at_level, beyond, compared
from workflow.analysis.claims.ours.order import closer_trial, rank_trial, spread_trial
from workflow.analysis.claims.ours.series import mean_gain_trial, mean_trial
from workflow.analysis.claims.ours.table_2 import ALL_PRINTS
from workflow.analysis.claims.ours.trials import Trial, beats, is_print
from workflow.analysis.claims.ours.weigh import OnRuns, gains
from workflow.analysis.claims.table_2 import LOG, TF, auc_of, bar
from workflow.analysis.claims.table_4 import BASELINES, FOUR, auc, best_baseline, own
from workflow.analysis.claims.table_5 import FRAMED, printed
from workflow.analysis.claims.terms import said, top
from workflow.analysis.paper.facts import Frame

OVER_TEN = "TF4CTR against the baselines"
AROUND_THREE = "the framework around three models"


def prints_4(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """S.T4."""
    for fact in auc(frame):
        yield is_print(runs, fact)


def prints_5(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """S.T5."""
    for fact in printed(frame, "auc"):
        yield is_print(runs, fact)


def ten(frame: Frame, runs: Runs, dataset: str) -> list[Target]:
    """The baselines on a dataset."""
    return runs.printed(auc(frame, dataset, BASELINES))


# -- the baselines --------------------------------------------------------------------


def apart(frame: Frame, runs: Runs, claim: str, *, most: bool) -> Iterator[Trial]:
    """P37 and P37.least."""
    for name in ("ml-1m", "frappe"):
        yield spread_trial(ten(frame, runs, name), said(frame, claim, "gap").number, most=most)


def closer(frame: Frame, runs: Runs, own_sets: tuple[str, ...], others: tuple[str, ...]) -> Iterator[Trial]:
    """P37.criteo and P37.scale."""
    for name in own_sets:
        for other in others:
            yield closer_trial(ten(frame, runs, name), ten(frame, runs, other))


# -- TF4CTR ---------------------------------------------------------------------------


def mean_auc(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P38."""
    yield mean_trial(runs, runs.printed(own(frame, FOUR)), said(frame, "P38", "auc").number)


def beside_dualmlp(frame: Frame, runs: Runs, loss: str) -> list[tuple[Target, Target]]:
    """TF4CTR and DualMLP with a loss, on each of the four datasets."""
    pairs = ((fact, auc_of(frame, fact.at["dataset"], "DualMLP", loss)) for fact in own(frame, FOUR))
    return [(runs.target(fact.at), runs.printed(other)[0]) for fact, other in pairs]


def over_dualmlp(frame: Frame, runs: Runs, claim: str, loss: str) -> Iterator[Trial]:
    """P39 and P40."""
    yield mean_gain_trial(beside_dualmlp(frame, runs, loss), said(frame, claim, "gain").number)


def over_dualmlp_each(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P39.each."""
    for fact in own(frame, FOUR):
        yield compared(runs, "tf4ctr-over-left-out", fact.at["dataset"], "DualMLP")


def over_dualmlp_tf(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P40.each."""
    for item, other in beside_dualmlp(frame, runs, TF):
        yield beats(item, [other], "auc")


def over_the_best(_: Frame, runs: Runs, dataset: str) -> Iterator[Trial]:
    """P41 to P45."""
    yield compared(runs, "tf4ctr", dataset)


def beyond_the_bar(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P46."""
    least = said(frame, "P46", "bar").number
    for fact in own(frame):
        name = fact.at["dataset"]
        claimed = fact.number - best_baseline(frame, name).number
        yield beyond(runs, least, claimed > least, "tf4ctr", name)


def over_all(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P66."""
    for fact in own(frame):
        yield compared(runs, "tf4ctr", fact.at["dataset"])


def over_all_at_level(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P47."""
    for fact in own(frame):
        yield at_level(runs, float(said(frame, "P47", "most").number), "tf4ctr", fact.at["dataset"])


def over_rivals(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P66.rivals."""
    for fact in own(frame, FOUR):
        name, least = fact.at["dataset"], bar(frame).number
        claimed = fact.number - top(auc_of(frame, name)).number
        rivals = runs.printed(auc_of(frame, name, loss=TF))
        yield beats(runs.target(fact.at), rivals, "auc", bar=least, as_printed=claimed < least)


# -- the framework --------------------------------------------------------------------


def widedeep_on_ml_1m(_: Frame, runs: Runs) -> Iterator[Trial]:
    """P48."""
    yield compared(runs, "framework", "ml-1m", "WideDeep")


def framework(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P48.all."""
    for fact in printed(frame, "auc", variant=FRAMED):
        yield compared(runs, "framework", fact.at["dataset"], fact.at["model"])


def framework_beyond_the_bar(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P50."""
    least = said(frame, "P50", "bar").number
    for fact in printed(frame, "gain", ("DeepFM", "xDeepFM")):
        yield beyond(runs, least, fact.number > least, "framework", fact.at["dataset"], fact.at["model"])


def rank_before(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P49.before."""
    (fact,) = auc(frame, "ml-1m", "WideDeep")
    rank = int(said(frame, "P49.before", "from-last").number)
    yield rank_trial(runs.target(fact.at), runs.printed(auc(frame, "ml-1m")), rank, from_last=True)


def rank_after(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P49.after."""
    (fact,) = printed(frame, "auc", "WideDeep", "ml-1m", FRAMED)
    rank = int(said(frame, "P49.before", "after").number)
    yield rank_trial(runs.target(fact.at), runs.printed(auc(frame, "ml-1m")), rank)


SETS = {"P41": "kkbox", "P42": "ml-1m", "P43": "ml-tag", "P44": "frappe", "P45": "criteo"}
SO_FAR = "so far apart on every dataset"
ON_AVERAGE = "TF4CTR against DualMLP, on average"
ON_RUNS: Mapping[str, OnRuns] = {
    "S.T4": OnRuns("", ALL_PRINTS, prints_4, prints=True),
    "P37": OnRuns("", f"at most {SO_FAR}", partial(apart, claim="P37", most=True)),
    "P37.least": OnRuns("", f"at least {SO_FAR}", partial(apart, claim="P37.least", most=False)),
    "P37.criteo": OnRuns(
        "", "closer together on every dataset", partial(closer, own_sets=("criteo",), others=("ml-1m", "frappe"))
    ),
    "P37.scale": OnRuns(
        "", "closer together on every dataset", partial(closer, own_sets=("kkbox", "ml-tag"), others=("ml-1m",))
    ),
    "P38": OnRuns("", "the mean as printed", mean_auc),
    "P39": OnRuns(ON_AVERAGE, "the mean as printed", partial(over_dualmlp, claim="P39", loss=LOG)),
    "P39.each": gains("TF4CTR against DualMLP", over_dualmlp_each),
    "P40": OnRuns(ON_AVERAGE, "the mean as printed", partial(over_dualmlp, claim="P40", loss=TF)),
    "P40.each": gains("TF4CTR against DualMLP", over_dualmlp_tf),
    **{claim: gains(OVER_TEN, partial(over_the_best, dataset=dataset), sized=True) for claim, dataset in SETS.items()},
    "P46": gains("TF4CTR against the baselines, beyond the bar", beyond_the_bar, bar="0.1"),
    "P47": gains("TF4CTR against the baselines, at the printed level", over_all_at_level, level="0.01"),
    "P66": gains("TF4CTR as the best of Table IV", over_all),
    "P66.rivals": gains("TF4CTR against rivals with TF Loss", over_rivals, bar="0.1"),
    "S.T5": OnRuns("", ALL_PRINTS, prints_5, prints=True),
    "P48": gains(AROUND_THREE, widedeep_on_ml_1m, sized=True),
    "P48.all": gains(AROUND_THREE, framework),
    "P49.before": OnRuns("", "the rank as printed", rank_before),
    "P49.after": OnRuns("", "the rank as printed", rank_after),
    "P50": gains(
        "the framework around three models, beyond the bar",
        framework_beyond_the_bar,
        "majority",
        bar="0.1",
    ),
}
