"""Declarations of a tuned experiment: models, the dimensions of their settings, and the number of draws.

Draws are uniform in [0, 1), one stream per dataset, dimension and, for a model's own dimensions, model. A stream
depends on nothing else: another model or dimension, or fewer trials, changes no other draw.
"""

import hashlib
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from workflow.plan.names import Label, Name
from workflow.plan.partial import Partial
from workflow.settings import Frozen, NonNegativeInt, PositiveInt
from workflow.spec import Seed, Seeds

Range = tuple[float, float]
DIGITS = 3  # of a drawn number: its last digits differ between machines, and a run's identity must not


class Dimension(Frozen):
    """The distribution of one setting: values of equal weight, or a range with uniform values or logarithms."""

    choice: Annotated[tuple[Any, ...], Field(min_length=1)] | None = None
    uniform: Range | None = None
    log_uniform: Range | None = None

    @model_validator(mode="after")
    def _one_distribution(self) -> Self:
        ranges = [bounds for bounds in (self.uniform, self.log_uniform) if bounds is not None]
        if len(ranges) + (self.choice is not None) != 1:
            raise ValueError("must have exactly one of choice, uniform, log_uniform")
        if any(low >= high for low, high in ranges) or (self.log_uniform and self.log_uniform[0] <= 0):
            raise ValueError("a range must be [low, high] with low < high, and low > 0 for log_uniform")
        return self

    def at(self, draw: float) -> Any:
        """The value whose cumulative probability is `draw`, in [0, 1); numbers have three significant digits.

        >>> Dimension(choice=("a", "b")).at(0.5), Dimension(log_uniform=(0.01, 1.0)).at(0.5)
        ('b', 0.1)
        """
        if self.choice is not None:
            return self.choice[int(draw * len(self.choice))]
        if self.log_uniform is not None:
            low, high = self.log_uniform
            value = low * (high / low) ** draw
        else:
            assert self.uniform is not None
            low, high = self.uniform
            value = low + (high - low) * draw
        return float(f"{value:.{DIGITS}g}")


Dimensions = dict[str, Dimension]  # by dotted key, such as optimizer.embedding_l2


class TunedModel(Frozen):
    """A model to tune: fixed settings as an arm has them, and dimensions of its own beside the shared ones."""

    label: Label
    at: dict[Name, str] = {}  # its coordinates; by default {model: its label}
    model: Partial
    loss: Partial = {"name": "log"}
    optimizer: Partial = {}
    training: Partial = {}
    own: Dimensions = {}  # a key that is shared, too, is drawn from here for this model
    own_on: dict[Name, Dimensions] = {}  # by dataset: in place of those of `own` with the same key


class Budget(Frozen):
    """The number of runs of a model on one dataset, and the dimensions drawn there."""

    trials: PositiveInt | None = None
    finalists: PositiveInt | None = None
    models: tuple[Label, ...] | None = None  # None: all
    shared: Dimensions = {}  # in place of the experiment's with the same key


class Tuning(Frozen):
    """How an experiment tunes its models, all with the same budget and the same draws of the shared dimensions.

    Every trial is a run with `trial_seed`. The `finalists` best by validation are run with `finalist_seeds`, too; the
    best of them by mean validation is run with the experiment's seeds, which no choice has seen.
    """

    draw_seed: NonNegativeInt
    trial_seed: Seed
    finalist_seeds: Seeds
    trials: PositiveInt
    finalists: PositiveInt
    shared: Dimensions = {}
    datasets: dict[Name, Budget] = {}
    models: Annotated[tuple[TunedModel, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        labels = [model.label for model in self.models]
        if len(set(labels)) != len(labels):
            raise ValueError("two models have the same label")
        if self.trial_seed in self.finalist_seeds:
            raise ValueError(f"trial_seed {self.trial_seed} is a finalist seed, too; take another")
        for name, budget in self.datasets.items():
            for label in budget.models or ():
                if label not in labels:
                    raise ValueError(f"datasets.{name}.models: no model {label!r}; there are {', '.join(labels)}")
        return self


class TuningChanges(Frozen):
    """Changes of a campaign to its tuned experiments: fewer trials, models and datasets, and its own models."""

    datasets: tuple[Name, ...] | None = None  # None: all that the experiment runs on
    trials: PositiveInt | None = None
    finalists: PositiveInt | None = None
    models: tuple[Label, ...] | None = None  # labels to keep, also of `add`; None: all
    add: tuple[TunedModel, ...] = ()


def draws(seed: int, dataset: str, model: str, key: str, trials: int) -> list[float]:
    """Uniform draws of one dimension; `model` is empty for a shared one."""
    import numpy as np  # noqa: PLC0415 (most commands draw nothing)

    stream = hashlib.sha256(f"{dataset}\n{model}\n{key}".encode()).digest()[:8]
    return np.random.default_rng([seed, int.from_bytes(stream, "big")]).random(trials).tolist()
