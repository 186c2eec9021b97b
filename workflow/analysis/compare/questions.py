"""The paper's research questions, each answered per dataset, with its single comparisons below."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.comparisons import Question
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.swept import Swept, sweeps_of
from workflow.analysis.evidence.load import Evidence

QUESTIONS: Mapping[Question, str] = {
    "RQ1": "Does the TF loss improve other models, and more than similar losses do?",
    "RQ2": "What do SSEM and DFM contribute, and which pairing is best?",
    "RQ3": "Is TF4CTR better than other models?",
    "RQ4": "Does the framework improve other models?",
    "RQ5": "How should the parameters of the TF loss be set?",
    "RQ6": "Is the framework lightweight, and does it generalize better?",
}
# What answers a question, by the name of a declaration with what stands in it: one id for each dataset.
MAIN: Mapping[Question, tuple[str, ...]] = {
    "RQ1": ("tf-loss-mean",),
    "RQ2": ("pairing:SER+Sum", "fusion:WSF"),
    "RQ3": ("tf4ctr",),
    "RQ4": ("framework-mean",),
    "RQ5": (),  # by sweeps
    "RQ6": (),  # by Table VI and Figures 2, 5 and 10, which compare no gains
}


@dataclass(frozen=True)
class Asked:
    """A research question: the comparisons that answer it, dataset by dataset, all its others, and its sweeps.

    Others are in the order of their declaration: those that the paper makes, then ours.
    """

    number: Question
    text: str
    answers: tuple[Comparison, ...]
    singles: tuple[Comparison, ...]
    sweeps: tuple[Swept, ...] = ()


def questions_of(evidence: Evidence) -> tuple[Asked, ...]:
    """All six questions; one of which the campaign plans nothing has neither comparisons nor sweeps."""
    found = comparisons_of(evidence)
    asked = []
    for number, text in QUESTIONS.items():
        own = [one for one in found.values() if one.question == number]
        answers = [
            one for name in MAIN[number] for one in own if one.id.partition("@")[0] == name and one.metric == "auc"
        ]
        singles = sorted((one for one in own if one not in answers), key=lambda one: not one.paper)
        sweeps = tuple(sweeps_of(evidence).values()) if number == "RQ5" else ()
        asked.append(Asked(number, text, tuple(answers), tuple(singles), sweeps))
    return tuple(asked)
