"""What a claim may demand: checks, as typed data.

Each check has one evaluator; there is no code per claim. Selectors and expressions, which
checks are made of, are in `claims_expressions`.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from workflow.analysis.claims.expressions import Expression, Literal_, Selector, Selectors, Strict

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
