"""A choice that validation does not support is a fault of the archive."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.made_records import tuned_campaign, tuned_record
from workflow.archive.configuration import experiments_of
from workflow.archive.export import restore
from workflow.archive.layout import CHOICES, Contents, RunArchive
from workflow.archive.merge import merge
from workflow.archive.verify import choice_faults, verify
from workflow.archive.write import write_archive, write_sums_file
from workflow.errors import UserError
from workflow.files import sha256_json
from workflow.plan.campaign import Plan
from workflow.plan.config import load_experiment
from workflow.provenance.seal import sealed
from workflow.train.choice import Choice, Validation, follow, on_disk
from workflow.train.placements import UserSums
from workflow.train.record import Record

SUMS = UserSums(np.full(2, 1), np.full(2, 1), np.full(2, 0.5), np.full(2, 0.5), np.full(2, 0.5))


def by_key(records: dict[str, Record]) -> Validation:
    return lambda run: records.get(run.key)


@pytest.fixture
def honest(here: Path) -> Contents:
    return tuned_contents()


def tuned_contents() -> Contents:
    """Everything of two tuned models, as drawn at random."""
    generator = np.random.default_rng(5)
    records: dict[str, Record] = {}
    while True:
        plan, choices = follow(tuned_campaign("DCN", "DeepFM"), by_key(records))
        lacking = [run for run, _ in plan.runs.values() if run.key not in records]
        if not lacking:
            return Contents(plan.campaign, records, dict.fromkeys(records, SUMS), {}, choices=choices)
        records |= {run.key: sealed(tuned_record(run, generator.uniform(0.6, 0.9))) for run in lacking}


def choice(contents: Contents, stage: str) -> Choice:
    return next(one for one in contents.choices.values() if one.stage == stage and one.model == "DCN")


def changed(contents: Contents, before: Choice, **values: object) -> Contents:
    after = sealed(Choice.model_validate({**before.content(), **values}))
    return replace(contents, choices={**contents.choices, before.round: after})


def other_finalists(contents: Contents) -> Contents:
    before = choice(contents, "trial")
    return changed(contents, before, chosen=tuple(sorted(set(range(5)) - set(before.chosen)))[:2])


def chosen_on_test(contents: Contents) -> Contents:
    before = choice(contents, "finalist")
    return changed(contents, before, chosen=(1 - before.chosen[0],))


def better_validation(contents: Contents) -> Contents:
    before = choice(contents, "trial")
    first, *rest = before.content()["candidates"]
    return changed(contents, before, candidates=[{**first, "valid_auc": [0.99]}, *rest], chosen=(0, before.chosen[0]))


def no_choice(contents: Contents) -> Contents:
    gone = choice(contents, "finalist").round
    return replace(contents, choices={key: one for key, one in contents.choices.items() if key != gone})


def fewer_candidates(contents: Contents) -> Contents:
    """A worse trial is missing from the records, so that it cannot be counted."""
    worst = min(choice(contents, "trial").candidates, key=lambda one: one.valid_auc[0] or 0)
    return replace(contents, records={key: one for key, one in contents.records.items() if key not in worst.runs})


def test_an_honest_archive_has_no_fault(honest: Contents) -> None:
    assert len(honest.choices) == 4
    assert list(choice_faults(honest)) == []


@pytest.mark.parametrize("forge", [other_finalists, chosen_on_test, better_validation, no_choice, fewer_candidates])
def test_what_validation_does_not_support_is_a_fault(honest: Contents, forge: Callable[[Contents], Contents]) -> None:
    assert list(choice_faults(forge(honest)))


def test_verify_reads_choices_as_they_lie_on_disk(honest: Contents) -> None:
    folder = Path("archive")
    write_archive(folder, honest)
    assert RunArchive(folder).choices == honest.choices
    assert not [
        fault for fault in verify(RunArchive(folder)).faults if CHOICES in fault or "no run of campaign" in fault
    ]
    write_archive(folder, chosen_on_test(honest))
    assert [fault for fault in verify(RunArchive(folder)).faults if "validation supports" in fault]


@pytest.mark.parametrize("text", ["{}", "[1]", "[[]]", "nonsense", '[{"round": 1}]'])
def test_a_damaged_list_is_one_line(honest: Contents, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path("archive")
    write_archive(folder, honest)
    archive = RunArchive(folder)
    monkeypatch.setattr(RunArchive, "_bytes", lambda *_: text.encode())
    if text == "{}":
        assert archive.choices == {}
        return
    with pytest.raises(UserError) as caught:
        _ = archive.choices
    assert "\n" not in str(caught.value)


def test_a_choice_that_names_no_candidate_is_of_no_round(honest: Contents) -> None:
    forged = changed(honest, choice(honest, "trial"), chosen=(77,))
    assert list(choice_faults(forged))
    assert len(forged.plan.rounds) < len(honest.plan.rounds)  # so nothing that follows from it is known


def test_restored_choices_give_the_same_plan_and_merged_records_are_chosen_from_again(honest: Contents) -> None:
    whole, part = Path("whole"), Path("part")
    write_archive(whole, honest)
    restore(RunArchive(whole))
    assert Plan(honest.campaign, on_disk).runs.keys() == honest.plan.runs.keys()
    trials = {key: record for key, record in honest.records.items() if record.spec.seed == 9001}
    _, choices = follow(honest.campaign, by_key(trials))
    write_archive(part, replace(honest, records=trials, sums=dict.fromkeys(trials, SUMS), choices=choices))
    merge([RunArchive(part), RunArchive(whole)], Path("both"))
    assert RunArchive(Path("both")).choices == honest.choices


def test_merged_records_are_chosen_from_by_the_experiments_that_the_archive_brings_along(here: Path) -> None:
    tuned = load_experiment("tuned").model_dump(mode="json")
    tuned["tuning"]["draw_seed"] += 1
    configuration = {"experiments": {"tuned": tuned}}
    with experiments_of(configuration):
        contents = replace(tuned_contents(), configuration=configuration)
        write_archive(Path("whole"), contents)
    merge([RunArchive(Path("whole"))] * 2, Path("both"))
    assert RunArchive(Path("both")).choices == contents.choices
    write_archive(Path("other"), tuned_contents())
    with pytest.raises(UserError, match="shares no run"):  # its runs have settings that ours did not draw
        merge([RunArchive(Path("other")), RunArchive(Path("whole"))], Path("neither"))


@pytest.mark.parametrize("values", [{"round": "../../../forged"}, {"dataset": "../..", "round": "../forged"}])
def test_no_choice_is_restored_to_another_place(honest: Contents, values: dict[str, str]) -> None:
    folder = Path("archive")
    write_archive(folder, honest)
    first, *rest = json.loads((folder / CHOICES).read_text())
    content = {key: value for key, value in {**first, **values}.items() if key != "seal"}
    (folder / CHOICES).write_text(json.dumps([{**content, "seal": sha256_json(content)}, *rest]))
    write_sums_file(folder, [path for path in folder.iterdir() if path.name != "SHA256SUMS"])
    with pytest.raises(UserError, match=r"choices\.json: damaged choice"):
        restore(RunArchive(folder))
    assert sorted(path.name for path in Path().iterdir()) == ["archive"]
