"""Atomic writing: a reader sees the old file or the new one."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.cli import common
from workflow.cli.main import main
from workflow.errors import UserError, nearest
from workflow.files import atomic_path, canonical_json, scratch_prefix, sha256_json, sweep, write_text
from workflow.plan.config import ROOT


def write_and_die(path: Path, error: Exception) -> None:
    with atomic_path(path) as part:
        part.write_text("half")
        raise error


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError, match="killed"):
        write_and_die(path, RuntimeError("killed"))
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


def test_the_content_is_on_the_disk_before_its_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, seen = tmp_path / "a.txt", []

    def fsync(fd: int) -> None:
        seen.append((Path(f"/proc/self/fd/{fd}").read_text(), path.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    write_text(path, "whole")
    assert seen == [("whole", False)]
    assert path.read_text() == "whole"


def test_a_really_full_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary file lies on a device without room, as the kernel says it."""
    path = tmp_path / "x.txt"
    write_text(path, "old")
    full = tmp_path / ".full.part"
    full.symlink_to("/dev/full")
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: (os.open(full, os.O_WRONLY), str(full)))
    with pytest.raises(UserError, match=r"x\.txt: cannot be written \(No space left.*Free disk space"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert not full.is_symlink()


def test_an_unwritable_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "unplugged")
    for name, kind in (("file", "file"), ("link", "broken link")):
        with pytest.raises(UserError, match=f"{name}: is a {kind}, but a folder is needed there; move it away"):
            write_text(tmp_path / name / "x.txt", "x")


@given(st.dictionaries(st.text(), st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()))
def test_canonical_json_does_not_depend_on_order(values: dict[str, object]) -> None:
    backwards = dict(reversed(list(values.items())))
    assert canonical_json(values) == canonical_json(backwards)
    assert sha256_json(values) == sha256_json(backwards)


def test_nearest_names() -> None:
    assert nearest("drpout", ["dropout", "name"]) == "did you mean 'dropout'? (known: dropout, name)"
    assert nearest("zzz", ["dropout"]) == "(known: dropout)"


KILLED = """
import os, sys
from pathlib import Path
from workflow.files import atomic_path, scratch_prefix
path = Path(sys.argv[1])
folder = path.parent / (scratch_prefix(path) + "folder")
folder.mkdir()
(folder / "half").write_text("x")
with atomic_path(path) as part:
    part.write_text("half")
    os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_left_goes_with_the_next_writing(tmp_path: Path) -> None:
    path, other = tmp_path / "x.txt", tmp_path / ".x.txt.of-another-kind"
    other.write_text("")
    subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, check=False)
    assert len(list(tmp_path.iterdir())) == 3
    write_text(path, "whole")
    assert sorted(file.name for file in tmp_path.iterdir()) == [other.name, "x.txt"]


def test_what_a_living_process_writes_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    mine = tmp_path / (scratch_prefix(path) + "1.part")
    mine.write_text("half")
    elsewhere = tmp_path / ".x.txt.another-machine-99999999-1.part"
    elsewhere.write_text("half")
    sweep(path)
    assert mine.exists()
    assert elsewhere.exists()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "cannot be written (No space left on device). Free disk space"),
        (errno.EROFS, "cannot be written (Read-only file system)"),
        (errno.EACCES, "this user may not read or write there (Permission denied)"),
        (errno.EDQUOT, "cannot be written (Disk quota exceeded)"),
    ],
)
def test_every_command_tells_where_it_cannot_write(
    number: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(number, os.strerror(number), str(tmp_path / "results/x"))

    monkeypatch.setattr(common, "campaign_in", no_room)
    for command in (["plan"], ["fetch", "frappe"], ["prepare", "frappe"], ["train"], ["render"], ["report"], ["time"]):
        assert main(command) == 1
        message = capsys.readouterr().err
        assert message.startswith(f"error: {tmp_path / 'results/x'}: {words}")
        assert "Traceback" not in message


def test_an_error_of_another_kind_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(common, "campaign_in", lost)
    with pytest.raises(OSError, match="Input/output"):
        main(["plan"])
