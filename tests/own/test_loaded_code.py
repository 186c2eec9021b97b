"""The fingerprint of a user's model covers the loaded files, the hashed code runs, and archives contain it."""

import os
import py_compile
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.own_code import forget, load_class, loaded
from tests.conftest import forget as forget_configuration
from tests.own.conftest import prepared, records, workflow, write_arms
from workflow.archive.layout import RunArchive
from workflow.archive.verify import verify
from workflow.archive.write import write_sums_file
from workflow.cli.main import main
from workflow.train.keep import is_of_this_code
from workflow.train.record import Record

TOY = """
from importlib import import_module, resources
from pathlib import Path
import json
import helper, numpy as np, torch
from helper.attribute import *
from . import beside
from .sub.inner import SCALE
from torch import nn
from models.embedding import Embedding
from models.mlp import Head

computed = import_module("help" + "er.computed")
TABLE = np.load("tables/start.npy")

class Toy(nn.Module):
    def __init__(self, features, *, embedding_dim: int = 4):
        super().__init__()
        self.embedding = Embedding(features, embedding_dim)
        self.head = Head(features.fields * embedding_dim)
        self.shift = json.loads(Path("tables/shift.json").read_text())["shift"]
        self.extra = resources.files("helper").joinpath("extra.txt").read_text()

    def forward(self, x_BC):
        import helper.lazy
        scale = helper.deep.FACTOR * SCALE * WIDTH * computed.ONE * helper.lazy.ONE * beside.ONE * float(TABLE[0])
        return scale * self.head(self.embedding(x_BC).flatten(1)) + self.shift
"""
FILES = {
    "my_models/toy.py": TOY,
    "my_models/__init__.py": "NAME = 'mine'\n",
    "my_models/beside.py": "ONE = 1.0\n",
    "my_models/sub/__init__.py": "",
    "my_models/sub/inner.py": "from ..beside import ONE\nSCALE = 1.0\n",
    "helper/__init__.py": "from . import deep\n",
    "helper/deep.py": "FACTOR = 1.0\n",
    "helper/attribute.py": "WIDTH = 1.0\n",
    "helper/computed.py": "ONE = 1.0\n",
    "helper/lazy.py": "ONE = 1.0\n",
    "helper/extra.txt": "x",
    "tables/shift.json": '{"shift": 0.0}',
}


@pytest.fixture
def model(folder: Path) -> Path:
    shutil.rmtree(folder / "my_models")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "unused.py").write_text("X = 1\n")
    np.save(folder / "tables/start.npy", np.ones(3))
    write_arms(folder, [{"label": "Toy", "model": {"name": "Custom", "module": "my_models/toy.py:Toy"}}])
    return folder


@pytest.fixture
def trained(model: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    monkeypatch.syspath_prepend(str(model))
    prepared()
    assert workflow("train") == 0
    (record,) = records().values()
    assert record.status == "ok", record.failure
    return record


def test_every_file_that_was_loaded_counts_and_no_other(trained: Record, model: Path) -> None:
    names = {*FILES, "tables/start.npy"}
    assert set(trained.provenance.own_files) == names
    assert is_of_this_code(trained)
    for name in names:
        path = model / name
        before = path.read_bytes()
        path.write_bytes(before.replace(b"1.0", b"1.5") if b"1.0" in before else before + b"\nx = 1")
        assert not is_of_this_code(trained), name
        path.write_bytes(before)
    (model / "unused.py").write_text("X = 2\n")
    (model / "helper/deep.py").write_text("FACTOR = 1.0  # a comment\n")
    assert is_of_this_code(trained)
    (model / "helper/deep.py").unlink()
    assert not is_of_this_code(trained)


def test_a_change_in_a_helper_trains_again(trained: Record, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (model / "helper/deep.py").write_text("FACTOR = 0.5\n")
    capsys.readouterr()
    assert workflow("train") == 0
    assert "0 of 1 runs are finished" in capsys.readouterr().out
    (again,) = records().values()
    assert again.test != trained.test
    assert again.provenance.code != trained.provenance.code


def stale_pyc(source: Path) -> None:
    """Bytecode of the file as it is, which Python would take unseen after any edit."""
    py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH, doraise=True)


def edited_in_the_same_second(source: Path) -> None:
    """Python compares size and time with those in the bytecode."""
    py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP, doraise=True)


@pytest.mark.parametrize("cached", [stale_pyc, edited_in_the_same_second])
@pytest.mark.parametrize("name", ["helper/deep.py", "my_models/beside.py", "my_models/toy.py"])
def test_what_is_hashed_is_what_runs(
    model: Path, monkeypatch: pytest.MonkeyPatch, name: str, cached: Callable[[Path], None]
) -> None:
    monkeypatch.syspath_prepend(str(model))
    path = model / name
    times = path.stat()
    cached(path)
    old, new = ("class Toy", "class Too") if name.endswith("toy.py") else ("1.0", "7.0")
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    forget()
    made = load_class(f"my_models/toy.py:{'Too' if name.endswith('toy.py') else 'Toy'}")
    module = vars(sys.modules[made.__module__])
    seen = {"helper/deep.py": lambda: module["helper"].deep.FACTOR, "my_models/beside.py": lambda: module["beside"].ONE}
    if name in seen:
        assert seen[name]() == 7.0
    assert loaded().sources[name] == path.read_bytes()
    forget()


def test_an_archive_carries_the_files_and_is_trained_again_where_they_are_not(
    trained: Record,
    model: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert workflow("export", "--out", "archive") == 0
    with zipfile.ZipFile("archive/own_models.zip") as archive:
        assert {name.partition("/")[2] for name in archive.namelist()} == {*FILES, "tables/start.npy"}
    assert verify(RunArchive(Path("archive"))).faults == ()
    away = tmp_path_factory.mktemp("away")
    shutil.copytree("archive", away / "archive")
    shutil.copytree("data", away / "data")
    monkeypatch.chdir(away)
    monkeypatch.delenv("TF4CTR_CONFIG")
    forget_configuration()
    forget()
    capsys.readouterr()
    status = main(["verify", "archive", "--retrain", "1"])
    told = capsys.readouterr()
    assert status == 0, told.err + told.out
    shown = told.out.index("class Toy(nn.Module)")
    assert shown < told.out.index("training mine Custom")
    assert f"{trained.spec.key}: equal, on this kind of machine" in told.out


def test_an_archive_whose_own_files_are_not_those_of_its_records_is_refused(
    trained: Record, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workflow("export", "--out", "archive") == 0
    archive = Path("archive")
    for change in ("an evil", "a foreign"):
        with zipfile.ZipFile(archive / "own_models.zip", "a") as packed:
            digest = next(iter(trained.provenance.own_files.values())) if change == "an evil" else "0" * 64
            packed.writestr(f"{digest}/x.py", change)
        files = [path for path in archive.iterdir() if path.name != "SHA256SUMS"]
        write_sums_file(archive, files)
        assert main(["verify", "archive"]) == 1
        told = capsys.readouterr().err
        assert "own_models.zip: " in told
        assert len(told.splitlines()) == 1
