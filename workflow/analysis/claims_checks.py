"""What a claim may demand: selectors, expressions and checks, as typed data.

A selector names facts by their coordinates. `$name` stands for the coordinate `name` of
the item at hand. Expressions combine facts with exact arithmetic. Each check has one
evaluator; there is no code per claim.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, PositiveInt, Tag, model_validator

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
    """Which facts: every coordinate given must match; `source` is the printed tables by default."""

    source: Literal["paper", "logs", "says", "cited"] = "paper"
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


class Facts(Strict):
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


_OPERATORS = {"cells": Facts, "says": Says, "minus": Difference, "over": Ratio}
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
    | Annotated[Facts, Tag("cells")]
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
Need = Literal["all", "majority", "some", "none"]

# -- checks of printed numbers and of logs ---------------------------------------------

Operator = Literal["equals", "differs", "truncates_to", "rounds_to", "above", "at_least", "below", "at_most", "near"]


class Relation(Strict):
    """A relation of two expressions; with `each`, of every item, and `need` says of how many.

    `near` allows `within` either way.
    """

    test: Literal["relation"]
    each: Selectors = ()
    left: Expression
    op: Operator
    right: Expression
    within: Literal_ = "0"
    need: Need = "all"


class Optimum(Strict):
    """Each item is the best of those that `among` selects; `ties` says whether a shared best counts."""

    test: Literal["optimum"]
    each: Selectors
    among: Selector
    best: Literal["max", "min"] = "max"
    ties: Literal["count", "fail"] = "count"
    need: Need = "all"


class Present(Strict):
    """At least `at_least` such facts exist."""

    test: Literal["present"]
    cells: Selector
    at_least: PositiveInt = 1


class Spread(Strict):
    """The pooled standard deviation that a p-value implies at the gap of its dataset."""

    test: Literal["p_value"]
    each: Selectors
    gap: Expression
    runs: PositiveInt
    below: Literal_


class Form(Strict):
    """A closed form in p: (offset ± p)^(γ + shift) · (1 − p), optionally times the exact bracket.

    `offset` is c, or m for 2 − c. `bracket` multiplies by [offset ± p ± γ p log p].
    """

    offset: Literal["c", "m"]
    sign: Literal["+", "-"]
    shift: int = -1
    bracket: bool = False


Settings = Annotated[tuple[Literal_, ...], Field(min_length=1)]


class Gradient(Strict):
    """The form is, up to a factor without p, the gradient of eq. 7's loss at the true class's logit."""

    test: Literal["gradient"]
    head: Literal["simple", "complex"]
    form: Form
    relation: Literal["equal", "proportional"]
    c: Settings
    gamma: Settings


class FusedGradient(Strict):
    """Eq. 13: the log loss of a sum of logits gives both encoders the gradient 1 − p."""

    test: Literal["fused_gradient"]


class Forms(Strict):
    """Two printed forms are equal, or differ, for every setting."""

    test: Literal["forms"]
    left: Form
    right: Form
    relation: Literal["equal", "differ"]
    c: Settings
    gamma: Settings


class Monotone(Strict):
    """The loss of a head falls with p everywhere, for every setting."""

    test: Literal["monotone"]
    head: Literal["simple", "complex"]
    c: Settings
    gamma: Settings


class Weight(Strict):
    """The modulating factor (1 − p)^γ stays below the bound for 0 < p < 1."""

    test: Literal["weight"]
    below: Literal_
    gamma: Settings


class LogRule(Strict):
    """Which logs may support which cells; `$name` is the cell's coordinate."""

    cells: Selector
    logs: Selector


class Coverage(Strict):
    """Every printed cell has a log whose values print the same under `rule`.

    `metrics` pairs a cell's metric with a log's column. Values of logs are multiplied by
    `scale` first. A cell is what `cells` selects, less its metric.
    """

    test: Literal["coverage"]
    cells: Selector
    metrics: dict[str, str]
    logs: tuple[LogRule, ...] = ()
    scale: Literal_ = "1"
    rule: Literal["truncate", "round"] = "truncate"


class Selection(Strict):
    """Where several logs compete for a cell and one gives the print, it is the best by `columns`' sum."""

    test: Literal["selection"]
    cells: Selector
    metrics: dict[str, str]
    logs: Selector
    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    scale: Literal_ = "1"


class Repeats(Strict):
    """Configurations that were logged with at least `seeds` different seeds; `count` of them are needed."""

    test: Literal["repeats"]
    logs: Selector
    seeds: PositiveInt
    count: PositiveInt = 1


PaperCheck = Annotated[
    Relation | Optimum | Present | Spread | Gradient | FusedGradient | Forms | Monotone | Weight,
    Field(discriminator="test"),
]
LogCheck = Annotated[
    Relation | Optimum | Present | Coverage | Selection | Repeats,
    Field(discriminator="test"),
]

# -- checks of our runs ----------------------------------------------------------------


class RunCells(Strict):
    """Every printed cell comes out within 0.001 AUC."""

    test: Literal["cells"]
    cells: Selector


class RunGain(Strict):
    """Each item beats, or with `sense: below` is beaten by, all that `over` selects.

    Tests on the seeds' scores decide. `by` is a bar in points that the gain must pass;
    `size` a gain in points that ours must not fall short of.
    """

    test: Literal["gain"]
    each: Selectors
    sense: Literal["above", "below"] = "above"
    over: Selector
    by: Literal_ | None = None
    size: Expression | None = None
    need: Need = "all"


class RunOptimum(Strict):
    """Each item is better than every other that `among` selects."""

    test: Literal["optimum"]
    each: Selectors
    among: Selector


class RunParameters(Strict):
    """The difference of two models' parameter counts; no randomness is in it."""

    test: Literal["parameters"]
    each: Selectors
    less: Selector
    equals: Expression


RunCheck = Annotated[RunCells | RunGain | RunOptimum | RunParameters, Field(discriminator="test")]
