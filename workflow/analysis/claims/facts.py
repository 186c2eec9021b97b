"""Facts that checks select from: printed cells, the authors' logs, words of claims, public numbers.

Every fact has coordinates (text), an exact value (or a word) and a label for readers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from workflow.analysis.claims.expressions import Except, Selector
from workflow.analysis.claims.registry import Registry
from workflow.analysis.paper.author_logs import Logs
from workflow.analysis.paper.prints import Paper
from workflow.errors import UserError, nearest

Value = Fraction | str
Coordinates = Mapping[str, str]
ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V", "6": "VI"}
_SETTINGS = {"model": "model", "alpha": "alpha", "c": "c", "gamma": "gamma", "easy_hidden_units": "units"}
SWEPT = {"alpha": "α", "c": "c", "gamma": "γ", "units": "MLP_s"}


@dataclass(frozen=True)
class Fact:
    """One number or word, as printed (`text`) and exact."""

    at: Coordinates
    value: Value
    text: str

    @property
    def label(self) -> str:
        """Where the fact stands, for readers."""
        return label(self.at)


def label(at: Coordinates) -> str:
    """Coordinates in words.

    Examples
    --------
    >>> label({"source": "paper", "table": "3", "dataset": "frappe", "ssem": "SER", "dfm": "WSF", "metric": "auc"})
    'Table III frappe SER+WSF auc'
    >>> label({"figure": "7", "dataset": "frappe", "c": "0.7"})
    'Figure 7 frappe c 0.7'
    """
    source = at.get("source", "paper")
    if source in ("says", "cited"):
        return f"{at.get('claim', source)} {at['name']}"
    if source == "logs":
        return f"log {at['log']} {at.get('metric', '')}".strip()
    pair = "+".join(at[key] for key in ("ssem", "dfm") if key in at)
    rest = [at[key] for key in ("dataset", "model", "variant", "loss") if key in at]
    head = f"Table {ROMAN.get(at.get('table', ''), '?')}" if "table" in at else f"Figure {at.get('figure', '?')}"
    swept = [f"{sign} {at[key]}" for key, sign in SWEPT.items() if key in at]
    return " ".join(part for part in (head, *rest, pair, *swept, at.get("metric", "")) if part)


class Facts:
    """All facts of the layers one and two, in the order of their files."""

    def __init__(self, facts: Iterator[Fact]) -> None:
        self.by_source: dict[str, list[Fact]] = {"paper": [], "logs": [], "says": [], "cited": [], "runs": []}
        # Thousands of facts are asked thousands of times: by source, coordinate and its value, places in `by_source`.
        self._by: dict[tuple[str, str, str], set[int]] = {}
        self.logs: dict[str, dict[str, Value]] = {}  # by name: column → value
        for fact in facts:
            source = fact.at["source"]
            self.by_source[source].append(fact)
            if source == "logs":
                self.logs.setdefault(fact.at["log"], {})[fact.at["metric"]] = fact.value
            for key, value in fact.at.items():
                self._by.setdefault((source, key, value), set()).add(len(self.by_source[source]) - 1)

    def select(self, selector: Selector, item: Coordinates) -> list[Fact]:
        """Find the facts that a selector names, at an item.

        Raises
        ------
        UserError
            When the selector refers to a coordinate that the item lacks.
        """
        wanted = resolve(selector, item)
        facts, empty = self.by_source[selector.source], set[int]()
        exact = {key: value for key, value in wanted.items() if isinstance(value, str)}
        places = [self._by.get((selector.source, key, value), empty) for key, value in exact.items()]
        pool = [facts[place] for place in sorted(set.intersection(*places))] if places else facts
        return [fact for fact in pool if matches(fact.at, wanted)]


Wanted = Mapping[str, str | tuple[str, ...] | Except]


def resolve(selector: Selector, item: Coordinates) -> Wanted:
    """Put the item's coordinates in the place of `$name`."""

    def at(value: str) -> str:
        if not value.startswith("$"):
            return value
        if value[1:] not in item:
            raise UserError(
                f"selector refers to {value}, but the item has no such coordinate; {nearest(value[1:], item)}"
            )
        return item[value[1:]]

    found: dict[str, str | tuple[str, ...] | Except] = {}
    for key, value in selector.coordinates().items():
        match value:
            case str():
                found[key] = at(value)
            case Except():
                found[key] = Except(other_than=tuple(map(at, value.other_than)))
            case _:
                found[key] = tuple(map(at, value))
    return found


def matches(at: Coordinates, wanted: Wanted) -> bool:
    """Whether coordinates fit; a coordinate that is wanted must be there."""
    for key, value in wanted.items():
        have = at.get(key)
        if have is None:
            return False
        if isinstance(value, Except):
            if have in value.other_than:
                return False
        elif have != value and (isinstance(value, str) or have not in value):
            return False
    return True


def facts_of(paper: Paper, registry: Registry, logs: Logs) -> Facts:
    """Gather the facts of the printed tables, the claims and the authors' logs."""

    def everything() -> Iterator[Fact]:
        for printed in paper.prints:
            if printed.metric == "split":
                parts = [int(part) for part in printed.text.split(":")]
                for name, part in zip(("train", "valid", "test"), parts, strict=True):
                    at = {"source": "paper", **printed.at, "metric": f"{name}_share"}
                    yield Fact(at, Fraction(part, sum(parts)), f"{part} of {printed.text}")
            elif "table" in printed.at:
                yield Fact({"source": "paper", **printed.at, "metric": printed.metric}, printed.value, printed.text)
        yield from _says(registry)
        yield from _logs(logs)

    return Facts(everything())


# -- claims, sources, logs ------------------------------------------------------------


def word(text: str) -> Value:
    """Read a quoted number exactly; anything else stays a word.

    Examples
    --------
    >>> word("0.10"), word("[400, 400]")
    (Fraction(1, 10), '[400, 400]')
    """
    try:
        return Fraction(text.replace(",", ""))
    except (ValueError, ZeroDivisionError):
        return text


def _says(registry: Registry) -> Iterator[Fact]:
    for claim in registry.claims:
        for name, text in claim.says.items():
            yield Fact({"source": "says", "claim": claim.id, "name": name}, word(text), text)


def _logs(logs: Logs) -> Iterator[Fact]:
    for row in logs:
        at = _log_coordinates(row)
        for column, text in row.items():
            if text != "":
                yield Fact({**at, "metric": column}, word(text), text)


def _log_coordinates(row: Mapping[str, str]) -> dict[str, str]:
    """A log's settings. Logs write `none` where the paper says Share and Sum."""
    at = {"source": "logs", "dataset": row["dataset"].lower(), "log": row["log"].removesuffix(".log")[-8:]}
    at |= {ours: row[theirs] for theirs, ours in _SETTINGS.items() if row[theirs] != ""}
    for ours, theirs, none in (("ssem", "SSM", "Share"), ("dfm", "DFM", "Sum")):
        if row[theirs] != "":
            at[ours] = none if row[theirs] == "none" else row[theirs]
    return at
