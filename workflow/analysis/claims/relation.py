"""Relations, optima, presence and implied spreads: evaluators of the layers one and two."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from workflow.analysis.claims import checks
from workflow.analysis.claims.evaluate import Evaluated, Scope, decimals, evaluate, rounded, truncated
from workflow.analysis.claims.expressions import Except
from workflow.analysis.claims.facts import Fact, Value
from workflow.analysis.claims.results import AuditItem, Outcome, enough, listing, number
from workflow.analysis.evidence.verdict import Finding, Verdict

WORDS: dict[checks.Operator, str] = {
    "equals": "=",
    "differs": "≠",
    "truncates_to": "truncated to",
    "rounds_to": "rounded to",
    "above": ">",
    "at_least": "≥",
    "below": "<",
    "at_most": "≤",
    "near": "≈",
}


COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "equals": operator.eq,
    "differs": operator.ne,
    "above": operator.gt,
    "at_least": operator.ge,
    "below": operator.lt,
    "at_most": operator.le,
}


@dataclass(frozen=True)
class Words:
    """The verdicts of a layer: what holds, what does not, and what is missing."""

    good: Verdict
    bad: Verdict
    missing: Verdict


PAPER = Words(*map(Verdict, (Finding.CONSISTENT, Finding.INCONSISTENT, Finding.INCONSISTENT)))
DOUBT = Words(*map(Verdict, (Finding.CONSISTENT, Finding.DOUBTFUL, Finding.DOUBTFUL)))
LOGS = Words(*map(Verdict, (Finding.SUPPORTED, Finding.CONTRADICTED, Finding.UNSUPPORTED)))


@dataclass(frozen=True)
class _Tried:
    """One comparison."""

    left: Evaluated
    right: Evaluated
    holds: bool

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(fact.label for fact in (*self.left.facts, *self.right.facts)))


def relation(scope: Scope, check: checks.Relation, words: Words) -> Outcome:
    """Compare two expressions, once or for every item."""
    if not check.each:
        return _single(check, _try(scope, check, None), words)
    items = scope.items(check.each)
    tried = [_try(scope, check, item) for item in items]
    rows = tuple(
        AuditItem(
            item.label,
            words.good if one.holds else words.bad,
            _print(one.left),
            f"{WORDS[check.op]} {_print(one.right)}",
            one.evidence,
        )
        for item, one in zip(items, tried, strict=True)
    )
    holding = sum(one.holds for one in tried)
    extra = _other_rule(check, tried)
    return many(check.need, holding, rows, words, extra)


def optimum(scope: Scope, check: checks.Optimum, words: Words) -> Outcome:
    """Check that each item is the best of its field."""
    rows = []
    for item in scope.items(check.each):
        field = scope.select(check.among, item.at)
        values = {fact.label: Evaluated(fact.value, (fact,)).exact(scope) for fact in field}
        best = max(values.values()) if check.best == "max" else min(values.values())
        winners = [name for name, value in values.items() if value == best]
        own = Evaluated(item.value, (item,)).exact(scope)
        holds = own == best and (check.ties == "count" or winners == [item.label])
        shared = f", shared with {listing([name for name in winners if name != item.label], 3)}"
        measured = f"{item.text}; best is {number(best)} ({listing(winners, 3)})"
        if own == best:
            measured = f"{item.text}, the best{shared if len(winners) > 1 else ''}"
        rows.append(AuditItem(item.label, words.good if holds else words.bad, measured, "the best", tuple(winners)))
    holding = sum(row.verdict == words.good for row in rows)
    return many(check.need, holding, tuple(rows), words, "")


def present(scope: Scope, check: checks.Present, words: Words) -> Outcome:
    """Count the facts that a selector names."""
    found = scope.facts.select(check.cells, {})
    what = ", ".join(f"{key} {_match(value)}" for key, value in check.cells.coordinates().items() if key != "source")
    where = {"paper": "printed", "logs": "in the authors' logs", "says": "said", "cited": "cited"}[check.cells.source]
    return Outcome(
        words.good if len(found) >= check.at_least else words.missing,
        f"{len(found)} {where}",
        f"at least {check.at_least}",
        f"{len(found) or 'No'} value{'s' if len(found) != 1 else ''} {where} for {what}.",
        tuple(fact.label for fact in found[:12]) or (f"nothing {where} for {what}",),
    )


# -- parts ----------------------------------------------------------------------------


def _try(scope: Scope, check: checks.Relation, item: Fact | None) -> _Tried:
    left, right = evaluate(scope, check.left, item), evaluate(scope, check.right, item)
    if check.op in ("equals", "differs") and (isinstance(left.value, str) or isinstance(right.value, str)):
        return _Tried(left, right, (left.value == right.value) == (check.op == "equals"))
    return _Tried(left, right, _holds(check, left.exact(scope), right.exact(scope), right.printed))


def _holds(check: checks.Relation, left: Fraction, right: Fraction, printed: str | None) -> bool:
    if check.op == "near":
        return abs(left - right) <= Fraction(check.within)
    if check.op in ("truncates_to", "rounds_to"):
        cut = truncated if check.op == "truncates_to" else rounded
        return cut(left, decimals(printed) if printed else 2) == right
    return COMPARE[check.op](left, right)


def _single(check: checks.Relation, one: _Tried, words: Words) -> Outcome:
    left, right = number(one.left.value), _print(one.right)
    text = f"Computed {left}; it must be {WORDS[check.op]} {right}."
    if check.op == "differs":
        text = f"{left} and {right} must differ, and {'do' if one.holds else 'are the same'}."
    return Outcome(
        words.good if one.holds else words.bad,
        left,
        f"{WORDS[check.op]} {right}",
        f"{text}{_times(one)}",
        one.evidence,
    )


def _times(one: _Tried) -> str:
    """Say how many times the claimed size the computed one is, where they disagree."""
    left, right = one.left.value, one.right.value
    if one.holds or isinstance(left, str) or isinstance(right, str) or left <= 0 or right <= 0 or left == right:
        return ""
    times = left / right
    near = Fraction(9, 10) < times < Fraction(11, 10)
    return "" if near else f" That is {float(times):.2f} times as much."


def many(need: checks.Need, holding: int, rows: tuple[AuditItem, ...], words: Words, extra: str) -> Outcome:
    """Sum up what holds of many items."""
    total = len(rows)
    failing = [row for row in rows if row.verdict != words.good]
    wanted = {"all": f"all {total}", "majority": f"more than half of {total}", "some": "at least one", "none": "none"}
    text = f"{holding} of {total} hold; the claim needs {wanted[need]}."
    shown = failing if need in ("all", "majority") else [row for row in rows if row.verdict == words.good]
    if (shown and len(shown) < total) or total <= 6:
        verb = "Not" if shown is failing else "Yes"
        details = listing([f"{row.label}: {row.measured}, {_expected(row)}" for row in shown])
        text += f" {verb}: {details}." if details else ""
    evidence = tuple(dict.fromkeys(name for row in (failing or rows) for name in (row.evidence or (row.label,))))
    return Outcome(
        words.good if enough(need, holding, total) else words.bad,
        f"{holding} of {total}",
        wanted[need],
        f"{text} {extra}".strip(),
        evidence,
        rows,
    )


def _expected(row: AuditItem) -> str:
    return f"must be {row.expected}"


def _other_rule(check: checks.Relation, tried: list[_Tried]) -> str:
    """Count what the other rule of printing would give, as it tells truncation from rounding."""
    if check.op != "truncates_to":
        return ""
    fits = sum(
        isinstance(one.left.value, Fraction)
        and one.right.printed is not None
        and rounded(one.left.value, decimals(one.right.printed)) == one.right.value
        for one in tried
    )
    return f"Rounding would give {fits} of {len(tried)}."


def _print(one: Evaluated) -> str:
    return one.printed or number(one.value)


def _match(value: Value | tuple[str, ...] | Except) -> str:
    if isinstance(value, Except):
        return f"other than {', '.join(value.other_than)}"
    return " or ".join(value) if isinstance(value, tuple) else str(value)
