"""How a claim names facts and computes with them: selectors and expressions, as typed data.

A selector names facts by their coordinates. `$name` stands for the coordinate `name` of
the item at hand. Expressions combine facts with exact arithmetic.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from workflow.errors import nearest
from workflow.settings import Frozen


def _text(value: Any) -> Any:
    """Coordinates are text; numbers are written as they are printed."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(value)


def _texts(value: Any) -> Any:
    return [_text(part) for part in value] if isinstance(value, list | tuple) else _text(value)


class Strict(Frozen):
    """Names an unknown key and the one that was meant, at any depth of a check."""

    @model_validator(mode="before")
    @classmethod
    def _known(cls, values: Any) -> Any:
        for key in values if isinstance(values, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(f"{key}: unknown key; {nearest(str(key), cls.model_fields)}")
        return values


class Except(Strict):
    """Every value but these."""

    other_than: Annotated[tuple[str, ...], BeforeValidator(_texts), Field(min_length=1)]


Match = Annotated[str | tuple[str, ...] | Except, BeforeValidator(_texts)]


class Selector(Strict):
    """Which facts: every coordinate given must match; `source` is the printed tables by default.

    `runs` are the cells of our experiments, printed or not.
    """

    source: Literal["paper", "logs", "says", "cited", "runs"] = "paper"
    table: Match | None = None
    dataset: Match | None = None
    model: Match | None = None
    loss: Match | None = None
    ssem: Match | None = None
    dfm: Match | None = None
    variant: Match | None = None
    metric: Match | None = None
    # logs
    log: Match | None = None
    units: Match | None = None  # of the simple encoder
    alpha: Match | None = None
    c: Match | None = None
    gamma: Match | None = None
    # words and numbers of claims and of public sources
    claim: Match | None = None
    name: Match | None = None
    # sweeps
    figure: Match | None = None

    def coordinates(self) -> dict[str, str | tuple[str, ...] | Except]:
        """The coordinates that are given."""
        return {key: value for key, value in self if value is not None}


# -- expressions ----------------------------------------------------------------------


def _exact(value: Any) -> Any:
    if isinstance(value, str):
        try:
            Decimal(value.replace(",", ""))
        except ArithmeticError as error:
            raise ValueError("not a number; write a number in quotes, or $item") from error
    elif isinstance(value, int | float):
        raise ValueError("write the number in quotes, so that it stays exact")
    return value


Literal_ = Annotated[str, BeforeValidator(_exact)]
Item = Literal["$item"]
Reduce = Literal["one", "sum", "mean", "min", "max", "spread", "count", "distinct"]


class Cells(Strict):
    """Facts reduced to one value; `one` demands that exactly one fact matches."""

    cells: Selector
    reduce: Reduce = "one"


class Says(Strict):
    """A number or word that a claim quotes: `name` of this claim, or `ID:name` of another."""

    says: str


class Difference(Strict):
    """First minus second."""

    minus: "tuple[Expression, Expression]"


class Ratio(Strict):
    """First divided by second."""

    over: "tuple[Expression, Expression]"


class Sum(Strict):
    """Sum of all."""

    plus: "tuple[Expression, ...]"


class Product(Strict):
    """Product of all."""

    times: "tuple[Expression, ...]"


class Rank(Strict):
    """1 + how many of `among` lie strictly above (or, from the bottom, below) the value. Ties share."""

    rank: "Expression"
    among: Selector
    end: Literal["top", "bottom"] = "top"


_OPERATORS = {"cells": Cells, "says": Says, "minus": Difference, "over": Ratio}
_OPERATORS |= {"plus": Sum, "times": Product, "rank": Rank}


def _operator(value: Any) -> str:
    """Tell which expression it is: text, or the operator that the mapping has."""
    if isinstance(value, dict):
        return next((key for key in _OPERATORS if key in value), str(next(iter(value), "empty")))
    if isinstance(value, Frozen):
        return next(key for key, cls in _OPERATORS.items() if isinstance(value, cls))
    return "item" if value == "$item" else "number"


Expression = Annotated[
    Annotated[Item, Tag("item")]
    | Annotated[Literal_, Tag("number")]
    | Annotated[Cells, Tag("cells")]
    | Annotated[Says, Tag("says")]
    | Annotated[Difference, Tag("minus")]
    | Annotated[Ratio, Tag("over")]
    | Annotated[Sum, Tag("plus")]
    | Annotated[Product, Tag("times")]
    | Annotated[Rank, Tag("rank")],
    Discriminator(_operator),
]

Selectors = Annotated[
    tuple[Selector, ...], BeforeValidator(lambda value: [value] if isinstance(value, dict) else value)
]
