"""Table VI and section 4.4.2: seconds of training and inference."""

from collections.abc import Mapping
from fractions import Fraction

from workflow.analysis.claims.cases import LOGS, PAPER, Check, best_of, truncations
from workflow.analysis.claims.logs import coverage
from workflow.analysis.claims.order import ratio_near
from workflow.analysis.claims.results import Outcome
from workflow.analysis.claims.runs import Ours, Side
from workflow.analysis.claims.terms import Term, mean, one, said, term
from workflow.analysis.claims.tested import beats
from workflow.analysis.claims.weigh import RunCheck, conclude
from workflow.analysis.paper.facts import Fact, Frame, Match

BASE, DUAL_MLP, OWN, SLOW = "DNN (Base)", "DualMLP", "TF4CTR (SER+MoEF)", ("xDeepFM", "AutoInt+", "AFN+")
PARTS = ("train_s", "infer_s")
LOGGED_SECONDS = {"train_s": "train_s_first_epoch", "infer_s": "eval_s_first"}


def printed(frame: Frame, metric: str, model: Match = None) -> list[Fact]:
    """Prints of Table VI."""
    return frame.select(metric, table="6", model=model)


def seconds(frame: Frame, metric: str, model: str) -> Term:
    """The one print of a model."""
    return one(printed(frame, metric, model))


def times(frame: Frame, metric: str, model: str, base: str = BASE) -> Term:
    """Seconds of one model over those of another."""
    return seconds(frame, metric, model) / seconds(frame, metric, base)


def ratios(frame: Frame, part: str) -> Outcome:
    """T6.train and T6.infer."""
    return truncations(printed(frame, f"{part}_ratio"), lambda fact: times(frame, f"{part}_s", fact.at["model"]))


def first_epochs(frame: Frame) -> Outcome:
    """P64.logs."""
    own = one(frame.select("train_s_first_epoch", source="log", dataset="kkbox", ssem="SER", dfm="MoEF"))
    plain = mean(frame.select("train_s_first_epoch", source="log", dataset="kkbox", model="TF4CTR"))
    return LOGS.single(own / plain, "≈", times(frame, "train_s", OWN, DUAL_MLP), within="0.1")


def light(frame: Frame) -> Outcome:
    """P65.light."""
    own = one(frame.select("num_params", source="log", dataset="criteo", ssem="SER", units="[400, 400]"))
    plain = one(frame.select("num_params", source="log", dataset="criteo", model="TF4CTR", units="[400, 400]"))
    return LOGS.single(own / plain, "≤", seconds(frame, "train_ratio", OWN))


def as_fast(frame: Frame, model: str, base: str) -> Outcome:
    """P63.infer and P64.infer."""
    return PAPER.each(printed(frame, "infer_s", model), term, "=", seconds(frame, "infer_s", base))


ON_PAPER: Mapping[str, Check] = {
    "T6.train": lambda frame: ratios(frame, "train"),
    "T6.infer": lambda frame: ratios(frame, "infer"),
    "P63": lambda frame: PAPER.single(times(frame, "train_s", DUAL_MLP), "truncated to", said(frame, "P63", "ratio")),
    "P63.infer": lambda frame: as_fast(frame, DUAL_MLP, BASE),
    "P64": lambda frame: PAPER.single(
        seconds(frame, "train_ratio", OWN) - seconds(frame, "train_ratio", DUAL_MLP),
        "=",
        said(frame, "P64", "difference"),
    ),
    "P64.base": lambda frame: PAPER.single(
        times(frame, "train_s", OWN, DUAL_MLP) - 1, "=", said(frame, "P64.base", "difference")
    ),
    "P64.infer": lambda frame: as_fast(frame, OWN, DUAL_MLP),
    "P65.train": lambda frame: PAPER.many(
        best_of(fact, printed(frame, "train_s"), alone=True) for fact in printed(frame, "train_s", "CL4CTR")
    ),
    "P65.infer": lambda frame: PAPER.single(seconds(frame, "infer_s", "CL4CTR"), "=", seconds(frame, "infer_s", BASE)),
    "P65.others": lambda frame: PAPER.each(
        (fact for metric in PARTS for fact in printed(frame, metric, SLOW)),
        term,
        ">",
        lambda fact: seconds(frame, fact.metric, BASE),
    ),
}
ON_LOGS: Mapping[str, Check] = {
    "S.T6": lambda frame: coverage(  # TF4CTR's logs alone are released
        frame,
        [fact for metric in PARTS for fact in printed(frame, metric)],
        lambda at: (
            frame.select("test_auc", source="log", model="TF4CTRv2", dataset="kkbox", ssem="SER", dfm="MoEF")
            if at["model"] == OWN
            else []
        ),
        LOGGED_SECONDS,
    ),
    "P64.logs": first_epochs,
    "P65.light": light,
}

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


def same_inference(model: str, base: str) -> RunCheck:
    """P63.infer, P64.infer and P65.infer."""
    return lambda _, ours: conclude(
        [ratio_near(timed(ours, model, "infer_s"), timed(ours, base, "infer_s"), Fraction(1))]
    )


def near_in_training(claim: str, name: str, model: str, less: str = "") -> RunCheck:
    """P63 and P64."""
    return lambda frame, ours: conclude(
        [
            ratio_near(
                timed(ours, model),
                timed(ours, BASE),
                said(frame, claim, name).number,
                timed(ours, less) if less else None,
            )
        ]
    )


ON_RUNS: Mapping[str, RunCheck] = {
    "T6.train": our_ratios("train"),
    "T6.infer": our_ratios("infer"),
    "P63": near_in_training("P63", "ratio", DUAL_MLP),
    "P63.infer": same_inference(DUAL_MLP, BASE),
    "P64": near_in_training("P64", "difference", OWN, DUAL_MLP),
    "P64.infer": same_inference(OWN, DUAL_MLP),
    "P65.train": lambda frame, ours: conclude(
        beats(*ours.against(fact, printed(frame, "train_s"))) for fact in printed(frame, "train_s", "CL4CTR")
    ),
    "P65.infer": same_inference("CL4CTR", BASE),
    "P65.others": lambda _, ours: conclude(
        beats(timed(ours, model, metric), [timed(ours, BASE, metric)]) for metric in PARTS for model in SLOW
    ),
}
