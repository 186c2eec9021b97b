"""Choices depend on validation alone, and follow from the existing records."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.made_records import tuned_campaign, tuned_record
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.tuning import TRIAL, Round
from workflow.spec import RunSpec
from workflow.train.choice import Candidate, Choice, best_of, choose, drop_stale_choices, on_disk, settle, write_made
from workflow.train.record import Metrics, write_record


@dataclass(frozen=True)
class WithoutTest:
    """A record with its test fields removed: reading one is an AttributeError."""

    valid: Metrics | None


def finish(run: RunSpec, valid_auc: float) -> None:
    """Leave its record in the working directory."""
    write_record(run.record_path, tuned_record(run, valid_auc))


def plan(model: str = "DCN") -> Plan:
    return Plan(tuned_campaign(model), on_disk)


@pytest.fixture
def trials(here: Path) -> Round:
    return plan().rounds[0]


def by_run(one: Round, *values: float | None) -> Callable[[RunSpec], WithoutTest]:
    """Validation by candidate."""
    known = {cell.runs[0].key: value for cell, value in zip(one.candidates, values, strict=True)}
    return lambda run: WithoutTest(
        None if (value := known[run.key]) is None else Metrics(auc=value, gauc=None, logloss=0.5)
    )


@pytest.mark.parametrize(
    ("values", "chosen"),
    [
        ((0.7, 0.9, 0.6, 0.8, 0.5), (1, 3)),
        ((0.7, 0.9, 0.9, 0.9, 0.5), (1, 2)),  # equals in the order of their draws
        ((None, 0.4, None, None, None), (1,)),  # a setting that failed is never chosen
        ((None,) * 5, ()),
        ((0.1 + 0.2, 0.9, 0.6, 1 / 3, 0.5), (1, 2)),
    ],
)
def test_the_best_by_validation_go_on(trials: Round, values: tuple[float | None, ...], chosen: tuple[int, ...]) -> None:
    choice = choose(trials, by_run(trials, *values))
    assert choice is not None
    assert choice.chosen == chosen
    assert [one.valid_auc for one in choice.candidates] == [(value,) for value in values]
    assert [one.runs for one in choice.candidates] == [(cell.runs[0].key,) for cell in trials.candidates]
    assert Choice.model_validate(choice.content()).content() == choice.content()  # reads back as it was written


def test_nothing_is_chosen_before_every_run_has_finished(trials: Round) -> None:
    read = by_run(trials, 0.7, 0.9, 0.6, 0.8, 0.5)
    last = trials.candidates[-1].runs[0]
    assert choose(trials, lambda run: None if run == last else read(run)) is None


def test_finalists_are_chosen_by_their_mean_and_as_a_naive_loop_would() -> None:
    generator = np.random.default_rng(1)
    for _ in range(50):
        values_CR = generator.random((6, 3))
        candidates = [
            Candidate(label=str(n), runs=(f"a/seed{n}",) * 3, valid_auc=tuple(row)) for n, row in enumerate(values_CR)
        ]
        expected: list[int] = []
        left = dict(enumerate(values_CR.mean(axis=1)))
        while len(expected) < 2:
            best = max(left, key=lambda n: left[n])
            expected.append(best)
            del left[best]
        assert list(best_of(candidates, 2)) == expected


def test_one_setting_drawn_twice_takes_one_place() -> None:
    first, second = (Candidate(label=name, runs=("a/seed1",), valid_auc=(0.9,)) for name in ("1", "2"))
    third = Candidate(label="3", runs=("b/seed1",), valid_auc=(0.8,))
    assert best_of([first, second, third], 2) == (0, 2)


# -- on disk --------------------------------------------------------------------------


@pytest.mark.usefixtures("trials")
def test_stages_follow_from_records_and_go_back_with_them() -> None:
    for cell, auc in zip(plan().cells, (0.7, 0.9, 0.6, 0.8, 0.5), strict=True):
        finish(cell.runs[0], auc)
    made = settle(plan())
    finalists = [cell for cell in made.cells if cell.at["stage"] == "finalist"]
    assert [cell.at["trial"] for cell in finalists] == ["2", "4"]
    assert {cell.at["stage"] for cell in made.cells} == {"trial", "finalist"}
    for cell, auc in zip(finalists, (0.70, 0.85), strict=True):  # 0.9 was luck
        for run in cell.runs[1:]:
            finish(run, auc)
    made = settle(plan())
    (final,) = [cell for cell in made.cells if cell.at["stage"] == "final"]
    assert final.runs[0].id == finalists[1].runs[0].id
    assert Plan(made.campaign, on_disk).runs.keys() == made.runs.keys()
    files = {one.path: one.path.read_bytes() for one in made.rounds}
    assert len(files) == 2
    settle(plan())
    assert {path: path.read_bytes() for path in files} == files
    finish(plan().cells[0].runs[0], 0.95)  # trained again, with another result
    made = settle(plan())
    assert [cell.at["trial"] for cell in made.cells if cell.at["stage"] == "finalist"] == ["1", "2"]
    assert "final" not in {cell.at["stage"] for cell in made.cells}  # the new finalist has not run yet
    plan().cells[1].runs[0].record_path.unlink()
    assert {cell.at["stage"] for cell in settle(plan()).cells} == {"trial"}


def test_a_damaged_note_of_what_is_chosen_is_removed(trials: Round) -> None:
    for cell in trials.candidates:
        finish(cell.runs[0], 0.7)
    chosen = settle(plan())
    note = Path(chosen.choices_path(trials.experiment, TRIAL))
    write_made(chosen, trials.experiment, TRIAL)
    drop_stale_choices(chosen)
    assert note.is_file()
    note.write_bytes(b"\xff")
    drop_stale_choices(chosen)
    assert not note.exists()


def test_a_file_of_another_round_or_an_edited_one_is_refused(trials: Round) -> None:
    for cell in trials.candidates:
        finish(cell.runs[0], 0.7)
    settle(plan())
    text = trials.path.read_text()
    other = plan("DeepFM").rounds[0]
    other.path.write_text(text)
    with pytest.raises(UserError, match="another round"):
        on_disk(other)
    trials.path.write_text(text.replace('"chosen": [\n  0', '"chosen": [\n  4'))
    assert trials.path.read_text() != text
    with pytest.raises(UserError, match="changed after it was written"):
        on_disk(trials)
    settle(plan())  # written anew
    assert trials.path.read_text() == text
