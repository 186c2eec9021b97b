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
Need = Literal["all", "majority", "some", "none"]
Sign = Literal["=", "≠", ">", "≥", "<", "≤", "≈", "truncated to", "rounded to"]
IN_WORDS: Mapping[Sign, str] = {
    "=": "equals",
    "≠": "differs",
    "truncated to": "truncates to",
    "rounded to": "rounds to",
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
class Compared:
    """Two terms, whether the one is to the other as the sign says, and what this is a case of."""

    label: str
    left: Term
    sign: Sign
    right: Term
    holds: bool

    @property
    def found(self) -> str:
        """The left side for readers."""
        return self.left.shown

    @property
    def expected(self) -> str:
        """What it has to be."""
        return f"{self.sign} {self.right.shown}"

    @property
    def evidence(self) -> tuple[str, ...]:
        """The facts on both sides."""
        return tuple(dict.fromkeys(fact.label for fact in (*self.left.facts, *self.right.facts)))


@dataclass(frozen=True)
class Seen:
    """Something else that was looked at: what was found, what had to be, and whether it is so."""

    label: str
    holds: bool
    found: str
    expected: str
    evidence: tuple[str, ...] = ()


def compare(left: Like, sign: Sign, right: Like, *, label: str = "", within: str = "0") -> Compared:
    """Compare two terms exactly; `within` is what ≈ allows either way. A fact of either side lends its label."""
    a, b = term(left), term(right)
    named = next((side.label for side in (left, right) if isinstance(side, Fact)), "")
    return Compared(label or named, a, sign, b, _holds(a, sign, b, Fraction(within)))


def _holds(left: Term, sign: Sign, right: Term, within: Fraction) -> bool:
    if sign in ("=", "≠"):
        return (left.value == right.value) is (sign == "=")
    if sign == "≈":
        return abs(left.number - right.number) <= within
    if sign in ("truncated to", "rounded to"):
        cut = truncated if sign == "truncated to" else rounded
        return cut(left.number, decimals(right.text) if right.text else 2) == right.number
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


def needed(need: Need, total: int) -> int:
    """How many of `total` must hold; for `none` see `enough`."""
    return {"all": total, "majority": total // 2 + 1, "some": 1, "none": 0}[need]


def wants(need: Need, total: int) -> str:
    """The same for readers."""
    words = {"all": f"all {total}", "majority": f"more than half of {total}", "some": "at least one", "none": "none"}
    return words[need]


def enough(need: Need, holding: int, total: int) -> bool:
    """Whether enough hold.

    Examples
    --------
    >>> enough("majority", 24, 48), enough("majority", 25, 48), enough("none", 0, 3)
    (False, True, True)
    """
    return holding == 0 if need == "none" else holding >= needed(need, total)


@dataclass(frozen=True)
class Words:
    """The verdicts of a layer: what holds, what does not, and what is missing."""

    good: Finding
    bad: Finding
    missing: Finding

    def single(self, left: Like, sign: Sign, right: Like, *, within: str = "0", computed: bool = True) -> Outcome:
        """The outcome of one comparison; `computed: False` marks two quotes side by side."""
        found = compare(left, sign, right, within=within)
        shown = number(found.left.value)
        text = f"Computed {shown}; it must be {found.expected}.{_times(found)}"
        if sign == "≠":
            text = f"{shown} and {found.right.shown} must differ, and {'do' if found.holds else 'are the same'}."
        verdict = Verdict(self.good if found.holds else self.bad)
        return Outcome(verdict, shown, found.expected, text, found.evidence, computed=computed)

    def many(
        self,
        cases: Iterable[Compared | Seen],
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
        rows = tuple(
            AuditItem(
                case.label, Verdict(self.good if case.holds else self.bad), case.found, case.expected, case.evidence
            )
            for case in tried
        )
        total, holding = len(tried), sum(case.holds for case in tried)
        failing = [row for row, case in zip(rows, tried, strict=True) if not case.holds]
        wanted = wants(need, total)
        text = f"{holding} of {total} hold; the claim needs {wanted}."
        shown = [row for row in rows if row not in failing] if need == "some" else failing
        if shown and (len(shown) < total or total <= 6):
            details = [f"{row.label}: {row.measured}, must be {row.expected}" for row in shown]
            text += f" {'Yes' if need == 'some' else 'Not'}: {listing(details)}."
        finding = self.good if enough(need, holding, total) else self.bad
        if partly and finding is self.bad and 2 * holding >= total:
            finding = partly
        names = evidence or tuple(
            dict.fromkeys(name for row in (failing or rows) for name in (row.evidence or (row.label,)))
        )
        return Outcome(Verdict(finding), f"{holding} of {total}", wanted, f"{text} {extra}".strip(), names, rows)

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


def other_rule(cases: Sequence[Compared]) -> str:
    """How many prints rounding would give where truncation is claimed: it tells the two apart."""
    fits = sum(rounded(case.left.number, decimals(case.right.text)) == case.right.number for case in cases)
    return f"Rounding would give {fits} of {len(cases)}."


def quotes(left: Fact, right: Like, sign: Sign = "=") -> Outcome:
    """Two quotes of the paper side by side: shown, and not counted as a finding."""
    return PAPER.single(left, sign, right, computed=False)


def _times(found: Compared) -> str:
    """How many times the claimed size the computed one is, where they disagree."""
    left, right = found.left.value, found.right.value
    if found.holds or isinstance(left, str) or isinstance(right, str) or left <= 0 or right <= 0 or left == right:
        return ""
    times = left / right
    near = Fraction(9, 10) < times < Fraction(11, 10)
    return "" if near else f" That is {float(times):.2f} times as much."
