"""Events around a command: it is suspended, the clock jumps, folders and files change, permissions are missing.

Nothing is wrongly taken for finished or broken, results are those of an undisturbed run, and what cannot be done
is one line.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.attack.workspace import CAMPAIGN, COMMANDS, Command, build, call, environment, files, line, run
from workflow.plan.config import ROOT

pytestmark = pytest.mark.attack
BY_NAME = {command.name: command for command in COMMANDS}
TRAIN, STATUS = BY_NAME["train"], Command("status", ("status",), "results")
CLOCK = str(Path(__file__).with_name("moved_clock.py"))
FUTURE_S = 10 * 86_400
# Root reads and writes everything: a right is taken from it, or another user's id is taken on that may read all code.
WITHOUT_RIGHTS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
OTHERS = ("--clear-groups", "--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search")
NOBODY, UNKNOWN = 65_534, 54_321
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
NEEDS_ROOT = "taking on another user's id needs root and setpriv"


@dataclass(frozen=True)
class Undisturbed:
    """Folders before and after training, and what training made."""

    before: Path
    after: Path
    outputs: dict[str, bytes]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = build(tmp_path_factory.mktemp("meanwhile") / "made")
    ended = [run(command, folder) for command in COMMANDS[:2]]
    before = folder.with_name("before")
    shutil.copytree(folder, before)
    ended.append(run(TRAIN, folder))
    assert [one.returncode for one in ended] == [0, 0, 0]
    return Undisturbed(before, folder, files(folder))


def rights() -> tuple[str, ...]:
    """A prefix of a command that makes permissions apply to it, whoever runs the tests."""
    if IS_ROOT and shutil.which("setpriv") is None:
        pytest.skip("root may do all, and there is no setpriv")
    return WITHOUT_RIGHTS if IS_ROOT else ()


def as_user(number: int) -> tuple[str, ...]:
    if not IS_ROOT or shutil.which("setpriv") is None:
        pytest.skip(NEEDS_ROOT)
    return ("setpriv", "--reuid", str(number), *OTHERS)


def started(command: Command, folder: Path, prefix: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*prefix, *line(command, "-u", "-m", "workflow")],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def until(process: "subprocess.Popen[str]", words: str) -> None:
    """Read what a command writes up to a line with these words."""
    assert process.stdout is not None
    for text in process.stdout:
        if words in text:
            return
    raise AssertionError(f"ended without {words!r}")


@contextmanager
def stopped(process: "subprocess.Popen[str]") -> Iterator[None]:
    """A command and all its processes, stopped after the first epoch as long as the block lasts."""
    until(process, " epoch 1:")
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGCONT)


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def one_line(text: str, *words: str) -> None:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("error: "), text
    assert [word for word in words if word not in text] == [], text


def copied(source: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(source, tmp_path / "copy", symlinks=True))


def test_a_stopped_training_is_waited_for_and_goes_on(undisturbed: Undisturbed, tmp_path: Path) -> None:
    folder = copied(undisturbed.before, tmp_path)
    first = started(TRAIN, folder)
    with stopped(first):
        second = started(TRAIN, folder)
        until(second, "another process trains these runs; waiting for it")
        looked = run(STATUS, folder)
        assert looked.returncode == 0, looked.stderr
        assert second.poll() is None
    assert ended(first)[0] == 0
    status, out, _ = ended(second)
    assert status == 0
    assert " epoch " not in out  # all was trained by the first
    (folder / "results/counts.json").unlink(missing_ok=True)  # of `status`
    assert files(folder) == undisturbed.outputs


def test_the_configuration_of_a_command_is_the_one_that_it_began_with(undisturbed: Undisturbed, tmp_path: Path) -> None:
    for number, text in enumerate(("datasets: [", yaml.safe_dump({**CAMPAIGN, "seeds": [7]}))):
        folder = copied(undisturbed.before, tmp_path / str(number))
        training = started(TRAIN, folder)
        with stopped(training):
            (folder / "attacked.yaml").write_text(text)
        status, _, err = ended(training)
        assert status == 0, err
        assert files(folder) == undisturbed.outputs


def test_results_that_become_read_only_are_one_line_and_the_rest_comes_later(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    folder = copied(undisturbed.before, tmp_path)
    training = started(TRAIN, folder, rights())
    with stopped(training):
        below = [path for path in (folder / "results").rglob("*") if path.is_dir()]
        for path in (folder / "results", *below):
            path.chmod(0o555)
    status, _, err = ended(training)
    for path in (folder / "results", *below):
        path.chmod(0o755)
    assert status == 1
    one_line(err, "results/", "cannot be written (Permission denied)")
    assert set(files(folder).items()) <= set(undisturbed.outputs.items())
    again = run(TRAIN, folder)
    assert again.returncode == 0, again.stderr
    assert files(folder) == undisturbed.outputs


@pytest.mark.parametrize("name", ["train", "collect", "render", "report", "export"])
def test_a_clock_that_jumps_changes_nothing(undisturbed: Undisturbed, tmp_path: Path, name: str) -> None:
    """All files are of the future, and the clock jumps to and fro while the command runs."""
    folder = copied(undisturbed.before if name == "train" else undisturbed.after, tmp_path)
    later_s = time.time() + FUTURE_S
    for path in folder.rglob("*"):
        os.utime(path, (later_s, later_s), follow_symlinks=False)
    moved = call(line(BY_NAME[name], CLOCK), folder)
    assert moved.returncode == 0, moved.stderr
    plain = copied(undisturbed.before if name == "train" else undisturbed.after, tmp_path / "plain")
    assert run(BY_NAME[name], plain).returncode == 0
    assert files(folder) == files(plain)
    seen = run(STATUS, folder)
    assert seen.returncode == 0
    assert " -" not in seen.stdout


@pytest.mark.parametrize("name", ["train", "collect", "render", "export"])
def test_nobody_gets_one_line(undisturbed: Undisturbed, tmp_path: Path, name: str) -> None:
    """Root runs it as another user, who may not write in its folders."""
    folder = copied(undisturbed.after, tmp_path)
    if name == "train":
        shutil.rmtree(folder / "results")
    refused = call([*as_user(NOBODY), *line(BY_NAME[name])], folder)
    assert refused.returncode == 1
    one_line(refused.stderr, BY_NAME[name].folder, "Permission denied")
    assert set(files(folder)) <= set(undisturbed.outputs)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("plan", "attacked.yaml"),
        ("plan", "config/datasets/frappe.yaml"),
        ("plan", "config/datasets"),
        ("train", "data/prepared"),
        ("train", "results/locks"),
        ("prepare", "data/raw"),
        ("render", "data/prepared"),
    ],
)
def test_what_may_not_be_read_is_one_line(undisturbed: Undisturbed, tmp_path: Path, name: str, file: str) -> None:
    folder, prefix = copied(undisturbed.after, tmp_path), rights()
    command = BY_NAME.get(name, Command(name, (name,), ""))
    (folder / file).chmod(0)
    try:
        refused = call([*prefix, *line(command)], folder)
    finally:
        (folder / file).chmod(0o755)
    assert refused.returncode == 1, refused.stdout
    one_line(refused.stderr, file, "Permission denied")


def test_a_user_without_a_home_or_a_name(undisturbed: Undisturbed, tmp_path: Path) -> None:
    """As in a container with an arbitrary user id: commands work; Snakemake needs a HOME, and the message says so."""
    folder, prefix = copied(undisturbed.before, tmp_path), as_user(UNKNOWN)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, UNKNOWN, -1, follow_symlinks=False)
    nameless = {key: value for key, value in environment(folder).items() if key not in ("HOME", "USER", "LOGNAME")}

    for name in ("train", "render", "export"):
        made = call([*prefix, *line(BY_NAME[name])], folder, nameless)
        assert made.returncode == 0, made.stderr
    assert {name: content for name, content in files(folder).items() if name in undisturbed.outputs} == (
        undisturbed.outputs
    )
    refused = call([*prefix, *line(Command("run", ("run", "attacked.yaml", "table_3"), ""))[:-2]], folder, nameless)
    assert refused.returncode == 1
    one_line(refused.stderr, "HOME is not set")
    arguments = [str(ROOT / "workflow/cli/snakemake"), "--snakefile", str(ROOT / "Snakefile"), "-n", "all"]
    snakemake = call([*prefix, *arguments], folder, nameless)
    assert snakemake.returncode == 1
    one_line(snakemake.stderr, "HOME is not set")
