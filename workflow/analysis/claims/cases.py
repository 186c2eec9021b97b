"""What claims are made of: comparisons of two terms, other cases, and the outcome of many."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from workflow.analysis.claims.results import Item, Outcome, listing, number
from workflow.analysis.claims.terms import Like, Term, decimals, one, rounded, term, top, truncated
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.paper.facts import Fact, Frame, Match

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


def needed(need: Need, total: int) -> tuple[int, str]:
    """How many of `total` must hold, and the same for readers."""
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

    def item(self, label: str, holds: bool, found: str, expected: str, evidence: tuple[str, ...] = ()) -> Item:
        """One compared thing: what was found, what was expected, and whether it holds."""
        return Item(label, Verdict(self.good if holds else self.bad), found, expected, evidence, holds)

    def compare(self, label: str, left: Like, sign: Sign, right: Like, within: str = "0") -> Item:
        """Compare two terms exactly; `within` is what ≈ allows either way."""
        a, b = term(left), term(right)
        names = dict.fromkeys(fact.label for fact in (*a.facts, *b.facts))
        return self.item(label, _holds(a, sign, b, Fraction(within)), a.shown, f"{sign} {b.shown}", tuple(names))

    def best(
        self,
        facts: Iterable[Fact],
        field: Callable[[Fact], Sequence[Fact]],
        *,
        alone: bool = False,
        lowest: bool = False,
    ) -> Outcome:
        """Whether each fact is the best of its field; with `alone`, without a tie."""
        return self.many(self._best_of(fact, field(fact), alone, lowest) for fact in facts)

    def _best_of(self, fact: Fact, among: Sequence[Fact], alone: bool, lowest: bool) -> Item:
        best = top(among, min if lowest else max)
        winners = [each.label for each in best.facts]
        found = f"{fact.text}; best is {best.shown} ({listing(winners, 3)})"
        if fact.value == best.value:
            others = [name for name in winners if name != fact.label]
            found = f"{fact.text}, the best{f', shared with {listing(others, 3)}' if others else ''}"
        holds = fact.value == best.value and (not alone or winners == [fact.label])
        return self.item(fact.label, holds, found, "the best", tuple(winners))

    def single(
        self, left: Like, sign: Sign, right: Like, *, within: str = "0", computed: bool = True, extra: str = ""
    ) -> Outcome:
        """The outcome of one comparison; `computed=False` marks a comparison of two quotes, shown but not counted."""
        a, b, found = term(left), term(right), self.compare("", left, sign, right, within)
        shown = number(a.value)
        text = f"Computed {shown}; expected {found.expected}.{'' if found.supports else _times(a, b)}"
        if sign == "≠":
            text = f"{shown} and {b.shown} must differ, and {'do' if found.supports else 'are the same'}."
        text = f"{text} {extra}".strip()
        return Outcome(found.verdict, shown, found.expected, text, found.evidence, computed=computed)

    def each(
        self,
        facts: Iterable[Fact],
        sign: Sign,
        right: Like | Callable[[Fact], Like] = term,
        *,
        of: Like | Callable[[Fact], Like] = term,
        need: Need = "all",
        extra: str = "",
        within: str = "0",
        partly: Finding | None = None,
    ) -> Outcome:
        """The outcome of one comparison for each fact: of the fact, or of a value made from it (`of`), with `right`."""

        def side(made: Like | Callable[[Fact], Like], fact: Fact) -> Like:
            return made(fact) if callable(made) else made

        items = (self.compare(fact.label, side(of, fact), sign, side(right, fact), within) for fact in facts)
        return self.many(items, need, extra, partly=partly)

    def many(
        self,
        cases: Iterable[Item],
        need: Need = "all",
        extra: str = "",
        *,
        evidence: tuple[str, ...] = (),
        partly: Finding | None = None,
    ) -> Outcome:
        """The outcome of several cases, of which all, more than half or some must hold.

        `partly` is the verdict if at least half of the cases hold, but not enough.
        """
        items = tuple(cases)
        assert items, "a claim selects nothing"
        total, failing = len(items), [each for each in items if not each.supports]
        holding, (least, wanted) = total - len(failing), needed(need, total)
        text = f"{holding} of {total} hold; the claim needs {wanted}."
        shown = [each for each in items if each.supports] if need == "some" else failing
        if shown and (len(shown) < total or total <= 6):
            details = [f"{each.label}: {each.measured}, expected {each.expected}" for each in shown]
            text += f" {'Holding' if need == 'some' else 'Failing'}: {listing(details)}."
        finding = self.good if holding >= least else self.bad
        if partly and finding is self.bad and 2 * holding >= total:
            finding = partly
        names = dict.fromkeys(name for each in failing or items for name in each.evidence or (each.label,))
        text = f"{text} {extra}".strip()
        return Outcome(Verdict(finding), f"{holding} of {total}", wanted, text, evidence or tuple(names), items)

    def present(self, facts: Sequence[Fact], what: str, least: int = 1) -> Outcome:
        """Whether there are at least `least` facts; `what` names them."""
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
    """Whether printed numbers are truncated values of `of`; the number that rounding would give tells the two apart."""
    fits = sum(rounded(of(fact).number, decimals(fact.text)) == fact.number for fact in prints)
    return PAPER.each(prints, "truncated to", of=of, extra=f"Rounding would give {fits} of {len(prints)}.")


def side_by_side(frame: Frame, *places: tuple[str, str]) -> Outcome:
    """Compare two quotes of the text, by claim and name."""
    own, other = (one(frame.select(name, claim=claim)) for claim, name in places)
    return PAPER.single(own, "=", other, computed=False)


def logged_at_all(frame: Frame, what: str, column: str = "test_auc", **at: Match) -> Outcome:
    """Whether the logs have some value."""
    return LOGS.present(frame.select(column, source="log", **at), what)


def _holds(left: Term, sign: Sign, right: Term, within: Fraction) -> bool:
    if sign in ("=", "≠"):
        return (left.value == right.value) is (sign == "=")
    if sign == "≈":
        return abs(left.number - right.number) <= within
    if sign == "truncated to":
        return truncated(left.number, decimals(right.text) if right.text else 2) == right.number
    return ORDER[sign](left.number, right.number)


def _times(left: Term, right: Term) -> str:
    """The ratio of the computed to the claimed number, if they are not close."""
    a, b = left.value, right.value
    if isinstance(a, str) or isinstance(b, str) or a <= 0 or b <= 0 or Fraction(9, 10) < a / b < Fraction(11, 10):
        return ""
    return f" That is {float(a / b):.2f} times as much."
