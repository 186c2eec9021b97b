"""What a round of tuning chooses, from validation alone, as a sealed file that names every candidate."""

from collections.abc import Callable, Iterable
from typing import Annotated, Literal, Protocol

from pydantic import Field

from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.tuning import Round, foreseen
from workflow.provenance.seal import Sealed, read_sealed, write_sealed
from workflow.settings import Frozen
from workflow.spec import RunSpec
from workflow.train.record import read_record


class HasAUC(Protocol):
    """Metrics that name an AUC."""

    @property
    def auc(self) -> float:
        """From 0 to 1."""
        ...


class Validated(Protocol):
    """As much of a record as a choice may read: no test metric is there."""

    @property
    def valid(self) -> HasAUC | None:
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

    round: str  # Round.id
    dataset: str
    model: str
    stage: Literal["trial", "finalist"]
    metric: Literal["validation AUC"] = "validation AUC"
    keep: int
    candidates: tuple[Candidate, ...]
    chosen: tuple[int, ...]


Validation = Callable[[RunSpec], Validated | None]  # None: the run has not finished


def choose(one: Round, validation: Validation) -> Choice | None:
    """Choose the best of a round by mean validation AUC; of equals the one drawn first.

    Returns
    -------
    Choice or None
        None while a candidate's run has not finished. Where every candidate failed, nothing is chosen.
    """
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
    """What the working directory has chosen in a round; None where nothing is chosen yet.

    Raises
    ------
    UserError
        When the file is damaged or of another round.
    """
    try:
        choice = read_sealed(one.path, Choice, "choice")
    except FileNotFoundError:
        return None
    if choice.round != one.id or any(not 0 <= position < len(one.candidates) for position in choice.chosen):
        raise UserError(f"{one.path}: is the choice of another round; delete it and run the same command again")
    return choice.chosen


def on_disk_or_first(one: Round) -> tuple[int, ...]:
    """What is chosen here, or the first candidates as long as nothing is: for counting runs and hours."""
    chosen = on_disk(one)
    return foreseen(one) if chosen is None else chosen


def finished(run: RunSpec) -> Validated | None:
    """The record of a run in the working directory."""
    try:
        return read_record(run.record_path)
    except FileNotFoundError:
        return None


def settle(plan: Plan) -> Plan:
    """Choose in every round whose runs have finished; give the plan that follows.

    A choice that the records no longer support is written anew, or dropped where a run is lacking.
    """
    plan = Plan(plan.campaign, _settled)
    _ = plan.rounds
    return plan


def _settled(one: Round) -> tuple[int, ...] | None:
    choice = choose(one, finished)
    if choice is None:
        one.path.unlink(missing_ok=True)
        return None
    if not _stands(one, choice):
        write_sealed(one.path, choice)
    return choice.chosen


def _stands(one: Round, choice: Choice) -> bool:
    try:
        return read_sealed(one.path, Choice, "choice").content() == choice.content()
    except (FileNotFoundError, UserError):
        return False
