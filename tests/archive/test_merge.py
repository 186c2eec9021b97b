"""Merged archives: whole, of one kind of data, and in agreement."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from tests.archive.conftest import Made, files_of, forged, rewritten
from workflow.archive.export import export, restore
from workflow.archive.layout import RunArchive
from workflow.archive.merge import merge
from workflow.archive.write import write_archive
from workflow.errors import UserError
from workflow.train.placements import UserSums
from workflow.train.record import read_record, write_record


def on_other_data(content: dict[str, Any]) -> None:
    content["provenance"]["data_fingerprint"] = "cd" * 32


def test_halves_merge_to_the_whole(made: Made, tmp_path: Path) -> None:
    keys = sorted(made.archive.records)

    def without(name: str, dropped: list[str]) -> RunArchive:
        return rewritten(made, tmp_path / name, lambda records: [records.pop(key) for key in dropped])

    halves = [without("a", keys[:3]), without("b", keys[4:])]
    merged = merge(halves, tmp_path / "whole")
    assert merged.twice == {keys[3]: "equal"}
    assert (merged.runs, merged.left_out) == (len(keys), 0)
    assert RunArchive(tmp_path / "whole").contents().records == made.archive.contents().records


def test_archives_of_campaigns_that_share_runs_merge(made: Made, tmp_path: Path) -> None:
    whole = made.archive.contents()
    seed = min(record.spec.seed for record in whole.records.values())
    own = {key for key, record in whole.records.items() if record.spec.seed == seed}
    first = sorted(own)[0]
    part = replace(
        whole,
        campaign=whole.campaign.model_copy(update={"campaign": "part", "seeds": (seed,)}),
        records={first: whole.records[first]},
        sums={key: sums for key, sums in whole.sums.items() if key == first},
    )
    write_archive(tmp_path / "part", part)
    merged = merge([RunArchive(tmp_path / "part"), made.archive], tmp_path / "joined")
    assert (merged.runs, merged.left_out) == (len(own), len(whole.records) - len(own))
    joined = RunArchive(tmp_path / "joined")
    assert joined.campaign.campaign == "part"
    assert joined.records == {key: whole.records[key] for key in own}
    other = {key: record for key, record in whole.records.items() if key not in own}
    rest = replace(whole, records=other, sums={key: sums for key, sums in whole.sums.items() if key in other})
    write_archive(tmp_path / "rest", rest)
    with pytest.raises(UserError, match="shares no run with"):
        merge([RunArchive(tmp_path / "part"), RunArchive(tmp_path / "rest")], tmp_path / "nothing")


@pytest.mark.parametrize("users", [None, 5])
def test_runs_on_different_data_are_no_one_archive(made: Made, tmp_path: Path, users: int | None) -> None:
    whole, keys = made.archive.contents(), sorted(made.archive.records)
    own, others = keys[:3], keys[3:]
    first = replace(whole, records={key: whole.records[key] for key in own}, sums={key: whole.sums[key] for key in own})

    def of_users(sums: UserSums) -> UserSums:
        return UserSums(*(getattr(sums, field.name)[:users] for field in fields(UserSums)))

    second = replace(
        whole,
        records={key: forged(whole.records[key], on_other_data) for key in others},
        sums={key: of_users(whole.sums[key]) for key in others},
    )
    write_archive(tmp_path / "first", first)
    write_archive(tmp_path / "second", second)
    before = files_of(tmp_path / "first")
    with pytest.raises(UserError, match="frappe-twin: runs on different data"):
        merge([RunArchive(tmp_path / name) for name in ("first", "second")], tmp_path / "first")
    assert files_of(tmp_path / "first") == before


def test_runs_restored_on_other_data_are_not_exported_with_ours(made: Made, away: RunArchive) -> None:
    restore(away)
    run = next(iter(made.plan.runs.values()))[0]
    write_record(run.record_path, forged(read_record(run.record_path), on_other_data))
    with pytest.raises(UserError, match="frappe-twin: runs on different data"):
        export(made.plan, Path("mixed"))
    assert not Path("mixed").exists()


def test_rivals_agree_within_the_spread_of_their_seeds_or_are_named(made: Made, tmp_path: Path) -> None:
    key = sorted(made.archive.records)[0]

    def moved(by: float) -> RunArchive:
        changed = forged(made.archive.records[key], lambda c: c["test"].update(auc=c["test"]["auc"] + by))
        return rewritten(made, tmp_path / str(by), lambda records: records.update({key: changed}))

    assert "within the seeds'" in merge([made.archive, moved(1e-7)], tmp_path / "near").twice[key]
    with pytest.raises(UserError, match=rf"{key}.*are in conflict"):
        merge([made.archive, moved(-0.4)], tmp_path / "far")


def test_a_run_that_failed_in_one_archive_is_to_be_tried_again_there(made: Made, tmp_path: Path) -> None:
    key = min(made.archive.records)

    def failed(failure: str) -> RunArchive:
        gone = {"test": None, "valid": None, "best_epoch": None, "files": {}}
        record = forged(made.archive.records[key], lambda c: c.update(gone, status="failed", failure=failure))
        whole = made.archive.contents()
        sums = {one: sums for one, sums in whole.sums.items() if one != key}
        write_archive(tmp_path / failure, replace(whole, records={**whole.records, key: record}, sums=sums))
        return RunArchive(tmp_path / failure)

    one, other = failed("no memory"), failed("no file")
    assert merge([one, other], tmp_path / "both").twice[key] == "failed in both"
    with pytest.raises(UserError, match=rf"{key}.*are in conflict.*`retry`"):
        merge([one, made.archive], tmp_path / "conflict")
