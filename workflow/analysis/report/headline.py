"""The headline: at most 60 words, made from the verdicts of comparisons. It changes by itself as runs finish."""

from collections.abc import Iterable, Mapping, Sequence, Set
from enum import StrEnum

from workflow.analysis.compare.comparison import Comparison, Comparisons
from workflow.analysis.compare.words import Finding
from workflow.analysis.report.text import listed


class Outcome(StrEnum):
    """What a finding is in a sentence, in the order of the sentence; some combine several datasets."""

    GAIN = "gain"
    SMALLER = "smaller"
    GAIN_ON_SOME = "gain on some"
    NONE = "none"
    LOSS = "loss"
    LOSS_ON_SOME = "loss on some"
    DIVIDED = "divided"
    OPEN = "open"


OUTCOMES: Mapping[Finding, Outcome] = {
    Finding.HOLDS: Outcome.GAIN,
    Finding.GAIN: Outcome.GAIN,
    Finding.SMALLER: Outcome.SMALLER,
    Finding.DOES_NOT_HOLD: Outcome.NONE,
    Finding.EQUAL: Outcome.NONE,
    Finding.REVERSED: Outcome.LOSS,
    Finding.LOSS: Outcome.LOSS,
    Finding.OPEN: Outcome.OPEN,
}
# What TF4CTR's gain may come from: the id of the comparison that shows it, without the dataset, and its name.
PARTS: Mapping[str, str] = {
    "pairing:SER+Sum": "separate embeddings (SER)",
    "auxiliary-in-ser": "the auxiliary losses",
    "focusing-in-ser:WSF": "the focusing weights",
    "fusion:WSF": "weighted fusion (WSF)",
    "tf-loss-mean": "the TF loss on other models",
    "framework-mean": "the framework around other models",
}
WHOLE: Mapping[Outcome, str] = {
    Outcome.GAIN: "TF4CTR beats {rivals} on {data}",
    Outcome.NONE: "TF4CTR does not beat {rivals} on {data} as the paper reports",
    Outcome.LOSS: "TF4CTR loses to the best of {rivals} on {data}",
    Outcome.OPEN: "whether TF4CTR beats {rivals} on {data} is still open",
}
PART: Mapping[Outcome, str] = {
    Outcome.GAIN: "{parts} helped{where}",
    Outcome.SMALLER: "{parts} helped{where}, less than reported",
    Outcome.GAIN_ON_SOME: "{parts} helped only{where}",
    Outcome.NONE: "{parts} showed no gain{where}",
    Outcome.LOSS: "{parts} hurt{where}",
    Outcome.LOSS_ON_SOME: "{parts} hurt{where}",
    Outcome.DIVIDED: "{parts} helped on some datasets and hurt on others",
    Outcome.OPEN: "the runs{where} did not decide about {parts}",
}


def together(outcomes: Set[Outcome]) -> Outcome | None:
    """Combine the outcomes of one thing on several datasets; None if there are none."""
    if len(outcomes) < 2:
        return next(iter(outcomes), None)
    gains, lost = outcomes & {Outcome.GAIN, Outcome.SMALLER}, Outcome.LOSS in outcomes
    if gains == outcomes:
        return Outcome.GAIN  # without its size
    if gains:
        return Outcome.DIVIDED if lost else Outcome.GAIN_ON_SOME
    return Outcome.LOSS_ON_SOME if lost else Outcome.OPEN


def outcomes_of(found: Iterable[Comparison]) -> dict[str, Outcome]:
    """Outcomes of comparisons by dataset, where they ran on data that say something about the paper."""
    bearing = ((one.title, one.verdict.finding) for one in found if one.ran and one.gain.ground.bears)
    return {title: OUTCOMES[finding] for title, finding in bearing if isinstance(finding, Finding)}


def headline(found: Comparisons) -> str:
    """The answer in two sentences; empty if no comparison that says something about the paper has run."""
    return " ".join(filter(None, (_whole(found.named("tf4ctr")), _parts(found))))


def _whole(found: Sequence[Comparison]) -> str:
    """One clause for all datasets of an outcome; it ends with those on which the gain is smaller than printed."""
    outcomes = outcomes_of(found)
    groups: dict[Outcome, list[Comparison]] = {}
    for one in found:
        if outcome := outcomes.get(one.title):
            groups.setdefault(Outcome.GAIN if outcome is Outcome.SMALLER else outcome, []).append(one)
    clauses = []
    for outcome, words in WHOLE.items():
        if own := groups.get(outcome):
            text = words.format(rivals=_rivals(own), data=listed(one.title for one in own))
            smaller = [one.title for one in own if outcomes[one.title] is Outcome.SMALLER]
            where = f" on {listed(smaller)}" if len(smaller) < len(own) else ""
            clauses.append(f"{text},{where} by less than reported" if smaller else text)
    return _sentence(clauses)


def _rivals(found: Sequence[Comparison]) -> str:
    whole = all(len(one.members) == one.planned for one in found)
    return f"all {found[0].planned} baselines" if whole else "every baseline run so far"


def _parts(found: Comparisons) -> str:
    by_part = {words: outcomes_of(found.named(name)) for name, words in PARTS.items()}
    ran = (outcomes_of(found.named("tf4ctr")), *by_part.values())
    everywhere = len({title for outcomes in ran for title in outcomes})
    groups: dict[tuple[Outcome, str], list[str]] = {}
    for words, outcomes in by_part.items():
        if outcome := together({*outcomes.values()}):
            groups.setdefault((outcome, _where(outcome, outcomes, everywhere)), []).append(words)
    order = list(Outcome)
    ordered = sorted(groups, key=lambda group: order.index(group[0]))
    return _sentence(
        [PART[outcome].format(parts=listed(groups[outcome, where]), where=where) for outcome, where in ordered]
    )


def _where(outcome: Outcome, outcomes: Mapping[str, Outcome], everywhere: int) -> str:
    """The datasets that a part's clause is about; empty if it is about all, or if the clause names none."""
    about = {
        Outcome.GAIN_ON_SOME: {Outcome.GAIN, Outcome.SMALLER},
        Outcome.LOSS_ON_SOME: {Outcome.LOSS},
    }.get(outcome, {*Outcome})
    titles = [title for title, one in outcomes.items() if one in about]
    return "" if outcome is Outcome.DIVIDED or len(titles) == everywhere else f" on {listed(titles)}"


def _sentence(clauses: Sequence[str]) -> str:
    text = "; ".join(clauses)
    return f"{text[0].upper()}{text[1:]}." if text else ""
