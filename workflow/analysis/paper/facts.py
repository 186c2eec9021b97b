"""One frame of facts: printed numbers, the authors' logs and others' results, with the same coordinates."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

Source = Literal["print", "log", "published"]
Value = Fraction | str
Coordinates = Mapping[str, str]
ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V", "6": "VI"}
SWEPT = {"alpha": "α", "c": "c", "gamma": "γ", "units": "MLP_s"}


@dataclass(frozen=True)
class Except:
    """Every value but these."""

    values: Collection[str]


Match = str | Collection[str] | Except | None


@dataclass(frozen=True)
class Fact:
    """One number or word: its source, its printed form, and its exact value."""

    at: Coordinates  # table, dataset, model, loss, ssem, dfm, variant, …; `claim` for a number of the prose
    metric: str  # metric, such as auc
    text: str
    source: Source = "print"
    standing: str = ""  # standing of its data; empty for printed numbers and logs
    key: str = ""  # which log or publication; facts with one key are of one run
    place: str = ""  # place in the paper
    note: str = ""

    @cached_property
    def value(self) -> Value:
        """The exact number, or the word."""
        return exact(self.text)

    @property
    def number(self) -> Fraction:
        """The value, which has to be a number."""
        assert isinstance(self.value, Fraction), f"{self.label} is the word {self.text!r}"
        return self.value

    @property
    def points(self) -> Decimal:
        """The decimal as it is written, with its trailing zeros."""
        return Decimal(self.text.replace(",", "").removesuffix("x"))

    @property
    def label(self) -> str:
        """Where it is, for readers."""
        if self.source == "log":
            return f"log {self.key} {self.metric}"
        if "claim" in self.at:
            return " ".join((self.at["claim"], *([self.at["dataset"]] if "dataset" in self.at else []), self.metric))
        return label({**self.at, "metric": self.metric})


def exact(text: str) -> Value:
    """Read a number as it is printed; anything else stays a word."""
    try:
        return Fraction(text.replace(",", "").removesuffix("x"))
    except (ValueError, ZeroDivisionError):
        return text


def label(at: Coordinates) -> str:
    """Coordinates in words."""
    pair = "+".join(at[key] for key in ("ssem", "dfm") if key in at)
    rest = [at[key] for key in ("dataset", "model", "variant", "loss") if key in at]
    head = f"Table {ROMAN.get(at.get('table', ''), '?')}" if "table" in at else f"Figure {at.get('figure', '?')}"
    swept = [f"{sign} {at[key]}" for key, sign in SWEPT.items() if key in at]
    return " ".join(part for part in (head, *rest, pair, *swept, at.get("metric", "")) if part)


class Frame:
    """Facts in the order of their sources, found by coordinates."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts = tuple(facts)
        self._by: dict[tuple[str, ...], list[Fact]] = {}  # by source and metric, and by each coordinate beside
        for fact in self.facts:
            for place in ((), *fact.at.items()):
                self._by.setdefault((fact.source, fact.metric, *place), []).append(fact)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts)

    def select(self, metric: str, *, source: Source = "print", **wanted: Match) -> list[Fact]:
        """Facts of a metric that have each wanted coordinate: this value, one of several, or any but some."""
        places = [(), *((name, match) for name, match in wanted.items() if isinstance(match, str))]
        found = min((self._by.get((source, metric, *place), []) for place in places), key=len)
        return [fact for fact in found if all(matches(fact.at.get(name), match) for name, match in wanted.items())]

    def at(self, place: Coordinates, metric: str) -> Fact | None:
        """The print at exactly these coordinates."""
        return self._prints.get((frozenset(place.items()), metric))

    def beside(self, fact: Fact, metric: str) -> Fact:
        """Another metric of the same log or publication, which has to have it."""
        return self._of_one[fact.source, fact.key, metric]

    def beside_or_none(self, fact: Fact, metric: str) -> Fact | None:
        """The same, where it has one."""
        return self._of_one.get((fact.source, fact.key, metric))

    @cached_property
    def _prints(self) -> Mapping[tuple[frozenset[tuple[str, str]], str], Fact]:
        return {(frozenset(fact.at.items()), fact.metric): fact for fact in self.facts if fact.source == "print"}

    @cached_property
    def _of_one(self) -> Mapping[tuple[Source, str, str], Fact]:
        return {(fact.source, fact.key, fact.metric): fact for fact in self.facts if fact.key}


def matches(have: str | None, match: Match) -> bool:
    """Whether a coordinate is there and is what is wanted; None wants nothing."""
    if match is None or have is None:
        return match is None
    if isinstance(match, Except):
        return have not in match.values
    return have == match if isinstance(match, str) else have in match
