"""What a comparison is declared with, and the paper's research questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workflow.analysis.compare.numbers import Metric

Coordinates = Mapping[str, str]
Question = Literal["RQ1", "RQ2", "RQ3", "RQ4", "RQ5", "RQ6"]

QUESTIONS: Mapping[Question, str] = {
    "RQ1": "Does the TF loss improve other models, and more than similar losses do?",
    "RQ2": "What do SSEM and DFM contribute, and which pairing is best?",
    "RQ3": "Is TF4CTR better than other models?",
    "RQ4": "Does the framework improve other models?",
    "RQ5": "How should the parameters of the TF loss be set?",
    "RQ6": "Is the framework lightweight, and does it generalize better?",
}


@dataclass(frozen=True)
class Declaration:
    """What every comparison is declared with.

    Parameters
    ----------
    name : str
        First part of the ids.
    question : str or None
        The research question that it belongs to; None of a user's own models.
    family : str
        Which p-values are corrected together.
    item, over : str
        For readers, in "<item> over <over>".
    paper : bool
        Whether the paper makes this comparison; else it is ours.
    """

    name: str
    question: Question | None
    family: str
    item: str
    over: str
    paper: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, kw_only=True)
class Declared(Declaration):
    """One cell less another; `plus` and `minus` may add cells, as an interaction does.

    Parameters
    ----------
    plus, minus : tuple of mapping
        Coordinates of the cells on either side, without the dataset.
    each : mapping of str to tuple of str
        Values of the names in braces.
    printed : tuple of two mappings, optional
        The cells whose printed difference is the paper's gain, where they are not these.
    metrics : tuple of str
        auc, and gauc where the paper prints it.
    """

    plus: tuple[Coordinates, ...]
    minus: tuple[Coordinates, ...]
    each: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    printed: tuple[Coordinates, Coordinates] | None = None
    metrics: tuple[Metric, ...] = ("auc",)


@dataclass(frozen=True, kw_only=True)
class DeclaredBest(Declaration):
    """A model over the best of several that have all their runs; the paper's gain is over the best that it prints.

    Where all are tuned alike it is over those rivals that the campaign tunes.
    """

    own: Coordinates
    rivals: tuple[Coordinates, ...]


@dataclass(frozen=True, kw_only=True)
class DeclaredMean(Declaration):
    """The mean of a declaration's gains over those of its models that have all their runs: a question's own answer."""

    of: str
