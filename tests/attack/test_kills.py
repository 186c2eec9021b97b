"""Commands killed at any time, and at each change of the disk.

Their outputs are complete or absent, and at the end those of an undisturbed run: byte for byte, except for the
times in a record, which must be valid.
"""

import random
import shutil
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.attack.workspace import COMMANDS, Command, build, files, forking, hidden, run

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
    "restore": 8,
    "twin": 8,
    "time": 12,
}
QUICK, STEP = "fetch", 4  # what `make test` kills, at every fourth change; `make attack` does so at each and with all


@dataclass
class Undisturbed:
    """A folder in which commands have run to their end, as far as a test needs them."""

    folder: Path
    outputs: dict[str, set[str]] = field(default_factory=dict)  # by command
    seconds: dict[str, float] = field(default_factory=dict)

    def up_to(self, command: Command) -> None:
        """Run what has not run yet, the command itself included."""
        for earlier in COMMANDS[: COMMANDS.index(command) + 1]:
            if earlier.campaign == command.campaign and earlier.name not in self.outputs:
                made = {name: (self.folder / name).read_bytes() for name in self.outputs.get(earlier.again or "", ())}
                drop(self.folder, set(made))
                before, started = set(files(self.folder)), time.monotonic()
                ended = run(earlier, self.folder)
                assert ended.returncode == 0, ended.stderr
                self.seconds[earlier.name] = time.monotonic() - started
                self.outputs[earlier.name] = set(files(self.folder)) - before
                assert self.outputs[earlier.name]
                for name in made.keys() - self.outputs[earlier.name]:
                    (self.folder / name).write_bytes(made[name])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    forking()  # whose start is no part of a command's time
    return Undisturbed(build(tmp_path_factory.mktemp("undisturbed")))


def killed(command: Command, folder: Path, **when: Any) -> bool:
    """Run the command and kill it and all its processes, see `run`; False when it has ended before."""
    ended = run(command, folder, **when)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode != 0


@dataclass(frozen=True)
class Attacked:
    """A copy of the undisturbed folder, in which the command has yet to make its outputs."""

    folder: Path
    command: Command
    outputs: set[str]
    expected: dict[str, bytes]

    def drop(self) -> None:
        """Remove the outputs, so that the command has work to do; what a killed one left beside them stays."""
        drop(self.folder, self.outputs)

    def whole_or_absent(self, killed_at: str) -> None:
        for name, content in files(self.folder).items():
            assert name in self.expected, f"{name} after {killed_at}"
            assert content == self.expected[name], f"{name} after {killed_at}"

    def is_whole(self) -> None:
        """Whether everything that an undisturbed run makes is there, and nothing else."""
        after = files(self.folder)
        assert {name for name in self.expected if after.get(name) != self.expected[name]} == set()
        assert hidden(self.folder) == []


def attacked(undisturbed: Undisturbed, folder: Path, command: Command) -> Attacked:
    undisturbed.up_to(command)
    shutil.copytree(undisturbed.folder, folder)
    made = Attacked(folder, command, undisturbed.outputs[command.name], files(undisturbed.folder))
    made.drop()
    return made


@pytest.mark.attack
@pytest.mark.parametrize("command", [one for one in COMMANDS if one.name in KILLS], ids=lambda command: command.name)
def test_killed_at_any_time(undisturbed: Undisturbed, tmp_path: Path, command: Command) -> None:
    made = attacked(undisturbed, tmp_path / "copy", command)
    kills, draw = KILLS[command.name], random.Random(command.name)
    done = attempts = 0
    while done < kills and attempts < ATTEMPTS * kills:
        attempts += 1
        after_s = draw.uniform(0, undisturbed.seconds[command.name])
        if killed(command, made.folder, after_s=after_s):
            done += 1
        else:
            made.drop()
        made.whole_or_absent(f"{after_s:.2f} s")
    assert done == kills
    ended = run(command, made.folder)
    assert ended.returncode == 0, ended.stderr
    made.is_whole()


@pytest.mark.parametrize(
    ("command", "step"),
    [
        *(pytest.param(one, STEP, id=f"{one.name} now and then") for one in COMMANDS if one.name == QUICK),
        *(pytest.param(one, 1, id=one.name, marks=pytest.mark.attack) for one in COMMANDS if one.name in KILLS),
    ],
)
def test_killed_at_changes_of_the_disk(undisturbed: Undisturbed, tmp_path: Path, command: Command, step: int) -> None:
    made = attacked(undisturbed, tmp_path / "copy", command)
    change = 1
    while killed(command, made.folder, change=change):
        made.whole_or_absent(f"change {change}")
        made.drop()
        change += step
    assert change > step
    made.is_whole()


def drop(folder: Path, names: set[str]) -> None:
    """Remove outputs of a command."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
