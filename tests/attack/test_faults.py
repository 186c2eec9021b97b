"""Full and read-only disks, and files in the place of folders: one message, from every command and from Snakemake."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.attack.choice import quick
from tests.attack.workspace import CAMPAIGN, COMMANDS, Command, build, call, hidden, run
from workflow.cli.preflight import FOLDERS
from workflow.plan.config import ROOT

SNAKEMAKE = str(ROOT / "workflow/cli/snakemake")
ROOM = 16 << 20
NO_MOUNT = "mounting a file system needs root"


def mounted(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk() -> Iterator[Callable[[Path, str], None]]:
    """Put a folder on a disk of its own that is full or read-only."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip(NO_MOUNT)
    places: list[Path] = []

    def put(folder: Path, fault: str) -> None:
        if fault == "a file":
            if folder.is_dir():
                shutil.rmtree(folder)
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.write_text("mine")
            return
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder.with_name(folder.name + "-kept")
        shutil.copytree(folder, kept)
        if not mounted("-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)):
            pytest.skip(NO_MOUNT)
        places.append(folder)
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        shutil.rmtree(kept)
        if fault == "read-only":
            assert mounted("-o", "remount,ro", str(folder))
        else:
            fill(folder / "runs.parquet")  # a name that an archive may have beside it: any other is refused first

    yield put
    for place in places:
        subprocess.run(["umount", "-l", str(place)], check=False)


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as stream:
        for size in (1 << 16, 1):
            while True:
                try:
                    stream.write(bytes(size))
                except OSError:
                    break


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("faults"))
    for command in COMMANDS:
        assert run(command, folder).returncode == 0
    return folder


WORDS = {
    "full": "cannot be written (No space left on device). Free disk space or make the folder writable",
    "read-only": "cannot be written (Read-only file system). Free disk space or make the folder writable",
    "a file": "",  # that depends on the command; it must name the file
}
CASES = [(f"{command.name} {fault}", command, fault) for command in COMMANDS for fault in WORDS]


@pytest.mark.parametrize(("command", "fault"), quick(CASES, 0))
def test_a_command_tells_where_it_cannot_write(
    undisturbed: Path, tmp_path: Path, disk: Callable[[Path, str], None], command: Command, fault: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(undisturbed, folder)
    output = folder / command.folder
    for path in [output] if output.is_dir() else []:
        if command.name not in ("collect", "report"):  # their folder holds the campaign's other files, too
            shutil.rmtree(path)
    disk(output, fault)
    ended = run(command, folder)
    message = ended.stderr + ended.stdout
    assert ended.returncode == 1, message
    assert "Traceback" not in message
    told = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
    assert told, message
    assert WORDS[fault] in message
    assert command.folder in "".join(told)
    if fault == "a file":
        assert output.read_text() == "mine"
    assert hidden(folder) == []


START = [(f"{name} {fault}", name, fault) for name in FOLDERS if name != "." for fault in WORDS]


@pytest.mark.parametrize(("name", "fault"), quick(START, 1))
def test_snakemake_tells_before_it_starts(
    tmp_path: Path, disk: Callable[[Path, str], None], name: str, fault: str
) -> None:
    for kind in ("datasets", "experiments"):
        shutil.copytree(ROOT / "config" / kind, tmp_path / "config" / kind)
    (tmp_path / "attacked.yaml").write_text(yaml.safe_dump(CAMPAIGN))
    disk(tmp_path / name, fault)
    options = ["--profile", str(ROOT / "profiles/default"), "--snakefile", str(ROOT / "Snakefile")]
    ended = call([SNAKEMAKE, *options, "--configfile", "attacked.yaml", "--cores", "1", "--", "all"], tmp_path)
    message = ended.stderr + ended.stdout
    assert ended.returncode == 1, message
    assert "Traceback" not in message
    words = WORDS[fault] or "is a file, but a folder is needed there; move it away"
    assert f"error: {name}: {words}" in message
    assert len(message.splitlines()) <= 4
