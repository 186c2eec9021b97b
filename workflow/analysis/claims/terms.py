"""Exact terms over facts: what claims compare."""

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from workflow.analysis.claims.results import listing, number
from workflow.analysis.paper.facts import Fact, Frame, Value, exact


@dataclass(frozen=True)
class Term:
    """An exact value and the facts behind it; `text` is its printed form, if it has one."""

    value: Value
    facts: tuple[Fact, ...] = ()
    text: str = ""

    @property
    def number(self) -> Fraction:
        """The value, which has to be a number."""
        assert isinstance(self.value, Fraction), f"{self.value!r} is a word where a number is needed"
        return self.value

    @property
    def shown(self) -> str:
        """Its printed form, else the computed value."""
        return self.text or number(self.value)

    def __add__(self, other: "Like") -> "Term":
        return self._with(other, operator.add)

    def __sub__(self, other: "Like") -> "Term":
        return self._with(other, operator.sub)

    def __mul__(self, other: "Like") -> "Term":
        return self._with(other, operator.mul)

    def __truediv__(self, other: "Like") -> "Term":
        return self._with(other, operator.truediv)

    def _with(self, other: "Like", combine: Callable[[Fraction, Fraction], Fraction]) -> "Term":
        right = term(other)
        return Term(combine(self.number, right.number), (*self.facts, *right.facts))


Like = Term | Fact | Fraction | int | str


def term(value: Like) -> Term:
    """A fact, a number or a text as a term."""
    if isinstance(value, Term):
        return value
    if isinstance(value, Fact):
        return Term(value.value, (value,), value.text)
    return Term(exact(value), (), value) if isinstance(value, str) else Term(Fraction(value))


def one(facts: Sequence[Fact]) -> Term:
    """The single value of some facts, at least one."""
    values = {fact.value for fact in facts}
    assert len(values) == 1, f"{len(values)} values where one is wanted: {listing([fact.label for fact in facts], 3)}"
    return term(facts[0])


def said(frame: Frame, claim: str, metric: str) -> Term:
    """A number that the paper's text prints."""
    return one(frame.select(metric, claim=claim))


def mean(facts: Sequence[Fact]) -> Term:
    """Mean of some facts, at least one."""
    return Term(sum((fact.number for fact in facts), Fraction(0)) / len(facts), tuple(facts))


def top(facts: Sequence[Fact], pick: Callable[[Iterable[Fraction]], Fraction] = max) -> Term:
    """The highest (with `min` the lowest) of some facts, at least one, with all that share it."""
    value = pick(fact.number for fact in facts)
    return Term(value, tuple(fact for fact in facts if fact.value == value))


def spread(facts: Sequence[Fact]) -> Term:
    """The highest of some facts minus the lowest."""
    return top(facts) - top(facts, min)


def count(facts: Sequence[Fact]) -> Term:
    """How many facts there are."""
    return Term(Fraction(len(facts)), tuple(facts))


def rank(fact: Fact, among: Iterable[Fact], *, from_last: bool = False) -> Term:
    """1 + how many lie strictly above a fact, or below it; ties share a rank."""
    beyond = sum(other.number < fact.number if from_last else other.number > fact.number for other in among)
    return Term(Fraction(1 + beyond), (fact,))


def truncated(value: Fraction, decimals: int) -> Fraction:
    """Truncate towards zero, as the paper does with signed numbers: −0.029 to −0.02."""
    scale = 10**decimals
    cut = Fraction(floor(abs(value) * scale), scale)
    return cut if value >= 0 else -cut


def rounded(value: Fraction, decimals: int) -> Fraction:
    """Round half away from zero."""
    half = Fraction(1, 2 * 10**decimals)
    return truncated(value + half if value >= 0 else value - half, decimals)


def decimals(printed: str) -> int:
    """How many decimals a print has."""
    return len(printed.removesuffix("x").partition(".")[2])
