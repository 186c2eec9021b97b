"""Commands killed at any time: their outputs are whole or absent, and in the end those of an undisturbed run."""

import os
import random
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.attack.workspace import COMMANDS, Command, build, environment, files, hidden, line, run

FIRST_S = 0.05
ATTEMPTS = 5  # for each kill that is wanted: a command may end before it
KILLS = {
    "fetch": 8,
    "prepare": 22,
    "train": 30,
    "collect": 6,
    "render": 16,
    "audit": 8,
    "report": 12,
    "export": 8,
    "merge": 8,
}


@dataclass
class Undisturbed:
    """A folder in which commands have run to their end, as far as a test needs them."""

    folder: Path
    outputs: dict[str, set[str]] = field(default_factory=dict)  # by command
    seconds: dict[str, float] = field(default_factory=dict)

    def up_to(self, command: Command) -> None:
        """Run what has not run yet, the command itself included."""
        for earlier in COMMANDS[: COMMANDS.index(command) + 1]:
            if earlier.name not in self.outputs:
                before, started = set(files(self.folder)), time.monotonic()
                ended = run(earlier, self.folder)
                assert ended.returncode == 0, ended.stderr
                self.seconds[earlier.name] = time.monotonic() - started
                self.outputs[earlier.name] = set(files(self.folder)) - before


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return Undisturbed(build(tmp_path_factory.mktemp("undisturbed")))


def kill(command: Command, folder: Path, after_s: float) -> bool:
    """Start the command and kill it and all its processes; False when it has ended before."""
    with subprocess.Popen(
        line(command),
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait() == -signal.SIGKILL
        assert process.returncode == 0
        return False


def whole_or_absent(folder: Path, expected: dict[str, bytes], killed_after_s: float) -> None:
    for name, content in files(folder).items():
        assert name in expected, f"{name} after {killed_after_s:.2f} s"
        assert content == expected[name], f"{name} after {killed_after_s:.2f} s"


@pytest.mark.attack
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_killed_command_leaves_nothing_half_written(
    undisturbed: Undisturbed, tmp_path: Path, command: Command
) -> None:
    attack(undisturbed, tmp_path / "copy", command, KILLS[command.name])


def test_a_prepare_killed_twice(undisturbed: Undisturbed, tmp_path: Path) -> None:
    attack(undisturbed, tmp_path / "copy", COMMANDS[1], 2)


def attack(undisturbed: Undisturbed, folder: Path, command: Command, kills: int) -> None:
    """Kill the command `kills` times, then let it end."""
    undisturbed.up_to(command)
    expected = files(undisturbed.folder)
    shutil.copytree(undisturbed.folder, folder)
    drop(folder, undisturbed.outputs[command.name])
    draw = random.Random(command.name)
    done = attempts = 0
    while done < kills and attempts < ATTEMPTS * kills:
        attempts += 1
        after_s = draw.uniform(FIRST_S, undisturbed.seconds[command.name])
        if kill(command, folder, after_s):
            done += 1
        else:
            drop(folder, undisturbed.outputs[command.name])
        whole_or_absent(folder, expected, after_s)
    assert done == kills
    ended = run(command, folder)
    assert ended.returncode == 0, ended.stderr
    after = files(folder)
    assert {name for name in expected if after.get(name) != expected[name]} == set()
    assert hidden(folder) == []


def drop(folder: Path, names: set[str]) -> None:
    """Remove a command's outputs, so that it has work to do."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
