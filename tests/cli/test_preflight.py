"""Checks before Snakemake starts: merged files, writable folders."""

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from snakemake.cli import parse_config  # what a Snakefile gets

from workflow.cli import preflight as start
from workflow.cli.common import campaign_in
from workflow.cli.preflight import check, check_folders
from workflow.cli.shim import nested
from workflow.plan.config import ROOT
from workflow.rules.support import plan_of

GOOD = "campaign: mine\ndatasets: [frappe]\nexperiments: [table_1]\n"

LIMITED = GOOD + "limits: {training: {max_epochs: 3}}\n"


def ended(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as caught:
        check(arguments)
    assert caught.value.code == 1
    return capsys.readouterr().err


@pytest.fixture(autouse=True)
def folder(here: Path) -> Path:
    (here / "mine.yaml").write_text(GOOD)
    return here


def test_good_files_pass() -> None:
    check(["--cores", "2", "--configfile", "mine.yaml", "--", "all"])
    check(["--cores", "2"])


@pytest.mark.parametrize(
    ("line", "usual"),
    [
        ("", True),
        ("--cores 2 --configfile mine.yaml -- all table_4", True),
        ("--snakefile there/Snakefile --cores=3 --configfile a.yaml b.yaml", True),
        ("all --cores 1", True),
        ("--cores all", False),
        ("-c 2", False),
        ("--cores 2 -n -- all", False),
        ("--cores 2 --config seeds=[1] -d there", False),
    ],
)
def test_usual_calls_are_read_as_snakemake_reads_them(line: str, usual: bool) -> None:
    options = start._usual(line.split())
    assert (options is not None) == usual
    whole = vars(start._parsed(tuple(line.split())))
    for name, value in vars(options).items() if options else ():
        assert value == whole[name] or not (value or whole[name])


def test_a_profile_named_by_the_environment_is_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    start._parsed.cache_clear()
    monkeypatch.setenv("SNAKEMAKE_PROFILE", "there")
    assert start._usual([]) is None
    check([])  # the profile may say how many cores
    start._parsed.cache_clear()


@pytest.mark.parametrize(
    ("files", "arguments", "words"),
    [
        (
            {
                "config/paper.yaml": LIMITED,
                "part.yaml": "limits: {training: {max_epochz: 3}}\n",
            },  # laid over the default
            "--configfiles part.yaml --cores 1",
            "error: part.yaml: limits.training.max_epochz: unknown key; did you mean 'max_epochs'",
        ),
        ({"config/paper.yaml": "campaign: [\n"}, "-n", "config/paper.yaml: not valid YAML: line 2, column 1"),
        ({"work/results": ""}, "-d work --cores 1", "work/results: is a file"),
    ],
)
def test_what_is_wrong_with_files_is_told(
    folder: Path, files: dict[str, str], arguments: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    assert words in ended(capsys, *arguments.split())


def test_one_seed_is_set_on_the_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--cores", "1", "--configfile", "mine.yaml", "--config"]
    check([*given, "seeds=[2023]"])
    assert "seeds.0: Input should be a valid integer" in ended(capsys, *given, "seeds=[x]")
    (folder / "mine.yaml").write_text(GOOD + 'seeds: ["2023"]\n')
    assert "seeds.0" in ended(capsys, *given, "threads=1")  # a file says numbers as numbers


@pytest.mark.parametrize(
    "entry", ["seeds=[2023]", "limits={training: {max_epochs: 3}}", "limits.training.max_epochs=3", "threads=2"]
)
def test_a_change_is_the_same_in_our_commands_and_in_the_snakefile(folder: Path, entry: str) -> None:
    """Snakemake leaves numbers in lists and mappings as text, and takes no dots in keys."""
    ours = campaign_in(folder / "mine.yaml", [entry])
    assert ours != campaign_in(folder / "mine.yaml")
    raw = parse_config([nested(entry)])
    merged = {**yaml.safe_load(GOOD), **raw}
    assert plan_of(merged, raw).campaign == ours


def test_what_config_sets_may_be_missing_in_files(folder: Path) -> None:
    (folder / "part.yaml").write_text("datasets: [frappe]\n")
    check(["--configfile", "part.yaml", "--config", "campaign=x", "experiments=[table_1]", "--cores", "1"])


@pytest.mark.parametrize("name", [name for name in start.FOLDERS if name != "."])
def test_a_file_in_a_folder_s_place(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / name).write_text("mine")
    message = ended(capsys, "--cores", "1")
    assert f"{name}: is a file, but a folder is needed there; move it away" in message
    assert (folder / name).read_text() == "mine"


def test_a_link_that_leads_nowhere(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "data").symlink_to(folder / "unplugged")
    assert "data: is a broken link" in ended(capsys, "--cores", "1")


@pytest.mark.parametrize("name", start.FOLDERS)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_a_folder_that_cannot_be_written(folder: Path, name: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / name).mkdir(exist_ok=True)
    real = tempfile.TemporaryFile

    def full(*_: Any, dir: Path) -> Any:
        if dir == folder / name:
            raise OSError(number, os.strerror(number))
        return real(dir=dir)

    monkeypatch.setattr(start.tempfile, "TemporaryFile", full)
    with pytest.raises(start.UserError) as caught:
        check_folders(folder)
    words = f"{folder / name}: cannot be written ({os.strerror(number)}). Free disk space or make"
    assert str(caught.value).startswith(words)


def test_who_only_looks_needs_no_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "check_folders", lambda _: pytest.fail("written"))
    check(["-n", "--cores", "1"])
    check(["--lint"])


@pytest.mark.parametrize(("there", "place"), [(False, "."), (True, ".snakemake")])
def test_a_dry_run_where_nothing_can_be_written(
    folder: Path, there: bool, place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if there:
        (folder / ".snakemake").mkdir()
    monkeypatch.setattr(start.os, "access", lambda path, _: str(path) != place)
    told = ended(capsys, "-n", "--configfile", "mine.yaml", "--cores", "1")
    assert told.startswith(
        f"error: {place}: cannot be written, and Snakemake keeps notes there even in a dry run; make"
    )
    assert len(told.splitlines()) == 1
    check(["--list", "--configfile", "mine.yaml"])


def test_a_profile_where_no_slurm_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start.shutil, "which", lambda _: None)
    given = ["--configfile", "mine.yaml", "--profile", str(ROOT / "profiles/slurm")]
    assert "no Slurm is here" in ended(capsys, *given)
    check([*given, "-n"])  # who only looks needs none
    monkeypatch.setattr(start.shutil, "which", lambda _: "/usr/bin/sbatch")
    check(given)


def test_a_cache_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/proc")
    told = ended(capsys, "--cores", "1", "--configfile", "mine.yaml")
    assert "/proc/.cache/snakemake" in told
    assert "XDG_CACHE_HOME" in told


def test_the_second_in_a_folder_says_who_is_the_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / ".snakemake").mkdir()
    code = "from workflow.cli.preflight import hold; hold(); print('held'); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "table_4"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        told = ended(capsys, "--cores", "1", "--configfile", "mine.yaml")
        assert f"process {first.pid} on " in told
        assert "snakemake table_4" in told
        check(["-n", "--cores", "1", "--configfile", "mine.yaml"])  # who only looks may
        first.communicate(b"\n")
    check(["--cores", "1", "--configfile", "mine.yaml"])  # the lock went with its process
