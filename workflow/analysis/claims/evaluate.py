"""Exact values of expressions: fractions, never floats."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

from workflow.analysis.claims import expressions
from workflow.analysis.claims.facts import Coordinates, Fact, Facts, Value
from workflow.errors import UserError


@dataclass(frozen=True)
class Scope:
    """Facts, and the claim whose check is evaluated."""

    facts: Facts
    claim: str
    said: Mapping[tuple[str, str], Fact]

    def fault(self, text: str) -> UserError:
        """A mistake in the registry."""
        return UserError(f"claim {self.claim}: {text}; correct the claim in paper/claims.yaml")

    def select(self, selector: expressions.Selector, item: Coordinates) -> list[Fact]:
        """Facts that match; none is a mistake."""
        try:
            found = self.facts.select(selector, item)
        except UserError as error:
            raise self.fault(str(error)) from error
        if not found:
            wanted = ", ".join(f"{key}: {value}" for key, value in selector.coordinates().items())
            raise self.fault(f"nothing matches {{{wanted}}}{' at ' + _where(item) if item else ''}")
        return found

    def items(self, selectors: tuple[expressions.Selector, ...]) -> list[Fact]:
        """Every fact that any of the selectors names."""
        return [fact for selector in selectors for fact in self.select(selector, {})]


@dataclass(frozen=True)
class Evaluated:
    """A value and the facts that it rests on. `printed` is the text where it is one print."""

    value: Value
    facts: tuple[Fact, ...]
    printed: str | None = None

    def exact(self, scope: Scope) -> Fraction:
        """The value as a number."""
        if isinstance(self.value, str):
            raise scope.fault(f"{self.value!r} is a word where a number is needed")
        return self.value


def evaluate(scope: Scope, expression: expressions.Expression, item: Fact | None) -> Evaluated:
    """Compute an expression at an item.

    Raises
    ------
    UserError
        When a selector matches nothing, or more than one fact where one is wanted.
    """
    if isinstance(expression, str):
        return _literal(scope, expression, item)
    return _REDUCERS[type(expression)](scope, expression, item)


def exact_value(scope: Scope, expression: expressions.Expression, at: Coordinates) -> Fraction:
    """The number that an expression comes to at an item's coordinates."""
    return evaluate(scope, expression, Fact(at, "", "")).exact(scope)


def truncated(value: Fraction, decimals: int) -> Fraction:
    """Cut towards zero, as prints with a sign are cut.

    Examples
    --------
    >>> truncated(Fraction("2.739"), 2), truncated(Fraction("-0.029"), 2)
    (Fraction(273, 100), Fraction(-1, 50))
    """
    scale = 10**decimals
    cut = Fraction(floor(abs(value) * scale), scale)
    return cut if value >= 0 else -cut


def rounded(value: Fraction, decimals: int) -> Fraction:
    """Round half away from zero.

    Examples
    --------
    >>> rounded(Fraction("1.565"), 2), rounded(Fraction("-1.565"), 2)
    (Fraction(157, 100), Fraction(-157, 100))
    """
    scale = 10**decimals
    near = Fraction(floor(abs(value) * scale + Fraction(1, 2)), scale)
    return near if value >= 0 else -near


def decimals(printed: str) -> int:
    """How many decimals a print has."""
    return len(printed.removesuffix("x").partition(".")[2])


def _literal(scope: Scope, text: str, item: Fact | None) -> Evaluated:
    if text != "$item":
        return Evaluated(Fraction(text.replace(",", "")), (), text)
    if item is None:
        raise scope.fault("$item needs `each`")
    return Evaluated(item.value, (item,), item.text)


def _combine(
    scope: Scope, parts: Sequence[expressions.Expression], item: Fact | None, combine: Callable[..., Fraction]
) -> Evaluated:
    found = [evaluate(scope, part, item) for part in parts]
    facts = tuple(fact for one in found for fact in one.facts)
    return Evaluated(combine(*(one.exact(scope) for one in found)), facts)


def _product(*values: Fraction) -> Fraction:
    result = Fraction(1)
    for value in values:
        result *= value
    return result


def _divide(scope: Scope, a: Fraction, b: Fraction) -> Fraction:
    if b == 0:
        raise scope.fault("division by zero")
    return a / b


def _reduce(scope: Scope, expression: expressions.Cells, item: Fact | None) -> Evaluated:
    facts = scope.select(expression.cells, item.at if item else {})
    if expression.reduce == "one":
        if len({fact.value for fact in facts}) > 1:
            names = ", ".join(fact.label for fact in facts[:3])
            raise scope.fault(f"{len(facts)} facts match where one is wanted ({names}); add a coordinate or `reduce`")
        return Evaluated(facts[0].value, (facts[0],), facts[0].text)
    if expression.reduce == "count":
        return Evaluated(Fraction(len(facts)), tuple(facts))
    if expression.reduce == "distinct":
        return Evaluated(Fraction(len({fact.value for fact in facts})), tuple(facts))
    values = [Evaluated(fact.value, (fact,)).exact(scope) for fact in facts]
    total = sum(values, Fraction(0))
    reduced = {
        "sum": total,
        "mean": total / len(values),
        "min": min(values),
        "max": max(values),
        "spread": max(values) - min(values),
    }[expression.reduce]
    ends = [fact for fact in facts if fact.value in _ends(expression.reduce, values)]
    return Evaluated(reduced, tuple(ends or facts))


def _ends(reduce: str, values: list[Fraction]) -> tuple[Fraction, ...]:
    return {"min": (min(values),), "max": (max(values),), "spread": (min(values), max(values))}.get(reduce, ())


def _said(scope: Scope, name: str) -> Evaluated:
    claim, _, key = name.rpartition(":")
    fact = scope.said.get((claim or scope.claim, key))
    if fact is None:
        raise scope.fault(f"no claim says {name!r}")
    return Evaluated(fact.value, (fact,), fact.text)


def _rank(scope: Scope, expression: expressions.Rank, item: Fact | None) -> Evaluated:
    own = evaluate(scope, expression.rank, item)
    value = own.exact(scope)
    others = [
        Evaluated(fact.value, (fact,)).exact(scope) for fact in scope.select(expression.among, item.at if item else {})
    ]
    beyond = sum(other > value if expression.end == "top" else other < value for other in others)
    return Evaluated(Fraction(1 + beyond), own.facts)


def _where(item: Coordinates) -> str:
    return ", ".join(f"{key} {value}" for key, value in item.items() if key != "source")


_REDUCERS: Mapping[type, Callable[[Scope, Any, Fact | None], Evaluated]] = {
    expressions.Cells: _reduce,
    expressions.Says: lambda scope, expression, _: _said(scope, expression.says),
    expressions.Rank: _rank,
    expressions.Difference: lambda scope, expression, item: _combine(scope, expression.minus, item, lambda a, b: a - b),
    expressions.Ratio: lambda scope, expression, item: _combine(
        scope, expression.over, item, lambda a, b: _divide(scope, a, b)
    ),
    expressions.Sum: lambda scope, expression, item: _combine(
        scope, expression.plus, item, lambda *values: sum(values, Fraction(0))
    ),
    expressions.Product: lambda scope, expression, item: _combine(scope, expression.times, item, _product),
}
