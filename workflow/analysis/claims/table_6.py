"""Table VI and section 4.4.2: seconds of training and inference."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial

from workflow.analysis.claims.cases import LOGS, PAPER, Check, truncations
from workflow.analysis.claims.logs import coverage
from workflow.analysis.claims.order import all_beat, beats, ratio_near
from workflow.analysis.claims.results import Outcome
from workflow.analysis.claims.runs import Case, Ours, RunCheck
from workflow.analysis.claims.terms import Term, mean, one, said
from workflow.analysis.evidence.cells import Sample
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


def _ratios(frame: Frame, part: str) -> Outcome:
    return truncations(printed(frame, f"{part}_ratio"), lambda fact: times(frame, f"{part}_s", fact.at["model"]))


def _first_epochs(frame: Frame) -> Outcome:
    own = one(frame.select("train_s_first_epoch", source="log", dataset="kkbox", ssem="SER", dfm="MoEF"))
    plain = mean(frame.select("train_s_first_epoch", source="log", dataset="kkbox", model="TF4CTR"))
    return LOGS.single(own / plain, "≈", times(frame, "train_s", OWN, DUAL_MLP), within="0.1")


def _light(frame: Frame) -> Outcome:
    own = one(frame.select("num_params", source="log", dataset="criteo", ssem="SER", units="[400, 400]"))
    plain = one(frame.select("num_params", source="log", dataset="criteo", model="TF4CTR", units="[400, 400]"))
    return LOGS.single(own / plain, "≤", seconds(frame, "train_ratio", OWN))


def _as_fast(frame: Frame, model: str, base: str) -> Outcome:
    return PAPER.each(printed(frame, "infer_s", model), "=", seconds(frame, "infer_s", base))


ON_PAPER: Mapping[str, Check] = {
    "T6.train": partial(_ratios, part="train"),
    "T6.infer": partial(_ratios, part="infer"),
    "P63": lambda frame: PAPER.single(times(frame, "train_s", DUAL_MLP), "truncated to", said(frame, "P63", "ratio")),
    "P63.infer": partial(_as_fast, model=DUAL_MLP, base=BASE),
    "P64": lambda frame: PAPER.single(
        seconds(frame, "train_ratio", OWN) - seconds(frame, "train_ratio", DUAL_MLP),
        "=",
        said(frame, "P64", "difference"),
    ),
    "P64.base": lambda frame: PAPER.single(
        times(frame, "train_s", OWN, DUAL_MLP) - 1, "=", said(frame, "P64.base", "difference")
    ),
    "P64.infer": partial(_as_fast, model=OWN, base=DUAL_MLP),
    "P65.train": lambda frame: PAPER.best(
        printed(frame, "train_s", "CL4CTR"), lambda _: printed(frame, "train_s"), alone=True
    ),
    "P65.infer": lambda frame: PAPER.single(seconds(frame, "infer_s", "CL4CTR"), "=", seconds(frame, "infer_s", BASE)),
    "P65.others": lambda frame: PAPER.each(
        (fact for metric in PARTS for fact in printed(frame, metric, SLOW)),
        ">",
        lambda fact: seconds(frame, fact.metric, BASE),
    ),
}
ON_LOGS: Mapping[str, Check] = {
    # TF4CTR's logs alone are released
    "S.T6": lambda frame: coverage(
        frame,
        [fact for metric in PARTS for fact in printed(frame, metric)],
        lambda at: {"model": "TF4CTRv2", "ssem": "SER", "dfm": "MoEF"} if at["model"] == OWN else None,
        LOGGED_SECONDS,
    ),
    "P64.logs": _first_epochs,
    "P65.light": _light,
}

# -- our timing -----------------------------------------------------------------------


def timed(ours: Ours, model: str, metric: str = "train_s") -> Sample:
    """A model's row."""
    return ours.sample({"table": "6", "dataset": "kkbox", "model": model}, metric)


def _our_ratios(ours: Ours, part: str) -> Iterator[Case]:
    metric = f"{part}_s"
    for fact in printed(ours, f"{part}_ratio"):
        yield ratio_near(timed(ours, fact.at["model"], metric), timed(ours, BASE, metric), fact.number)


def _same_inference(ours: Ours, model: str, base: str = BASE) -> list[Case]:
    return [ratio_near(timed(ours, model, "infer_s"), timed(ours, base, "infer_s"), Fraction(1))]


def _near_in_training(ours: Ours, claim: str, name: str, model: str, less: str = "") -> list[Case]:
    near = said(ours, claim, name).number
    return [ratio_near(timed(ours, model), timed(ours, BASE), near, timed(ours, less) if less else None)]


ON_RUNS: Mapping[str, RunCheck] = {
    "T6.train": partial(_our_ratios, part="train"),
    "T6.infer": partial(_our_ratios, part="infer"),
    "P63": partial(_near_in_training, claim="P63", name="ratio", model=DUAL_MLP),
    "P63.infer": partial(_same_inference, model=DUAL_MLP),
    "P64": partial(_near_in_training, claim="P64", name="difference", model=OWN, less=DUAL_MLP),
    "P64.infer": partial(_same_inference, model=OWN, base=DUAL_MLP),
    "P65.train": lambda ours: all_beat(ours, printed(ours, "train_s", "CL4CTR"), lambda _: printed(ours, "train_s")),
    "P65.infer": partial(_same_inference, model="CL4CTR"),
    "P65.others": lambda ours: [
        beats(timed(ours, model, metric), [timed(ours, BASE, metric)]) for metric in PARTS for model in SLOW
    ],
}
