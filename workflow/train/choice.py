"""The choice of a tuning round, from validation alone, as a sealed file that names every candidate."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal, Protocol

from pydantic import Field

from workflow.errors import UserError
from workflow.files import canonical_json, sha256_file, write_text
from workflow.plan.campaign import Plan
from workflow.plan.config import CampaignConfig
from workflow.plan.names import DatasetName
from workflow.plan.tuning import FINALIST, TRIAL, Chosen, Round, choice_path, foreseen
from workflow.provenance.seal import Sealed, sealed, sealed_if_there, write_sealed
from workflow.settings import Frozen, NonNegativeInt
from workflow.spec import RunSpec
from workflow.train.record import Metrics, Record


class Validated(Protocol):
    """The part of a record that a choice may read, without test metrics."""

    @property
    def valid(self) -> Metrics | None:
        """Validation metrics of the best epoch; None of a failed run."""
        ...


class Candidate(Frozen):
    """A setting with the validation AUC of each of its runs, None of a run that failed."""

    label: str
    runs: Annotated[tuple[str, ...], Field(min_length=1)]  # run keys
    valid_auc: tuple[float | None, ...]

    @property
    def mean(self) -> float | None:
        """The mean validation AUC; None where a run failed, so that a setting that may fail is never chosen."""
        values = [value for value in self.valid_auc if value is not None]
        return sum(values) / len(values) if len(values) == len(self.runs) else None


class Choice(Sealed):
    """results/choices/<dataset>/<id>.json: candidates with their validation, and the positions of those that go on."""

    round: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]  # Round.id; both are in the file's path
    dataset: DatasetName
    model: str
    stage: Literal["trial", "finalist"]
    metric: Literal["validation AUC"] = "validation AUC"
    keep: int
    candidates: tuple[Candidate, ...]
    chosen: tuple[NonNegativeInt, ...]

    def positions(self, one: Round) -> tuple[int, ...] | None:
        """The candidates of a round that go on; None where this is the choice of another round."""
        names = [tuple(run.key for run in cell.runs) for cell in one.candidates]
        is_its = self.round == one.id and [candidate.runs for candidate in self.candidates] == names
        return self.chosen if is_its and all(position < len(names) for position in self.chosen) else None

    @property
    def path(self) -> Path:
        """Where it lies, below the working directory."""
        return choice_path(self.dataset, self.round)


Validation = Callable[[RunSpec], Validated | None]  # None: the run has not finished


def choose(one: Round, validation: Validation) -> Choice | None:
    """Choose the best by mean validation AUC, of equals the one drawn first; None while a candidate's run lacks."""
    candidates = []
    for cell in one.candidates:
        found = [validation(run) for run in cell.runs]
        if any(record is None for record in found):
            return None
        aucs = tuple(record.valid.auc if record and record.valid else None for record in found)
        candidates.append(Candidate(label=cell.label, runs=tuple(run.key for run in cell.runs), valid_auc=aucs))
    return Choice(
        round=one.id,
        dataset=one.candidates[0].runs[0].dataset.name,
        model=one.model,
        stage="trial" if one.stage == "trial" else "finalist",
        keep=one.keep,
        candidates=tuple(candidates),
        chosen=best_of(candidates, one.keep),
    )


def best_of(candidates: Iterable[Candidate], keep: int) -> tuple[int, ...]:
    """Positions of the best by mean validation, the best first; one setting that was drawn twice counts once."""
    found: list[int] = []
    seen: set[tuple[str, ...]] = set()
    ranked = [(-mean, position, one) for position, one in enumerate(candidates) if (mean := one.mean) is not None]
    for _, position, one in sorted(ranked, key=lambda item: item[:2]):
        if one.runs not in seen and len(found) < keep:
            seen.add(one.runs)
            found.append(position)
    return tuple(found)


def on_disk(one: Round) -> tuple[int, ...] | None:
    """The choice of a round in the working directory; None if nothing is chosen yet."""
    choice = sealed_if_there(one.path, Choice, "choice")
    positions = choice.positions(one) if choice else None
    if choice and positions is None:
        raise UserError(f"{one.path}: is the choice of another round; delete it and run the same command again")
    return positions


def with_stand_ins(plan: Plan) -> Plan:
    """The plan with the first candidates where nothing is chosen yet: for counting runs and hours."""

    def chosen(one: Round) -> tuple[int, ...]:
        made = on_disk(one)
        return foreseen(one) if made is None else made

    return Plan(plan.campaign, chosen)


def finished(run: RunSpec) -> Validated | None:
    """The record of a run in the working directory."""
    return sealed_if_there(run.record_path, Record, "record")


def follow(campaign: CampaignConfig, validation: Validation) -> tuple[Plan, dict[str, Choice]]:
    """Choose in every round whose runs have finished; return the resulting plan and the choices by round."""
    found: dict[str, Choice] = {}

    def chosen(one: Round) -> tuple[int, ...] | None:
        if choice := choose(one, validation):
            found[one.id] = sealed(choice)
        return recorded(found)(one)

    _ = Plan(campaign, chosen).rounds
    return Plan(campaign, recorded(found)), found


def recorded(choices: Mapping[str, Choice]) -> Chosen:
    """The chosen candidates, by the identity of their rounds."""
    return lambda one: choices[one.id].positions(one) if one.id in choices else None


def settle(plan: Plan) -> Plan:
    """Choose from the records of the working directory, keep the choices there, and return the resulting plan.

    A choice that the records no longer support is replaced, or dropped if a run is missing.
    """
    plan, choices = follow(plan.campaign, finished)
    for one in plan.rounds:
        if one.id not in choices:
            one.path.unlink(missing_ok=True)
            continue
        with suppress(UserError):  # an unreadable one is replaced
            if sealed_if_there(one.path, Choice, "choice") == choices[one.id]:
                continue
        write_sealed(one.path, choices[one.id])
    return plan


# -- what Snakemake waits for ---------------------------------------------------------


class Replanned:
    """The plan as far as it is known; it is expanded again after each choice."""

    def __init__(self, plan: Plan, chosen: Chosen) -> None:
        self._plan, self._chosen, self._seen = plan, chosen, self._made(plan)

    def __call__(self) -> Plan:
        """The plan as it is now; the same object as long as nothing was chosen."""
        made = self._made(self._plan)
        if made != self._seen:
            self._plan, self._seen = Plan(self._plan.campaign, self._chosen), made
        return self._plan

    @staticmethod
    def _made(plan: Plan) -> list[float | None]:
        paths = (Path(plan.choices_path(name, stage)) for name in plan.tuned_experiments for stage in (TRIAL, FINALIST))
        return [path.stat().st_mtime if path.is_file() else None for path in paths]


def made(plan: Plan, experiment: str, stage: str) -> dict[str, str] | None:
    """Digests of the choices of one stage, by path; None while a choice, or one of the stage before, is not made."""
    rounds = plan.rounds_of(experiment, stage)
    before = plan.rounds_of(experiment, TRIAL)
    if any(plan.chosen(one) is None for one in (*before, *rounds)):
        return None
    return {str(one.path): sha256_file(one.path) for one in rounds}


def write_made(plan: Plan, experiment: str, stage: str) -> None:
    """Choose in a stage of a tuned experiment, and record that the stage is complete."""
    plan = settle(plan)
    digests = made(plan, experiment, stage)
    if digests is None:
        raise UserError(f"{experiment}: not every {stage} has finished; run the same command again")
    write_text(Path(plan.choices_path(experiment, stage)), canonical_json(digests) + "\n")


def drop_stale_choices(plan: Plan) -> None:
    """Remove what says that a stage is chosen where it no longer is, or otherwise, so that Snakemake chooses again."""
    for experiment in plan.tuned_experiments:
        for stage in (TRIAL, FINALIST):
            path, digests = Path(plan.choices_path(experiment, stage)), made(plan, experiment, stage)
            if digests is None or (path.is_file() and path.read_bytes() != (canonical_json(digests) + "\n").encode()):
                path.unlink(missing_ok=True)
