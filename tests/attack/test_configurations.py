"""Every bad configuration ends in a message that names file and key, at the command line and in Snakemake."""

import os
from pathlib import Path

import pytest

from tests.attack.choice import quick
from tests.attack.configurations.good import GOOD, Case, dumped
from tests.attack.configurations.texts import texts
from tests.attack.configurations.unknown import unknown_keys, unknown_names
from tests.attack.configurations.values import numbers, wrong_types
from tests.attack.workspace import call
from tests.conftest import forget
from workflow.cli.main import main
from workflow.plan.config import ROOT

SNAKEMAKE = str(ROOT / "workflow/cli/snakemake")
CASES: list[Case] = [*unknown_keys(), *unknown_names(), *wrong_types(), *numbers(), *texts()]
WRITTEN = {name: dumped(content) for name, content in GOOD.items()}
MAX_LINE = 1200  # a line may list the keys that are known


def write(folder: Path) -> Path:
    for name, content in WRITTEN.items():
        (folder / name).write_bytes(content)
    forget()
    return folder


def held(text: str, file: str, words: tuple[str, ...]) -> None:
    """Check for a short message with the expected words and without Python's own text."""
    assert "Traceback" not in text
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) <= 12
    assert all(len(line) <= MAX_LINE for line in lines)
    assert all(character.isprintable() for line in lines for character in line)
    missing = [word for word in words if word not in text]
    assert not missing, text
    assert Path(file).stem in text or "dataset frappe" in text  # a cell is named by experiment and dataset


def test_the_good_files_are_good(config_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(config_folder)
    assert main(["plan", "--configfile", str(config_folder / "mine.yaml")]) == 0
    assert "table_3" in capsys.readouterr().out


@pytest.mark.parametrize(("file", "content", "words"), quick(CASES, 60))
def test_a_bad_configuration_is_one_message(
    config_folder: Path, capsys: pytest.CaptureFixture[str], file: str, content: bytes, words: tuple[str, ...]
) -> None:
    write(config_folder)
    (config_folder / file).write_bytes(content)
    assert main(["plan", "--configfile", str(config_folder / "mine.yaml")]) == 1
    held(capsys.readouterr().err, file, words)
    assert not Path("pwned").exists()


IN_SNAKEMAKE = [case for case in CASES if case[1] == "mine.yaml"][::24]  # each takes seconds


@pytest.mark.parametrize(("file", "content", "words"), quick(IN_SNAKEMAKE, 1))
def test_snakemake_says_the_same(tmp_path: Path, file: str, content: bytes, words: tuple[str, ...]) -> None:
    for name in ("datasets", "experiments"):
        (tmp_path / name).mkdir()
    write(tmp_path)
    (tmp_path / file).write_bytes(content)
    options = ["--profile", str(ROOT / "profiles/default"), "--snakefile", str(ROOT / "Snakefile"), "--cores", "1"]
    env = os.environ | {"TF4CTR_CONFIG": str(tmp_path)}
    ended = call([SNAKEMAKE, *options, "--configfile", "mine.yaml", "-n", "--", "all"], tmp_path, env)
    assert ended.returncode != 0
    held(ended.stderr + ended.stdout, file, words)
    assert not (tmp_path / "pwned").exists()
