"""Restored runs: finished, as they came, and none of a damaged archive."""

import shutil
from pathlib import Path

import pytest

from tests.archive.conftest import Made, files_of
from workflow.archive.export import export, restore
from workflow.archive.layout import RunArchive
from workflow.archive.verify import verify
from workflow.archive.write import write_sums_file
from workflow.errors import UserError
from workflow.train.keep import file_path, is_finished


def test_restored_runs_are_finished_and_none_is_touched_that_stands(made: Made, away: RunArchive) -> None:
    restored = restore(away)
    assert len(restored) == 6
    meta = away.meta(made.plan.datasets[0])
    assert meta is not None
    assert all(is_finished(run, meta) for run in restored)
    assert restore(away) == []
    file_path(restored[0], "user_sums.npz").write_bytes(b"mine")
    assert restore(away) == []
    assert file_path(restored[0], "user_sums.npz").read_bytes() == b"mine"


def test_restored_runs_are_exported_as_they_came_and_what_is_undescribed_is_told(made: Made, away: RunArchive) -> None:
    restore(away)
    lines: list[str] = []
    export(made.plan, Path("again"), say=lines.append)
    assert lines == []
    assert files_of(Path("again")) == files_of(away.folder)
    [kept] = Path("results/restored").rglob("*.json")
    kept.unlink()
    export(made.plan, Path("less"), say=lines.append)
    [line] = lines
    told = "frappe-twin: 6 records and no description of their data (meta-frappe-twin.json)"
    assert line.startswith(f"{told}; prepare it here, or `restore` the archive")
    assert verify(RunArchive(Path("less"))).faults == (told,)


def test_nothing_of_a_damaged_archive_is_restored(away: RunArchive) -> None:
    """The sums are read last, and hold half a file."""
    shutil.copytree(away.folder, "damaged")
    [path] = Path("damaged").glob("user_sums-*.npz")
    path.write_bytes(path.read_bytes()[:-40])
    write_sums_file(Path("damaged"), [one for one in Path("damaged").iterdir() if one.name != "SHA256SUMS"])
    with pytest.raises(UserError, match=str(path)):
        restore(RunArchive(Path("damaged")))
    assert not Path("results").exists()
