"""What a claim may demand: checks, as typed data.

Each check has one evaluator. Selectors and expressions, which checks are made of, are in
`expressions`.
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


class Function(Strict):
    """A check that only one claim or two need, as a named function of `claims.functions`."""

    test: Literal["function"]
    name: str


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


PaperCheck = Annotated[Relation | Optimum | Present | Function, Field(discriminator="test")]
LogCheck = Annotated[Relation | Optimum | Present | Coverage | Function, Field(discriminator="test")]

# -- checks of our runs ----------------------------------------------------------------


class RunCells(Strict):
    """Every printed cell comes out within 0.001 AUC."""

    test: Literal["cells"]
    cells: Selector


class RunGain(Strict):
    """Each item beats, or with `sense: below` is beaten by, all that `over` selects together.

    Tests on the seeds' scores decide: against the best of the selected, as Table IV does. `by` is
    a bar in points that the gain must pass; `size` a gain in points that ours must not fall short of;
    `level` is that of the test, 0.05 unless the claim prints another.
    """

    test: Literal["gain"]
    each: Selectors
    sense: Literal["above", "below"] = "above"
    over: Selector
    by: Literal_ | None = None
    level: Literal_ = "0.05"
    size: Expression | None = None
    need: Need = "all"


class RunOptimum(Strict):
    """Each item is better than every other that `among` selects."""

    test: Literal["optimum"]
    each: Selectors
    among: Selector


class RunTrend(Strict):
    """Scores rise or fall along a swept parameter, on each dataset that a selector of `each` names.

    A least-squares slope per seed, whose mean over seeds is tested: seeds are common to all points.
    """

    test: Literal["trend"]
    each: Selectors
    along: Literal["alpha", "c", "gamma"]
    sense: Literal["rising", "falling"]


class RunRatio(Strict):
    """Seconds of each item over those of `over` lie within `within` of `near`, times of a round together.

    With `less`, the ratio of that cell to `over` is taken off first. Two one-sided t tests over
    rounds say whether the mean surely lies inside, and one of them whether it surely lies outside.
    """

    test: Literal["ratio"]
    each: Selectors
    over: Selector
    less: Selector | None = None
    near: Expression
    within: Literal_ = "0.1"


class RunAverage(Strict):
    """The mean over all items of a score, or with `over` of a gain, is no less than `size`, or `near` it.

    Each item's error over seeds counts; items are independent. `size` is a gain that must be above 0
    too and not surely smaller; `near` a score that must surely lie within 0.1 points, as numbers do.
    """

    test: Literal["average"]
    each: Selectors
    over: Selector | None = None
    size: Expression | None = None
    near: Expression | None = None


RunCheck = Annotated[
    RunCells | RunGain | RunOptimum | RunTrend | RunRatio | RunAverage | Function, Field(discriminator="test")
]

# -- checks of what others published ----------------------------------------------------


class Baselines(Strict):
    """No printed AUC that `cells` selects is below what others published for the same model and dataset."""

    test: Literal["baselines"]
    cells: Selector


class Leads(Strict):
    """The printed AUC of `cell` is above the best that others had published, of any model, when the paper appeared."""

    test: Literal["leads"]
    cell: Selector


PublishedCheck = Annotated[Baselines | Leads, Field(discriminator="test")]
