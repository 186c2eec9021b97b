"""The comparisons that paper/comparisons.yaml declares, typed. Unknown keys are errors."""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from workflow.analysis.compare.numbers import Metric
from workflow.analysis.paper.facts import Coordinates
from workflow.plan.config import ROOT, read_yaml, validate
from workflow.settings import Frozen

Question = Literal["RQ1", "RQ2", "RQ3", "RQ4", "RQ5", "RQ6"]


class Declared(Frozen):
    """One cell minus another, or several; the head of the file explains each key."""

    name: str
    family: str
    item: str
    over: str
    plus: tuple[Coordinates, ...] = ()
    minus: tuple[Coordinates, ...] = ()
    each: Mapping[str, tuple[str, ...]] = {}
    paper: bool = False
    printed: tuple[Coordinates, Coordinates] | None = None
    metrics: tuple[Metric, ...] = ("auc",)
    best: bool = False
    mean_of: str = ""
    question: Question | None = None  # the key that it stands under; None of a user's own models


class Asked(Frozen):
    """A research question of the paper; `answers` name the comparisons that answer it on each dataset."""

    text: str
    answers: tuple[str, ...] = ()
    comparisons: tuple[Declared, ...] = ()


class _File(Frozen):
    questions: Mapping[Question, Asked]


@cache
def questions() -> Mapping[Question, Asked]:
    """Every research question, in the paper's order."""
    path = ROOT / "paper" / "comparisons.yaml"
    return validate(_File, {"questions": read_yaml(path)}, str(path)).questions


def declared() -> list[Declared]:
    """Every declaration, in the file's order."""
    found = ((number, one) for number, asked in questions().items() for one in asked.comparisons)
    return [one.model_copy(update={"question": number}) for number, one in found]
