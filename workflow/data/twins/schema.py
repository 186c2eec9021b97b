"""The schema of each dataset's twin: columns, planted pairs, rate of positives."""

from functools import cache
from pathlib import Path
from typing import Literal

from workflow.plan.config import DatasetConfig
from workflow.plan.reading import read_yaml
from workflow.settings import Frozen
from workflow.spec import FieldSpec, Preparation

FILE = Path(__file__).with_name("schemas.yaml")
Kind = Literal["id", "hex", "key", "word", "genres", "artist", "isrc", "age", "count"]


class Column(Frozen):
    """One raw column of a twin."""

    name: str
    cardinality: int
    kind: Kind = "id"
    skew: float = 2.0  # 1: all values alike; above: the first ones are frequent, with a long tail
    missing: float = 0.0
    effect: float = 1.0  # weight of its main effect
    words: tuple[str, ...] = ()
    separator: str = "|"  # of list columns


class Schema(Frozen):
    """A whole twin."""

    columns: tuple[Column, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()  # columns whose product affects the label
    positive_rate: float = 0.3
    real_rows: int = 100_000
    line_end: str = "\n"


_KINDS: dict[str, Kind] = {"country": "isrc", "age_bucket": "age"}
_KINDS |= dict.fromkeys(("squared_log", "quantiles", "standard", "log"), "count")
_DEFAULT_SIZES = (2000, 1000, 200, 50, 12, 6)


@cache
def _known() -> dict[str, Schema]:
    return {name: Schema.model_validate(values) for name, values in read_yaml(FILE).items()}


def schema_of(config: DatasetConfig, preparation: Preparation) -> Schema:
    """The schema of a dataset's twin; columns that it lacks are added from the field list."""
    known = _known().get(config.name, Schema())
    names = [column.name for column in known.columns]
    added = [_default_column(field, place) for place, field in enumerate(preparation.fields) if field.name not in names]
    group = preparation.group
    if group is not None and group not in names + [column.name for column in added]:
        added.append(Column(name=group, cardinality=2000, skew=1.6))
    columns = (*known.columns, *added)
    pairs = known.pairs or tuple((a.name, b.name) for a, b in zip(columns[::2], columns[1::2], strict=False))
    return known.model_copy(update={"columns": columns, "pairs": pairs})


def _default_column(field: FieldSpec, place: int) -> Column:
    size = _DEFAULT_SIZES[place % len(_DEFAULT_SIZES)]
    if field.list is not None:
        return Column(name=field.name, cardinality=size, kind="genres", separator=field.list.separator)
    kind = _KINDS.get(field.transform, "id")
    return Column(name=field.name, cardinality=size, kind=kind, missing=0.02)
