"""`pip install .` gives a project that works in an empty folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.data.clicks import clicks, text
from workflow.plan.places import ROOT

FOLDERS = ("models", "workflow", "config", "paper", "profiles", "results/evidence")
FILES = ("Snakefile", "CITATION.cff", "environment.yml", "pyproject.toml", "setup.py", "README.md", "LICENSE")


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command outside the checkout; give what it printed."""
    ours = ("PYTHONPATH", "TF4CTR_CONFIG", "TF4CTR_MIRROR", "TF4CTR_CAMPAIGN")
    env = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    setuptools = pytest.importorskip("setuptools", "77", reason="setuptools 77 builds the wheel")
    del setuptools
    folder = tmp_path_factory.mktemp("wheel")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / "src" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy2(ROOT / name, folder / "src" / name)
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation")
    run(*pip, "--wheel-dir", "dist", "./src", cwd=folder)
    (found,) = folder.glob("dist/*.whl")
    return found


def test_it_holds_what_a_checkout_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert archive.read("tf4ctr_audit.pth").decode() == "tf4ctr_audit\n"
    expected = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {name.removeprefix("tf4ctr_audit/") for name in names if name.startswith("tf4ctr_audit/")}
    assert held == expected | {"Snakefile", "CITATION.cff", "environment.yml", "pyproject.toml"}


@pytest.mark.attack  # a minute of training
def test_from_a_csv_to_a_table_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "venv/bin/python"
    run(sys.executable, "-m", "venv", "--without-pip", "venv", cwd=tmp_path)
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "clicks.csv").write_text(text(clicks(600)))
    tf4ctr = (python, "-c", "import sys; from workflow.cli.launch import console; sys.exit(console())")
    assert "predict" in run(*tf4ctr, "--help", cwd=empty)
    run(*tf4ctr, "init", "clicks.csv", cwd=empty)
    assert "item" in run(*tf4ctr, "describe", "clicks", cwd=empty)
    limits = "limits={training: {max_epochs: 1}}"
    run(*tf4ctr, "run", "clicks", "clicks-models", "--config", "seeds=[1]", limits, "keep_weights=true", cwd=empty)
    assert "DCNv2" in (empty / "paper_tables/clicks/clicks-models.md").read_text()
    record = next(empty.glob("results/runs/clicks/DCNv2/*/seed1.json"))
    run(*tf4ctr, "predict", record.relative_to(empty), "clicks.csv", cwd=empty)
    assert len((empty / "predictions.csv").read_text().splitlines()) == 601
