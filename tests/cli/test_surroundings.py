"""Faults of the environment: a wrong Python, a missing package, another folder, an unwritable folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import one_line
from workflow.cli.main import main
from workflow.plan.config import ROOT

pytestmark = pytest.mark.usefixtures("folder")


def launched(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command in an environment of few variables."""
    kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
    return subprocess.run(command, env=kept, capture_output=True, text=True, check=False)


def test_a_python_without_packages() -> None:
    ended = launched(sys.executable, "-S", "-m", "workflow", "plan", PYTHONPATH=str(ROOT))
    assert ended.returncode == 1
    told = one_line(ended.stderr)
    assert re.search(r"lacks the module \w+; use \./tf4ctr in .*`make install`", told)


@pytest.mark.parametrize("module", ["rich", "fsspec"])
def test_a_package_that_only_a_command_needs(module: str, folder: Path) -> None:
    """`rich` is imported by `plan`, long after the command line has started; `fsspec` is of no list of ours."""
    lacking = folder / "lacking"
    lacking.mkdir()
    (lacking / "sitecustomize.py").write_text(
        "import importlib.machinery as m, workflow.cli.main as main\n"
        f"def run(*_): raise ModuleNotFoundError('No module named {module}', name='{module}.box')\n"
        "main.main = run\nfound = m.PathFinder.find_spec\n"
        f"m.PathFinder.find_spec = lambda name, *rest: None if name == '{module}' else found(name, *rest)\n"
    )
    path = os.pathsep.join([str(lacking), str(ROOT)])
    ended = launched(sys.executable, "-m", "workflow", "plan", PYTHONPATH=path)
    assert ended.returncode == 1
    assert f"lacks the module {module}; use ./tf4ctr in" in one_line(ended.stderr)


@pytest.mark.parametrize("module", ["shutil", "workflow.plan.places", "workflow.cli.main", "pydantic", "rich.console"])
def test_an_interrupt_while_modules_are_loaded_is_one_line(module: str, folder: Path) -> None:
    """Ctrl-C at the first import of a module, the standard library's first and what `plan` needs last."""
    (folder / "interrupting").mkdir()
    (folder / "interrupting/sitecustomize.py").write_text(
        "import importlib.machinery as m, signal\nfound = m.PathFinder.find_spec\n"
        "def find(name, *rest):\n"
        f"    if name == {module!r}: signal.raise_signal(signal.SIGINT)\n"
        "    return found(name, *rest)\nm.PathFinder.find_spec = find\n"
    )
    path = os.pathsep.join([str(folder / "interrupting"), str(ROOT)])
    ended = launched(sys.executable, "-m", "workflow.cli.launch", "plan", "demo", PYTHONPATH=path)
    assert ended.returncode in (130, -2)  # Python ends itself by the signal where that comes late
    assert re.fullmatch("interrupted(; .* to go on)?\n", ended.stderr)


def test_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    from workflow.cli import launch  # noqa: PLC0415

    monkeypatch.setattr(launch.sys, "version_info", (3, 9, 2))
    assert "is Python 3.9, 3.11 is needed; use ./tf4ctr in" in str(launch.fault(SyntaxError()))


def test_another_working_directory(folder: Path) -> None:
    """`tf4ctr` works in its repository, wherever it is called from."""
    python = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    ended = subprocess.run(
        [str(ROOT / "tf4ctr"), "run", "demo", "table_7"],
        cwd=folder,
        env=os.environ | python,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "no target 'table_7' in campaign demo" in one_line(ended.stderr)


def test_a_working_directory_that_was_removed() -> None:
    script = "mkdir gone && cd gone && rmdir ../gone && exec $0 -m workflow.cli.launch plan demo"
    ended = launched("sh", "-c", script, sys.executable, PYTHONPATH=str(ROOT))
    assert ended.returncode == 1
    assert one_line(ended.stderr).startswith("error: the folder that this was called in was removed")


def test_a_folder_that_cannot_be_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "logs").write_text("mine")
    assert main(["run", "mine", "table_1"]) == 1
    assert "logs" in one_line(capsys.readouterr().err)
