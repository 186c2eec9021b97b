"""Combine the cases of a claim: those that hold, those that fail, and those that are open."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from scipy import special

from workflow.analysis.claims.cases import Need, needed
from workflow.analysis.claims.results import Item, Outcome, listing
from workflow.analysis.claims.runs import Case, Ours, keys_of
from workflow.analysis.compare.gains import BAR_points, adjusted
from workflow.analysis.compare.numbers import Metric, number
from workflow.analysis.compare.words import Finding, Verdict, tally
from workflow.analysis.evidence.standing import Obstacle, Standing, weakest
from workflow.analysis.paper.facts import Fact
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.prediction import print_p
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.uncertainty import Estimate

APART = (Finding.HIGHER, Finding.LOWER)  # prints that are not one of our runs
SCORES: Mapping[str, Metric] = {"auc": "auc", "gauc": "gauc"}
TWIN_NOTE = "Runs on synthetic twins are no evidence about the paper."
AnyNeed = Need | Literal["none"]  # of its cases that a claim needs


def conclude(cases: Iterable[Item | Case], need: AnyNeed = "all") -> Outcome:
    """Combine cases, of which all, more than half, some or none must hold; their tests are corrected together."""
    items = corrected(cases)
    return _outcome(items, weigh(need, items), need)


def corrected(cases: Iterable[Item | Case]) -> list[Item]:
    """The results of a claim's cases; the correction counts those whose runs are planned."""
    found = list(cases)
    tests = [one for one in found if isinstance(one, Case) and keys_of(one.samples)]
    p = dict(zip(map(id, tests), adjusted([one.p for one in tests]), strict=True))
    return [one if isinstance(one, Item) else one.item(p.get(id(one)), len(tests)) for one in found]


def prints(ours: Ours, facts: Iterable[Fact]) -> Outcome:
    """Whether each printed AUC and gAUC could be one more run of ours, by the tables' rule and allowing for chance.

    All cells with an interval form one family, not only those that look wrong.
    """
    items = corrected([_against(ours, fact) for fact in facts])
    return _outcome(items, weigh_prints(items), "all")


def _against(ours: Ours, fact: Fact) -> Case:
    made, cell = Case(fact.label, fact.text, [ours.sample(fact.at, fact.metric)]), ours.evidence.cell(fact.at)
    if cell is None:
        return made
    one = number(ours.evidence, cell, SCORES[fact.metric])
    made = replace(made, printed=one.verdict)
    if one.delta_points is None:
        return made
    narrow = one.half_width_points is not None and one.half_width_points <= BAR_points
    fits, found = one.verdict.finding is Finding.CONSISTENT and narrow and not one.verdict.weak, one.prediction
    return replace(
        made,
        p=print_p(found, fact.points) if one.ground.bears and isinstance(found, Estimate) else None,
        measured=f"{one.delta} against the print",
        holds=True if fits else None,
        reason=found.reason if isinstance(found, NoTest) else "" if fits else one.verdict.word,
    )


def weigh(need: AnyNeed, items: Sequence[Item]) -> Verdict:
    """Decide a claim from its cases: the verdict of each, and whether it is for or against the claim.

    One case gives its own verdict. Several give `holds`, `holds, smaller` if some are, `does not hold`, an obstacle, or
    `open`.
    """
    verdicts = [each.verdict for each in items]
    if len(verdicts) == 1 and need != "none":
        return verdicts[0]
    findings = Counter(each.finding for each in verdicts)
    bearing = [each for each in verdicts if each.finding not in (None, *Obstacle)]
    standing = weakest(each.standing for each in bearing or verdicts if each.standing)
    if not bearing:
        return Verdict(None if findings[None] else _obstacle(findings, len(verdicts)), standing)
    total, sure, no = len(items), *(sum(each.supports is side for each in items) for side in (True, False))
    sure, no, wanted = (no, sure, total) if need == "none" else (sure, no, needed(need, total)[0])
    if sure >= wanted:
        return Verdict(Finding.SMALLER if findings[Finding.SMALLER] and need == "all" else Finding.HOLDS, standing)
    if total - no < wanted:
        return Verdict(Finding.DOES_NOT_HOLD, standing)
    return Verdict(
        next((one for one in (Obstacle.FAILED, Obstacle.INCOMPLETE) if findings[one]), Finding.OPEN), standing
    )


def weigh_prints(items: Sequence[Item]) -> Verdict:
    """Decide a claim about all printed numbers.

    Prints that tell nothing do not count, where others do. Of n true prints a binomial number, with
    probability `ALPHA` each, lies outside of its interval: those that Holm does not refute are
    forgiven if they are no more than 19 of 20 such draws have.
    """
    telling = [one for one in items if not (one.printed and one.printed.weak)] or list(items)
    words = [one.printed.finding if one.printed else None for one in telling]
    pairs = zip(telling, words, strict=True)
    away = [one.verdict.finding is Finding.OPEN and word in APART for one, word in pairs]
    tested = sum(word in (Finding.CONSISTENT, *APART) for word in words)
    if any(away) and special.bdtr(sum(away) - 1, tested, ALPHA) < 1 - ALPHA:
        holds = Verdict(Finding.HOLDS, telling[0].verdict.standing)
        forgiven = zip(telling, away, strict=True)
        telling = [replace(one, verdict=holds, supports=True) if out else one for one, out in forgiven]
    return weigh("all", telling)


def _obstacle(findings: Counter[Finding | Obstacle | None], total: int) -> Obstacle:
    if findings[Obstacle.NOT_RUN] == total:
        return Obstacle.NOT_RUN
    return Obstacle.FAILED if findings[Obstacle.FAILED] else Obstacle.INCOMPLETE


def _outcome(items: Sequence[Item], word: Verdict, need: AnyNeed) -> Outcome:
    keys = tuple(dict.fromkeys(key for item in items for key in item.evidence))
    several = need if need == "none" else needed(need, len(items))[1]
    wanted = items[0].expected if len(items) == 1 else several
    return Outcome(word, _counted(items), wanted, _explained(items), keys, tuple(items))


def _counted(items: Sequence[Item]) -> str:
    """How many items have which verdict."""
    return ", ".join(f"{count} {verdict}" for verdict, count in tally(item.verdict for item in items))


def _explained(items: Sequence[Item]) -> str:
    ran = [item for item in items if item.verdict.finding is not Obstacle.NOT_RUN]
    if any(item.verdict.standing is Standing.SYNTHETIC for item in items):
        return f"{TWIN_NOTE} {len(ran)} of {len(items)} comparisons have runs."
    text = f"Of {len(items)} comparison{'s' * (len(items) > 1)}: {_counted(items)}."
    if ran and len(ran) <= 6:
        text += f" {listing([f'{item.label}: {item.measured}' for item in ran])}."
    powers = [item.detectable for item in items if item.detectable is not None]
    if powers:
        span = " to ".join(dict.fromkeys(f"{one:.3f}" for one in (min(powers), max(powers))))
        text += f" At 80 % power these seeds detect a gain of {span}."
    reasons = list(dict.fromkeys(item.reason for item in items if item.reason))
    return f"{text} No test: {listing(reasons, 3)}." if reasons else text
