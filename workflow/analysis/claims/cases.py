"""What claims are made of: comparisons of two terms, other cases, and the outcome of many."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from workflow.analysis.claims.results import AuditItem, Outcome, listing, number
from workflow.analysis.claims.terms import Like, Term, bottom, decimals, rounded, term, top, truncated
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.paper.facts import Fact, Frame

Check = Callable[[Frame], Outcome]
Need = Literal["all", "majority", "some"]
Sign = Literal["=", "≠", ">", "≥", "<", "≤", "≈", "truncated to"]
IN_WORDS: Mapping[Sign, str] = {
    "=": "equals",
    "≠": "differs",
    "truncated to": "truncates to",
    ">": "above",
    "≥": "at least",
    "<": "below",
    "≤": "at most",
    "≈": "near",
}
ORDER: Mapping[Sign, Callable[[Fraction, Fraction], bool]] = {
    ">": operator.gt,
    "≥": operator.ge,
    "<": operator.lt,
    "≤": operator.le,
}

# -- comparisons ----------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """Something that was looked at: what was found, what had to be, and whether it is so."""

    label: str
    holds: bool
    found: str
    expected: str
    evidence: tuple[str, ...] = ()


def compare(left: Like, sign: Sign, right: Like, *, label: str = "", within: str = "0") -> Seen:
    """Compare two terms exactly; `within` is what ≈ allows either way."""
    a, b = term(left), term(right)
    names = dict.fromkeys(fact.label for fact in (*a.facts, *b.facts))
    return Seen(label, _holds(a, sign, b, Fraction(within)), a.shown, f"{sign} {b.shown}", tuple(names))


def _holds(left: Term, sign: Sign, right: Term, within: Fraction) -> bool:
    if sign in ("=", "≠"):
        return (left.value == right.value) is (sign == "=")
    if sign == "≈":
        return abs(left.number - right.number) <= within
    if sign == "truncated to":
        return truncated(left.number, decimals(right.text) if right.text else 2) == right.number
    return ORDER[sign](left.number, right.number)


def best_of(fact: Fact, among: Sequence[Fact], *, alone: bool = False, lowest: bool = False) -> Seen:
    """Whether a fact is the best of its field, and with `alone` nothing shares that."""
    best = (bottom if lowest else top)(among)
    winners = [each.label for each in best.facts]
    shared = f", shared with {listing([name for name in winners if name != fact.label], 3)}" if len(winners) > 1 else ""
    found = f"{fact.text}; best is {best.shown} ({listing(winners, 3)})"
    if fact.value == best.value:
        found = f"{fact.text}, the best{shared}"
    holds = fact.value == best.value and (not alone or winners == [fact.label])
    return Seen(fact.label, holds, found, "the best", tuple(winners))


# -- outcomes -------------------------------------------------------------------------


def needed(need: Need, total: int) -> tuple[int, str]:
    """How many of `total` must hold, and the same for readers.

    Examples
    --------
    >>> needed("majority", 48), needed("some", 3)
    ((25, 'more than half of 48'), (1, 'at least one'))
    """
    known: Mapping[Need, tuple[int, str]] = {
        "all": (total, f"all {total}"),
        "majority": (total // 2 + 1, f"more than half of {total}"),
        "some": (1, "at least one"),
    }
    return known[need]


@dataclass(frozen=True)
class Words:
    """The verdicts of a layer: what holds, what does not, and what is missing."""

    good: Finding
    bad: Finding
    missing: Finding

    def single(
        self, left: Like, sign: Sign, right: Like, *, within: str = "0", computed: bool = True, extra: str = ""
    ) -> Outcome:
        """The outcome of one comparison; `computed=False` marks two quotes side by side, shown and not counted."""
        a, b = term(left), term(right)
        found, shown = compare(a, sign, b, within=within), number(a.value)
        text = f"Computed {shown}; it must be {found.expected}.{'' if found.holds else _times(a, b)}"
        if sign == "≠":
            text = f"{shown} and {b.shown} must differ, and {'do' if found.holds else 'are the same'}."
        verdict = Verdict(self.good if found.holds else self.bad)
        return Outcome(verdict, shown, found.expected, f"{text} {extra}".strip(), found.evidence, computed=computed)

    def each(
        self,
        facts: Iterable[Fact],
        left: Like | Callable[[Fact], Like],
        sign: Sign,
        right: Like | Callable[[Fact], Like],
        need: Need = "all",
        extra: str = "",
        *,
        within: str = "0",
        partly: Finding | None = None,
    ) -> Outcome:
        """The outcome of one comparison for each fact, of what two functions make of it (`term`: the fact itself)."""
        cases = (
            compare(
                left(fact) if callable(left) else left,
                sign,
                right(fact) if callable(right) else right,
                label=fact.label,
                within=within,
            )
            for fact in facts
        )
        return self.many(cases, need, extra, partly=partly)

    def many(
        self,
        cases: Iterable[Seen],
        need: Need = "all",
        extra: str = "",
        *,
        evidence: tuple[str, ...] = (),
        partly: Finding | None = None,
    ) -> Outcome:
        """The outcome of several cases, of which all, more than half or some must hold.

        `partly` is the verdict where not enough, but half or more, hold.
        """
        tried = list(cases)
        assert tried, "a claim selects nothing"
        total, holding = len(tried), sum(case.holds for case in tried)
        least, wanted = needed(need, total)
        text = f"{holding} of {total} hold; the claim needs {wanted}."
        failing = [case for case in tried if not case.holds]
        shown = [case for case in tried if case.holds] if need == "some" else failing
        if shown and (len(shown) < total or total <= 6):
            details = [f"{case.label}: {case.found}, must be {case.expected}" for case in shown]
            text += f" {'Yes' if need == 'some' else 'Not'}: {listing(details)}."
        finding = self.good if holding >= least else self.bad
        if partly and finding is self.bad and 2 * holding >= total:
            finding = partly
        names = dict.fromkeys(name for case in failing or tried for name in case.evidence or (case.label,))
        items = (
            AuditItem(
                each.label, Verdict(self.good if each.holds else self.bad), each.found, each.expected, each.evidence
            )
            for each in tried
        )
        return Outcome(
            Verdict(finding),
            f"{holding} of {total}",
            wanted,
            f"{text} {extra}".strip(),
            evidence or tuple(names),
            tuple(items),
        )

    def present(self, facts: Sequence[Fact], what: str, least: int = 1) -> Outcome:
        """Whether there are so many facts; `what` says of what."""
        where = {Finding.SUPPORTED: "in the authors' logs"}.get(self.good, "printed")
        names = tuple(fact.label for fact in facts[:12]) or (f"nothing {where} for {what}",)
        text = f"{len(facts) or 'No'} value{'s' * (len(facts) != 1)} {where} for {what}."
        verdict = Verdict(self.good if len(facts) >= least else self.missing)
        return Outcome(verdict, f"{len(facts)} {where}", f"at least {least}", text, names)


PAPER = Words(Finding.CONSISTENT, Finding.INCONSISTENT, Finding.INCONSISTENT)
DOUBT = Words(Finding.CONSISTENT, Finding.DOUBTFUL, Finding.DOUBTFUL)
OMISSION = Words(Finding.CONSISTENT, Finding.OMITTED, Finding.OMITTED)
LOGS = Words(Finding.SUPPORTED, Finding.CONTRADICTED, Finding.UNSUPPORTED)
UNFAIR = Words(Finding.SUPPORTED, Finding.DOUBTFUL, Finding.UNSUPPORTED)


def truncations(prints: Sequence[Fact], of: Callable[[Fact], Term]) -> Outcome:
    """Whether prints are what they are of, truncated; how many rounding would give tells the two apart."""
    fits = sum(rounded(of(fact).number, decimals(fact.text)) == fact.number for fact in prints)
    return PAPER.each(prints, of, "truncated to", term, extra=f"Rounding would give {fits} of {len(prints)}.")


def _times(left: Term, right: Term) -> str:
    """How many times the claimed size the computed one is, where they are not near."""
    a, b = left.value, right.value
    if isinstance(a, str) or isinstance(b, str) or a <= 0 or b <= 0 or Fraction(9, 10) < a / b < Fraction(11, 10):
        return ""
    return f" That is {float(a / b):.2f} times as much."
