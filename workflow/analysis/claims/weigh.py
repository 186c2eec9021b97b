"""What the cases of a claim come to together: what holds for sure, what fails for sure, and what neither."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from scipy import special

from workflow.analysis.claims.cases import Need, needed
from workflow.analysis.claims.results import AuditItem, Outcome, listing
from workflow.analysis.claims.runs import Case, Ours
from workflow.analysis.claims.tested import Tested, family
from workflow.analysis.compare.gains import BAR_points
from workflow.analysis.compare.numbers import Metric, Number, number
from workflow.analysis.compare.words import WORDS, Finding, Verdict
from workflow.analysis.evidence.standing import Obstacle, Standing, weakest
from workflow.analysis.paper.facts import Fact, Frame
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.prediction import Prediction
from workflow.analysis.stats.samples import NoTest

APART = (Finding.HIGHER, Finding.LOWER)  # prints that are not one of our runs
SCORES: Mapping[str, Metric] = {"auc": "auc", "gauc": "gauc"}
TWIN_NOTE = "Runs on synthetic twins are no evidence about the paper."
RunCheck = Callable[[Frame, Ours], Outcome]
AnyNeed = Need | Literal["none"]  # of its cases that a claim needs


def conclude(cases: Iterable[Case] | Iterable[Tested], need: AnyNeed = "all") -> Outcome:
    """Weigh cases, at least one, of which all, more than half, some or none must hold; tests are corrected together."""
    given = list(cases)
    found = family([one for one in given if isinstance(one, Tested)]) or [one for one in given if isinstance(one, Case)]
    return _outcome(found, weigh(need, [(one.item.verdict, one.supports) for one in found]), need)


def prints(ours: Ours, facts: Iterable[Fact]) -> Outcome:
    """Whether printed AUCs and gAUCs could each be one more run of ours, by the tables' rule and but for chance.

    All cells with an interval are one family, not those alone that look wrong.
    """
    cells = [(fact, ours.cell(fact.at)) for fact in facts]
    numbers = [number(ours.evidence, cell, SCORES[fact.metric]) if cell else None for fact, cell in cells]
    tests = [_against(ours, fact, one) for (fact, _), one in zip(cells, numbers, strict=True)]
    found = [
        replace(each, printed=one.verdict if one else None) for each, one in zip(family(tests), numbers, strict=True)
    ]
    return _outcome(found, weigh_prints(found), "all")


def _against(ours: Ours, fact: Fact, one: Number | None) -> Tested:
    sides = (ours.side(fact.at, fact.metric),)
    if one is None or one.delta_points is None:
        return Tested(fact.label, fact.text, sides)
    narrow = one.half_width_points is not None and one.half_width_points <= BAR_points
    fits, found = one.verdict.finding is Finding.CONSISTENT and narrow and not one.verdict.weak, one.prediction
    return Tested(
        fact.label,
        fact.text,
        sides,
        found.p(fact.points) if one.ground.bears and isinstance(found, Prediction) else None,
        measured=f"{one.delta} against the print",
        settled=True if fits else None,
        reason=found.reason if isinstance(found, NoTest) else "" if fits else one.verdict.word,
    )


def weigh(need: AnyNeed, cases: Sequence[tuple[Verdict, bool | None]]) -> Verdict:
    """Decide a claim from its cases: the word of each, and whether it speaks for the claim or against it.

    Of one case its own word. Of several `holds`, `holds, smaller` where some are, `does not hold`, an obstacle, or
    `open`, as what is unknown is left open.

    Examples
    --------
    >>> sure, no, open_ = ((Verdict(word, Standing.REDRAWN), supports) for word, supports in
    ...                    ((Finding.HOLDS, True), (Finding.DOES_NOT_HOLD, False), (Finding.OPEN, None)))
    >>> weigh("majority", [sure, sure, open_]).word, weigh("all", [sure, no, open_]).word
    ('holds', 'does not hold')
    """
    verdicts = [each for each, _ in cases]
    if len(verdicts) == 1 and need != "none":
        return verdicts[0]
    findings = Counter(each.finding for each in verdicts)
    bearing = [each for each in verdicts if each.finding not in (None, *Obstacle)]
    standing = weakest(each.standing for each in bearing or verdicts if each.standing)
    if not bearing:
        return Verdict(None if findings[None] else _obstacle(findings, len(verdicts)), standing)
    total, sure, no = len(cases), *(sum(supports is side for _, supports in cases) for side in (True, False))
    sure, no, wanted = (no, sure, total) if need == "none" else (sure, no, needed(need, total)[0])
    if sure >= wanted:
        return Verdict(Finding.SMALLER if findings[Finding.SMALLER] and need == "all" else Finding.HOLDS, standing)
    if total - no < wanted:
        return Verdict(Finding.DOES_NOT_HOLD, standing)
    return Verdict(
        next((one for one in (Obstacle.FAILED, Obstacle.INCOMPLETE) if findings[one]), Finding.OPEN), standing
    )


def weigh_prints(cases: Sequence[Case]) -> Verdict:
    """Decide a claim that all printed numbers hold.

    Prints that tell nothing do not count, where others do. Of n true prints a binomial number, with
    probability `ALPHA` each, lies outside of its interval: those that Holm does not refute are
    forgiven if they are no more than 19 of 20 such draws have.
    """
    telling = [one for one in cases if not (one.printed and one.printed.weak)] or list(cases)
    words = [one.printed.finding if one.printed else None for one in telling]
    given = [(one.item.verdict, one.supports) for one in telling]
    open_ = [each.finding is Finding.OPEN and word in APART for (each, _), word in zip(given, words, strict=True)]
    tested = sum(word in (Finding.CONSISTENT, *APART) for word in words)
    if any(open_) and special.bdtr(sum(open_) - 1, tested, ALPHA) < 1 - ALPHA:
        forgiven = (Verdict(Finding.HOLDS, telling[0].item.verdict.standing), True)
        given = [forgiven if away else each for each, away in zip(given, open_, strict=True)]
    return weigh("all", given)


# -- parts ----------------------------------------------------------------------------


def _obstacle(findings: Counter[Finding | Obstacle | None], total: int) -> Obstacle:
    if findings[Obstacle.NOT_RUN] == total:
        return Obstacle.NOT_RUN
    return Obstacle.FAILED if findings[Obstacle.FAILED] else Obstacle.INCOMPLETE


def _outcome(cases: Sequence[Case], word: Verdict, need: AnyNeed) -> Outcome:
    items = tuple(one.item for one in cases)
    keys = tuple(dict.fromkeys(key for item in items for key in item.evidence))
    several = need if need == "none" else needed(need, len(items))[1]
    wanted = items[0].expected if len(items) == 1 else several
    return Outcome(word, _counted(items), wanted, _explained(cases, items), keys, items)


def _counted(items: Sequence[AuditItem]) -> str:
    """How many items came to what."""
    counts = Counter(item.verdict.shown for item in items)
    return ", ".join(f"{counts[word]} {word}" for word in sorted(counts, key=WORDS.index))


def _explained(cases: Sequence[Case], items: Sequence[AuditItem]) -> str:
    ran = [item for item in items if item.verdict.finding is not Obstacle.NOT_RUN]
    if any(item.verdict.standing is Standing.SYNTHETIC for item in items):
        return f"{TWIN_NOTE} {len(ran)} of {len(items)} comparisons have runs."
    text = f"Of {len(items)} comparison{'s' * (len(items) > 1)}: {_counted(items)}."
    if ran and len(ran) <= 6:
        text += f" {listing([f'{item.label}: {item.measured}' for item in ran])}."
    powers = [one.detectable for one in cases if one.detectable is not None]
    if powers:
        span = " to ".join(dict.fromkeys(f"{one:.3f}" for one in (min(powers), max(powers))))
        text += f" At 80 % power these seeds detect a gain of {span}."
    reasons = list(dict.fromkeys(one.reason for one in cases if one.reason))
    return f"{text} No test: {listing(reasons, 3)}." if reasons else text
