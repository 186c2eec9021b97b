"""Facts that checks select from: printed cells, the authors' logs, words of claims, public numbers.

Every fact has coordinates (text), an exact value (or a word) and a label for readers.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from workflow.analysis.claims.expressions import Except, Selector
from workflow.analysis.claims.registry import Registry
from workflow.analysis.evidence.prints import Paper, Table1, Table2, Table3, Table4, Table5, Table6
from workflow.config import ROOT
from workflow.errors import UserError, nearest

Value = Fraction | str
Coordinates = Mapping[str, str]
ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V", "6": "VI"}
LOGS_PATH = ROOT / "paper" / "author_logs.csv"
_SETTINGS = {"model": "model", "alpha": "alpha", "c": "c", "gamma": "gamma", "easy_hidden_units": "units"}
INDEXED = frozenset({"log", "metric", "table", "dataset", "claim"})
_NEEDED = ("dataset", "log", "SSM", "DFM", *_SETTINGS, "seed", "test_auc", "test_gauc")


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
    """
    source = at["source"]
    if source in ("says", "cited"):
        return f"{at.get('claim', source)} {at['name']}"
    if source == "logs":
        return f"log {at['log']} {at.get('metric', '')}".strip()
    pair = "+".join(at[key] for key in ("ssem", "dfm") if key in at)
    rest = [at[key] for key in ("dataset", "model", "variant", "loss") if key in at]
    head = f"Table {ROMAN.get(at.get('table', ''), '?')}" if "table" in at else f"Figure {at.get('figure', '?')}"
    return " ".join(part for part in (head, *rest, pair, at.get("metric", "")) if part)


class Facts:
    """All facts of the layers one and two, in the order of their files."""

    def __init__(self, facts: Iterator[Fact]) -> None:
        self.by_source: dict[str, list[Fact]] = {"paper": [], "logs": [], "says": [], "cited": []}
        # Thousands of facts are asked thousands of times, nearly always for a single log, metric or table.
        self._by: dict[tuple[str, str, str], list[Fact]] = {}
        self.logs: dict[str, dict[str, Value]] = {}  # by name: column → value
        for fact in facts:
            source = fact.at["source"]
            self.by_source[source].append(fact)
            if source == "logs":
                self.logs.setdefault(fact.at["log"], {})[fact.at["metric"]] = fact.value
            for key in INDEXED & fact.at.keys():
                self._by.setdefault((source, key, fact.at[key]), []).append(fact)

    def select(self, selector: Selector, item: Coordinates) -> list[Fact]:
        """Find the facts that a selector names, at an item.

        Raises
        ------
        UserError
            When the selector refers to a coordinate that the item lacks.
        """
        wanted = resolve(selector, item)
        keys = [(selector.source, key, value) for key, value in wanted.items() if key in INDEXED]
        pools = [self._by.get((source, key, value), []) for source, key, value in keys if isinstance(value, str)]
        pool = min(pools, key=len, default=self.by_source[selector.source])
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


def load_facts(paper: Paper, registry: Registry, logs: Path = LOGS_PATH) -> Facts:
    """Gather the facts of the printed tables, the claims and the authors' logs.

    Raises
    ------
    UserError
        When the table of logs is missing or lacks a column.
    """

    def everything() -> Iterator[Fact]:
        for source in _paper(paper), _says(registry), _logs(logs):
            yield from source

    return Facts(everything())


# -- printed tables -------------------------------------------------------------------


def _fact(value: Decimal | int | str, **at: str) -> Fact:
    exact = Fraction(value) if isinstance(value, Decimal | int) else value
    return Fact({"source": "paper", **at}, exact, str(value))


def _paper(paper: Paper) -> Iterator[Fact]:
    yield from _table_1(paper.table_1)
    yield from _table_2(paper.table_2)
    yield from _table_3(paper.table_3)
    yield from _table_4(paper.table_4)
    yield from _table_5(paper.table_5)
    yield from _table_6(paper.table_6)


def _table_1(table: Table1) -> Iterator[Fact]:
    for dataset, row in table.datasets.items():
        for metric in ("instances", "fields", "features"):
            yield _fact(getattr(row, metric), table="1", dataset=dataset, metric=metric)
        parts = [int(part) for part in row.split.split(":")]
        for metric, part in zip(("train", "valid", "test"), parts, strict=True):
            share = Fraction(part, sum(parts))
            at = {"source": "paper", "table": "1", "dataset": dataset, "metric": f"{metric}_share"}
            yield Fact(at, share, f"{part} of {row.split}")


def _table_2(table: Table2) -> Iterator[Fact]:
    for model, group in table.models.items():
        for loss, row in group.losses.items():
            for metric, values in (("auc", row.auc), ("gain", row.gain)):
                for dataset, value in values.items():
                    yield _fact(value, table="2", model=model, loss=loss, dataset=dataset, metric=metric)
            for metric, value in (("mean_auc", row.mean_auc), ("mean_gain", row.mean_gain)):
                if value is not None:
                    yield _fact(value, table="2", model=model, loss=loss, metric=metric)


def _table_3(table: Table3) -> Iterator[Fact]:
    for dataset, cells in table.datasets.items():
        for name, cell in cells.items():
            ssem, dfm = name.split("+")
            for metric, value in (("auc", cell.auc), ("gauc", cell.gauc)):
                yield _fact(value, table="3", dataset=dataset, ssem=ssem, dfm=dfm, metric=metric)


def _table_4(table: Table4) -> Iterator[Fact]:
    for dataset, row in table.datasets.items():
        for model, value in row.auc.items():
            yield _fact(value, table="4", dataset=dataset, model=model, metric="auc")
        yield _fact(row.p_value, table="4", dataset=dataset, metric="p_value")


def _table_5(table: Table5) -> Iterator[Fact]:
    for model, row in table.models.items():
        for dataset in row.plain:
            at = {"table": "5", "model": model, "dataset": dataset}
            yield _fact(row.plain[dataset], **at, variant="plain", metric="auc")
            yield _fact(row.framework[dataset], **at, variant="framework", metric="auc")
            yield _fact(row.gain[dataset], **at, variant="framework", metric="gain")


def _table_6(table: Table6) -> Iterator[Fact]:
    for model, row in table.models.items():
        for metric in ("train_s", "infer_s"):
            yield _fact(getattr(row, metric), table="6", model=model, metric=metric)
        for metric in ("train_ratio", "infer_ratio"):
            printed = getattr(row, metric)
            if printed is not None:
                yield _fact(Decimal(printed.removesuffix("x")), table="6", model=model, metric=metric)


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
    for source in registry.sources:
        yield Fact({"source": "cited", "name": source.name}, word(source.value), source.value)


def _logs(path: Path) -> Iterator[Fact]:
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); restore it from the repository") from error
    missing = [name for name in _NEEDED if not rows or name not in rows[0]]
    if missing:
        raise UserError(f"{path}: has no row or lacks column {missing[0]!r}; restore it from the repository")
    for row in rows:
        at = _log_coordinates(row)
        for column, text in row.items():
            if text != "":
                yield Fact({**at, "metric": column}, word(text), text)


def _log_coordinates(row: Mapping[str, Any]) -> dict[str, str]:
    """A log's settings. Logs write `none` where the paper says Share and Sum."""
    at = {"source": "logs", "dataset": row["dataset"].lower(), "log": row["log"].removesuffix(".log")[-8:]}
    at |= {ours: row[theirs] for theirs, ours in _SETTINGS.items() if row[theirs] != ""}
    for ours, theirs, none in (("ssem", "SSM", "Share"), ("dfm", "DFM", "Sum")):
        if row[theirs] != "":
            at[ours] = none if row[theirs] == "none" else row[theirs]
    return at
