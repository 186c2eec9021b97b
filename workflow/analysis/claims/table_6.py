"""Table VI and section 4.4.2: seconds of training and inference."""

from collections.abc import Mapping
from fractions import Fraction
from functools import partial

from workflow.analysis.claims.cases import LOGS, PAPER, Check, best_of, compare, other_rule
from workflow.analysis.claims.logs import cells_of, coverage
from workflow.analysis.claims.order import ratio_near
from workflow.analysis.claims.results import Outcome
from workflow.analysis.claims.runs import Case, Ours, Side
from workflow.analysis.claims.terms import Term, mean, one, said, term
from workflow.analysis.claims.tested import beats, family
from workflow.analysis.claims.weigh import RunCheck, conclude
from workflow.analysis.paper.facts import Coordinates, Except, Fact, Frame, Match

BASE, DUAL_MLP, OWN = "DNN (Base)", "DualMLP", "TF4CTR (SER+MoEF)"
LOGGED_SECONDS = {"train_s": "train_s_first_epoch", "infer_s": "eval_s_first"}


def printed(frame: Frame, metric: str, model: Match = None) -> list[Fact]:
    """Prints of Table VI."""
    return frame.select(metric, table="6", model=model)


def times(frame: Frame, metric: str, model: str, base: str = BASE) -> Term:
    """Seconds of one model over those of another."""
    return one(printed(frame, metric, model)) / one(printed(frame, metric, base))


def logs_of(frame: Frame, at: Coordinates) -> list[Fact]:
    """The logs that may be a cell's."""
    if at["model"] != OWN:
        return []
    return frame.select("test_auc", source="log", model="TF4CTRv2", dataset="kkbox", ssem="SER", dfm="MoEF")


def logged(frame: Frame) -> Outcome:
    """S.T6."""
    cells = cells_of([*printed(frame, "train_s"), *printed(frame, "infer_s")])
    return coverage(frame, cells, partial(logs_of, frame), LOGGED_SECONDS)


def ratios(frame: Frame, part: str) -> Outcome:
    """T6.train and T6.infer."""
    cases = [
        compare(times(frame, f"{part}_s", fact.at["model"]), "truncated to", fact, label=fact.label)
        for fact in printed(frame, f"{part}_ratio")
    ]
    return PAPER.many(cases, extra=other_rule(cases))


def dualmlp(frame: Frame) -> Outcome:
    """P63."""
    return PAPER.single(compare(times(frame, "train_s", DUAL_MLP), "truncated to", said(frame, "P63", "ratio")))


def difference(frame: Frame) -> Outcome:
    """P64."""
    own, other = (one(printed(frame, "train_ratio", model)) for model in (OWN, DUAL_MLP))
    return PAPER.single(compare(own - other, "=", said(frame, "P64", "difference")))


def difference_over_dualmlp(frame: Frame) -> Outcome:
    """P64.base."""
    found = times(frame, "train_s", OWN, DUAL_MLP) - 1
    return PAPER.single(compare(found, "=", said(frame, "P64.base", "difference")))


def first_epochs(frame: Frame) -> Outcome:
    """P64.logs."""
    own = one(frame.select("train_s_first_epoch", source="log", dataset="kkbox", ssem="SER", dfm="MoEF"))
    plain = mean(frame.select("train_s_first_epoch", source="log", dataset="kkbox", model="TF4CTR"))
    return LOGS.single(compare(own / plain, "≈", times(frame, "train_s", OWN, DUAL_MLP), within="0.1"))


def cl4ctr_longest(frame: Frame) -> Outcome:
    """P65.train."""
    among = printed(frame, "train_s")
    return PAPER.many(best_of(fact, among, alone=True) for fact in printed(frame, "train_s", "CL4CTR"))


def cl4ctr_infers_as_fast(frame: Frame) -> Outcome:
    """P65.infer."""
    own, base = (one(printed(frame, "infer_s", model)) for model in ("CL4CTR", BASE))
    return PAPER.single(compare(own, "=", base))


def others_slower(frame: Frame) -> Outcome:
    """P65.others."""
    return PAPER.many(
        compare(fact, ">", one(printed(frame, metric, BASE)))
        for metric in ("train_s", "infer_s")
        for fact in printed(frame, metric, ("xDeepFM", "AutoInt+", "AFN+"))
    )


def light(frame: Frame) -> Outcome:
    """P65.light."""
    own = one(frame.select("num_params", source="log", dataset="criteo", ssem="SER", units="[400, 400]"))
    plain = one(frame.select("num_params", source="log", dataset="criteo", model="TF4CTR", units="[400, 400]"))
    return LOGS.single(compare(own / plain, "≤", one(printed(frame, "train_ratio", OWN))))


def infers_as_fast(frame: Frame, model: str, base: str) -> Outcome:
    """P63.infer and P64.infer."""
    among = one(printed(frame, "infer_s", base))
    return PAPER.many(compare(term(fact), "=", among, label=fact.label) for fact in printed(frame, "infer_s", model))


ON_PAPER: Mapping[str, Check] = {
    "T6.train": partial(ratios, part="train"),
    "T6.infer": partial(ratios, part="infer"),
    "P63": dualmlp,
    "P63.infer": partial(infers_as_fast, model=DUAL_MLP, base=BASE),
    "P64": difference,
    "P64.base": difference_over_dualmlp,
    "P64.infer": partial(infers_as_fast, model=OWN, base=DUAL_MLP),
    "P65.train": cl4ctr_longest,
    "P65.infer": cl4ctr_infers_as_fast,
    "P65.others": others_slower,
}
ON_LOGS: Mapping[str, Check] = {"S.T6": logged, "P64.logs": first_epochs, "P65.light": light}

# -- our timing -----------------------------------------------------------------------


def timed(ours: Ours, model: str, metric: str = "train_s") -> Side:
    """A model's row."""
    return ours.side({"table": "6", "dataset": "kkbox", "model": model}, metric)


def our_ratios(part: str) -> RunCheck:
    """T6.train and T6.infer."""
    metric = f"{part}_s"
    return lambda frame, ours: conclude(
        ratio_near(timed(ours, fact.at["model"], metric), timed(ours, BASE, metric), fact.number)
        for fact in printed(frame, f"{part}_ratio")
    )


def as_fast(ours: Ours, model: str, base: str) -> Outcome:
    """P63.infer, P64.infer and P65.infer."""
    return conclude([ratio_near(timed(ours, model, "infer_s"), timed(ours, base, "infer_s"), Fraction(1))])


def dualmlp_in_ours(frame: Frame, ours: Ours) -> Outcome:
    """P63."""
    return conclude([ratio_near(timed(ours, DUAL_MLP), timed(ours, BASE), said(frame, "P63", "ratio").number)])


def difference_in_ours(frame: Frame, ours: Ours) -> Outcome:
    """P64."""
    own, base, less = (timed(ours, model) for model in (OWN, BASE, DUAL_MLP))
    return conclude([ratio_near(own, base, said(frame, "P64", "difference").number, less)])


def ours_slower(ours: Ours) -> list[Case]:
    """P65.others."""
    return family(
        beats(timed(ours, model, metric), [timed(ours, BASE, metric)])
        for metric in ("train_s", "infer_s")
        for model in ("xDeepFM", "AutoInt+", "AFN+")
    )


def longest_of_ours(frame: Frame, ours: Ours) -> Outcome:
    """P65.train."""
    others = ours.sides(printed(frame, "train_s", Except(["CL4CTR"])), "train_s")
    return conclude(family([beats(timed(ours, "CL4CTR"), others)]))


ON_RUNS: Mapping[str, RunCheck] = {
    "T6.train": our_ratios("train"),
    "T6.infer": our_ratios("infer"),
    "P63": dualmlp_in_ours,
    "P63.infer": lambda _, ours: as_fast(ours, DUAL_MLP, BASE),
    "P64": difference_in_ours,
    "P64.infer": lambda _, ours: as_fast(ours, OWN, DUAL_MLP),
    "P65.train": longest_of_ours,
    "P65.infer": lambda _, ours: as_fast(ours, "CL4CTR", BASE),
    "P65.others": lambda _, ours: conclude(ours_slower(ours)),
}
