"""From a tuned experiment to cells: trials, then finalists, then the chosen setting.

Each stage is an ordinary experiment with one arm per candidate, so that its runs are runs as all others. The second
and third need what the stage before has shown; `Chosen` says which of its candidates go on, or that it is not known
yet. The plan itself reads no result.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workflow.errors import UserError, nearest
from workflow.files import sha256_json
from workflow.plan.cells import Cell, expand
from workflow.plan.config import Arm, CampaignConfig, ExperimentConfig
from workflow.plan.space import Budget, TunedModel, Tuning, draws
from workflow.settings import LOSS_CLASSES, MODEL_CLASSES

TRIAL, FINALIST, FINAL = "trial", "finalist", "final"  # the coordinate `stage` of a tuned experiment's cells


@dataclass(frozen=True)
class Round:
    """Candidates of one model on one dataset, of which the `keep` best by validation go on."""

    experiment: str
    dataset: str
    model: str  # the label
    stage: str  # TRIAL or FINALIST
    candidates: tuple[Cell, ...]
    keep: int

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Its place, independent of its candidates."""
        return self.experiment, self.dataset, self.model, self.stage

    @cached_property
    def id(self) -> str:
        """Identity of the question: 12 hex digits over the candidates' runs and how many are kept."""
        return sha256_json([[[run.key for run in cell.runs] for cell in self.candidates], self.keep])[:12]

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the candidates' runs."""
        return frozenset(run.key for cell in self.candidates for run in cell.runs)

    @property
    def path(self) -> Path:
        """The path of its choice."""
        return choice_path(self.candidates[0].runs[0].dataset.name, self.id)


def choice_path(dataset: str, round_id: str) -> Path:
    """Where a choice lies, below the working directory; campaigns share it as they share runs."""
    return Path("results/choices", dataset, f"{round_id}.json")


Chosen = Callable[[Round], tuple[int, ...] | None]  # positions of the candidates that go on; None: not known yet


def undecided(_: Round) -> None:
    """Nothing is chosen yet."""


def foreseen(one: Round) -> tuple[int, ...]:
    """The first candidates, in place of those that results will name: for counting runs and hours."""
    return tuple(range(one.keep))


@dataclass(frozen=True)
class Tuned:
    """One model on one dataset, as far as what is chosen is known."""

    cells: tuple[Cell, ...]
    rounds: tuple[Round, ...]


def tuned(campaign: CampaignConfig, experiment: ExperimentConfig, dataset: str, chosen: Chosen) -> list[Tuned]:
    """Every model of a tuned experiment on one dataset."""
    tuning = experiment.tuning
    assert tuning is not None
    seeds = campaign.seeds or experiment.seeds
    seen = {tuning.trial_seed, *tuning.finalist_seeds} & set(seeds)
    if seen:
        where = f"experiment {experiment.name}: seeds: {min(seen)}"
        raise UserError(f"{where} is a seed that settings are chosen with; results need another")
    models = _models(campaign, experiment.name, tuning, dataset)
    return [_tuned(campaign, experiment, tuning, dataset, model, chosen) for model in models]


def _models(campaign: CampaignConfig, experiment: str, tuning: Tuning, dataset: str) -> list[TunedModel]:
    changes, labels = campaign.tuning, [model.label for model in (*tuning.models, *campaign.tuning.add)]
    where = f"campaign {campaign.campaign}: tuning"
    for label in labels:
        if labels.count(label) > 1:
            raise UserError(f"{where}.add: {label!r} is the label of another model; rename it")
    for label in changes.models or ():
        if label not in labels:
            raise UserError(f"{where}.models: experiment {experiment} has no {label!r}; {nearest(label, labels)}")
    budget = tuning.datasets.get(dataset, Budget())
    for key in {**tuning.shared, **budget.shared}:
        if not any(_has(model, key) for model in (*tuning.models, *changes.add)):
            raise UserError(f"experiment {experiment}: tuning.shared: {key}: no model has this setting; correct it")
    here = budget.models
    shipped = [model for model in tuning.models if here is None or changes.models or model.label in here]
    models = [*shipped, *changes.add]
    return [model for model in models if changes.models is None or model.label in changes.models]


def _tuned(
    campaign: CampaignConfig,
    experiment: ExperimentConfig,
    tuning: Tuning,
    dataset: str,
    model: TunedModel,
    chosen: Chosen,
) -> Tuned:
    budget = tuning.datasets.get(dataset, Budget())
    trials = campaign.tuning.trials or budget.trials or tuning.trials
    finalists = min(campaign.tuning.finalists or budget.finalists or tuning.finalists, trials)
    points = points_of(tuning, model, dataset, trials)
    seeds = campaign.seeds or experiment.seeds
    cells: list[Cell] = []
    rounds: list[Round] = []
    alive = tuple(range(trials))
    for stage, stage_seeds, keep in (
        (TRIAL, (tuning.trial_seed,), finalists),
        (FINALIST, (tuning.trial_seed, *tuning.finalist_seeds), 1),
        (FINAL, seeds, 0),
    ):
        arms = tuple(_arm(model, stage, number, points[number]) for number in alive)
        at_stage = experiment.model_copy(update={"tuning": None, "arms": arms})
        found = tuple(expand(campaign.model_copy(update={"seeds": stage_seeds}), at_stage, dataset))
        cells += found
        if stage == FINAL or not found:
            break
        rounds.append(Round(experiment.name, dataset, model.label, stage, found, min(keep, len(found))))
        positions = chosen(rounds[-1])
        if positions is None:
            break
        alive = tuple(alive[position] for position in positions)
    return Tuned(tuple(cells), tuple(rounds))


def points_of(tuning: Tuning, model: TunedModel, dataset: str, trials: int) -> list[dict[str, Any]]:
    """The drawn settings of each trial of a model, by dotted key.

    A shared dimension that the model has no setting for is left out: it has no effect on the model.
    """
    own = {**model.own, **model.own_on.get(dataset, {})}
    every = {**tuning.shared, **tuning.datasets.get(dataset, Budget()).shared}
    shared = {key: dimension for key, dimension in every.items() if key not in own and _has(model, key)}
    columns = {
        key: [dimension.at(draw) for draw in draws(tuning.draw_seed, dataset, owner, key, trials)]
        for owner, dimensions in (("", shared), (model.label, own))
        for key, dimension in dimensions.items()
    }
    return [{key: column[number] for key, column in columns.items()} for number in range(trials)]


def _has(model: TunedModel, key: str) -> bool:
    section, _, name = key.partition(".")
    classes = {"model": (MODEL_CLASSES, model.model), "loss": (LOSS_CLASSES, model.loss)}
    if section not in classes:
        return True
    known, settings = classes[section]
    named = str(settings.get("name"))
    return named not in known or name in known[named].model_fields


def _arm(model: TunedModel, stage: str, number: int, point: dict[str, Any]) -> Arm:
    """A candidate as an arm of one cell. The chosen one has no trial among its coordinates: that is a result."""
    at = {**(model.at or {"model": model.label}), "stage": stage}
    return Arm(
        label=model.label if stage == FINAL else f"{model.label}, {stage} {number + 1}",
        at=at if stage == FINAL else {**at, "trial": str(number + 1)},
        grid={key: (value,) for key, value in point.items()},
        model=model.model,
        loss=model.loss,
        optimizer=model.optimizer,
        training=model.training,
    )
