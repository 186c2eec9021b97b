"""Table VI and section 4.4.2 beside our timing."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial

from workflow.analysis.claims.ours.cells import Runs, Target
from workflow.analysis.claims.ours.series import ratio_trial
from workflow.analysis.claims.ours.trials import Trial, beats
from workflow.analysis.claims.ours.weigh import OnRuns, gains
from workflow.analysis.claims.table_6 import BASE, DUAL_MLP, OWN, printed
from workflow.analysis.claims.terms import said
from workflow.analysis.paper.facts import Except, Frame

NEAR = "every ratio near the print"


def timed(frame: Frame, runs: Runs, model: str) -> Target:
    """A model's row."""
    (target,) = runs.printed(printed(frame, "train_s", model))
    return target


def ratios(frame: Frame, runs: Runs, part: str) -> Iterator[Trial]:
    """T6.train and T6.infer."""
    for fact in printed(frame, f"{part}_ratio"):
        yield ratio_trial(runs.target(fact.at), timed(frame, runs, BASE), f"{part}_s", fact.number)


def same_inference(frame: Frame, runs: Runs, model: str, base: str) -> Iterator[Trial]:
    """P63.infer, P64.infer and P65.infer."""
    yield ratio_trial(timed(frame, runs, model), timed(frame, runs, base), "infer_s", Fraction(1))


def dualmlp(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P63."""
    near = said(frame, "P63", "ratio").number
    yield ratio_trial(timed(frame, runs, DUAL_MLP), timed(frame, runs, BASE), "train_s", near)


def difference(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P64."""
    own, base, less = (timed(frame, runs, model) for model in (OWN, BASE, DUAL_MLP))
    yield ratio_trial(own, base, "train_s", said(frame, "P64", "difference").number, less)


def cl4ctr_longest(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P65.train."""
    others = runs.printed(printed(frame, "train_s", Except(["CL4CTR"])))
    yield beats(timed(frame, runs, "CL4CTR"), others, "train_s")


def others_slower(frame: Frame, runs: Runs) -> Iterator[Trial]:
    """P65.others."""
    for metric in ("train_s", "infer_s"):
        for model in ("xDeepFM", "AutoInt+", "AFN+"):
            yield beats(timed(frame, runs, model), [timed(frame, runs, BASE)], metric)


ON_RUNS: Mapping[str, OnRuns] = {
    "T6.train": OnRuns("", NEAR, partial(ratios, part="train")),
    "T6.infer": OnRuns("", NEAR, partial(ratios, part="infer")),
    "P63": OnRuns("", NEAR, dualmlp),
    "P63.infer": OnRuns("", NEAR, partial(same_inference, model=DUAL_MLP, base=BASE)),
    "P64": OnRuns("", NEAR, difference),
    "P64.infer": OnRuns("", NEAR, partial(same_inference, model=OWN, base=DUAL_MLP)),
    "P65.train": gains("training times of Table VI", cl4ctr_longest),
    "P65.infer": OnRuns("", NEAR, partial(same_inference, model="CL4CTR", base=BASE)),
    "P65.others": gains("", others_slower),
}
