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
    """Every printed cell is what our runs predict.

    One in twenty prints would lie outside of its interval if all were true: as many as chance allows
    (binomial, 95 %) may, if none is refuted after Holm. Cells that tell nothing do not count.
    """

    test: Literal["cells"]
    cells: Selector


class RunGain(Strict):
    """Each item beats, or with `sense: below` is beaten by, all that `over` selects together.

    Tests on the seeds' scores decide: against the best of the selected, as Table IV does. `by` is
    a bar in points that the gain must pass; `size` a gain in points that ours must not fall short of;
    `level` is that of the test, 0.05 unless the claim prints another. `mean_over` takes the mean, seed
    by seed, over cells that differ in these coordinates only, on both sides. `matched` replaces `over`
    where it names a cell: the row that has all of the item's settings, beside which the paper's own stays visible.
    """

    test: Literal["gain"]
    each: Selectors
    sense: Literal["above", "below"] = "above"
    over: Selector
    matched: Selector | None = None
    mean_over: tuple[str, ...] = ()
    by: Literal_ | None = None
    level: Literal_ = "0.05"
    size: Expression | None = None
    need: Need = "all"


class RunSpread(Strict):
    """On each dataset the best and the worst of the cells lie at most, or at least, `by` points apart.

    Which are best and worst is known only after the fact: a wider gap pays for the choice among all
    pairs, and for a narrower one every pair has to be within (two one-sided tests).
    """

    test: Literal["spread"]
    each: Selectors
    sense: Literal["at_most", "at_least"]
    by: Expression


class RunCloser(Strict):
    """On each dataset of `each` the cells lie closer together, best to worst, than those of each dataset of `than`.

    Each gap is bounded from above by the pair that may be widest and from below by the pair that
    surely is, all pairs paid for, either at half the error rate; the claim holds where the bounds are apart.
    """

    test: Literal["closer"]
    each: Selectors
    than: Selector


class RunRank(Strict):
    """Each item has this rank among the cells that `among` selects, counted from one end.

    Ranks from 1 + the rivals that surely lie before it to those that may; Holm over its rivals. The
    claim holds where that is the rank alone, and fails where the rank is not among them.
    """

    test: Literal["rank"]
    each: Selectors
    among: Selector
    rank: Expression
    end: Literal["top", "bottom"] = "top"
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

    Items are independent. A gain has the errors of its seeds and its test sets; `size` is what it must
    be above 0 and not surely smaller than. `near` is a print, which is one more run on each dataset: it
    must lie in the prediction interval, no wider than 0.1 points, as for a single number.
    """

    test: Literal["average"]
    each: Selectors
    over: Selector | None = None
    size: Expression | None = None
    near: Expression | None = None


RunCheck = Annotated[
    RunCells | RunGain | RunSpread | RunCloser | RunRank | RunOptimum | RunTrend | RunRatio | RunAverage | Function,
    Field(discriminator="test"),
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
