"""The paper's research questions, each answered per dataset, with its single comparisons below."""

from dataclasses import dataclass

from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.comparisons import Question, questions
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.swept import Swept, sweeps_of
from workflow.analysis.evidence.load import Evidence


@dataclass(frozen=True)
class Answered:
    """A research question: the comparisons that answer it, dataset by dataset, all its others, and its sweeps.

    Others are in the order of their declaration: those that the paper makes, then ours.
    """

    number: Question
    text: str
    answers: tuple[Comparison, ...]
    singles: tuple[Comparison, ...]
    sweeps: tuple[Swept, ...] = ()


def questions_of(evidence: Evidence) -> tuple[Answered, ...]:
    """All six questions; one for which the campaign plans nothing has neither comparisons nor sweeps."""
    found = []
    for number, asked in questions().items():
        answers = [one for name in asked.answers for one in comparisons_of(evidence).named(name)]
        others = [one for one in comparisons_of(evidence).values() if one.question == number and one not in answers]
        singles = sorted(others, key=lambda one: not one.paper)
        sweeps = tuple(sweeps_of(evidence).values()) if number == "RQ5" else ()
        found.append(Answered(number, asked.text, tuple(answers), tuple(singles), sweeps))
    return tuple(found)
