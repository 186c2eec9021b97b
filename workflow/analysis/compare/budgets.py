"""The results of tuning each model on a dataset: trials, the chosen setting, and what choosing on test would report."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence
from workflow.plan.cells import coordinate
from workflow.plan.config import load_experiment
from workflow.plan.space import TunedModel
from workflow.plan.tuning import FINAL, FINALIST, TRIAL, Tuned


@dataclass(frozen=True)
class Budget:
    """One tuned model on one dataset; a stage has its cells once they are known."""

    model: str
    dataset: str
    trials: tuple[Observed, ...]
    finalists: tuple[Observed, ...]
    final: Observed | None
    drawn: Mapping[str, str]  # the chosen setting, by dotted key; empty before it is known

    @property
    def validation(self) -> list[float]:
        """Validation AUC of the trials that have one, in the order of their draws."""
        return [value for one in self.trials for value in one.values("auc", "valid")]

    @property
    def ended(self) -> int:
        """Trials that have a record, failed ones included."""
        return sum(record is not None for one in self.trials for record in one.records)

    @property
    def is_whole(self) -> bool:
        """Whether every trial has ended."""
        return self.ended == len(self.trials)

    @property
    def best_validation(self) -> float | None:
        """The highest of all trials that did not fail, once all have ended; as a maximum it is biased upwards."""
        return max(self.validation) if self.is_whole and self.validation else None

    @property
    def final_validation(self) -> float | None:
        """The mean of the chosen setting over fresh seeds."""
        return mean(self.final, "valid")

    @property
    def final_test(self) -> float | None:
        """The same on test: the result of the protocol."""
        return mean(self.final, "test")

    @property
    def optimism(self) -> float | None:
        """The best validation AUC of the trials minus that of the chosen setting."""
        best, reached = self.best_validation, self.final_validation
        return None if best is None or reached is None else best - reached

    @property
    def best_test(self) -> float | None:
        """The highest test AUC of these trials: what choosing a single run on test would report."""
        values = [value for one in self.trials for value in one.values("auc")]
        return max(values) if self.is_whole and values else None


def budgets_of(evidence: Evidence, experiment: str, dataset: str) -> list[Budget]:
    """Every model of a tuned experiment on one dataset, in the order of its configuration."""
    tuning = load_experiment(experiment).tuning
    assert tuning is not None
    models = {model.label: model for model in (*tuning.models, *evidence.plan.campaign.tuning.add)}
    return [
        _budget(evidence, one, models[one.rounds[0].model])
        for one in evidence.plan.tuned_of(experiment)
        if one.rounds and one.rounds[0].dataset == dataset
    ]


def untuned(evidence: Evidence, one: Budget) -> Observed | None:
    """The same model in Table IV, with the dataset's own settings."""
    place = {key: value for key, value in one.trials[0].at.items() if key not in ("stage", "trial")}
    return evidence.cell({**place, "table": "4"})


def _budget(evidence: Evidence, one: Tuned, model: TunedModel) -> Budget:
    cells = [found for cell in one.cells if (found := evidence.cell(cell.at))]
    trials, finalists, finals = (
        tuple(each for each in cells if each.at["stage"] == stage) for stage in (TRIAL, FINALIST, FINAL)
    )
    final = finals[0] if finals else None
    return Budget(model.label, one.rounds[0].dataset, trials, finalists, final, _drawn(final))


def _drawn(final: Observed | None) -> dict[str, str]:
    """Arguments of a model of one's own have an entry each."""
    found: dict[str, str] = {}
    for key, value in final.cell.point.items() if final else ():
        settings = {f"{key}.{name}": one for name, one in value.items()} if isinstance(value, dict) else {key: value}
        found |= {name: coordinate(one) for name, one in settings.items()}
    return found


def mean(one: Observed | None, split: str) -> float | None:
    """AUC over all planned seeds; None while one is lacking."""
    if one is None or one.ground.obstacle is not None:
        return None
    values = one.values("auc", split)
    return fmean(values) if values else None
