"""Damaged arrays, descriptions, states and records: refused with file and remedy, or trained again; never used."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.attack.choice import quick
from tests.train.prepared import run_spec, write_prepared
from workflow.data.store import Split, load_meta, load_split
from workflow.errors import UserError
from workflow.train.checkpoint import Progress, load, save
from workflow.train.record import read_record
from workflow.train.run import train_runs


def flipped(content: bytes, draw: random.Random, times: int) -> bytes:
    changed = bytearray(content)
    for _ in range(times):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def overwritten(content: bytes, draw: random.Random, page: bytes) -> bytes:
    start = draw.randrange(max(1, len(content) - len(page)))
    return content[:start] + page + content[start + len(page) :]


def exchanged(content: bytes, draw: random.Random) -> bytes:
    half, size = len(content) // 2, len(content) // 4
    a, b = draw.randrange(half - size), half + draw.randrange(half - size)
    return content[:a] + content[b : b + size] + content[a + size : b] + content[a : a + size] + content[b + size :]


KINDS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "a flipped bit": lambda content, draw: flipped(content, draw, 1),
    "forty flipped bits": lambda content, draw: flipped(content, draw, 40),
    "cut": lambda content, draw: content[: draw.randrange(len(content))],
    "longer": lambda content, draw: content + draw.randbytes(draw.randrange(1, 50)),
    "a zeroed page": lambda content, draw: overwritten(content, draw, bytes(min(4096, max(64, len(content) // 4)))),
    "a page of noise": lambda content, draw: overwritten(content, draw, draw.randbytes(64)),
    "two parts exchanged": exchanged,
    "nothing": lambda *_: b"",
    "noise": lambda content, draw: draw.randbytes(len(content)),
    "brackets": lambda *_: b"[" * 100_000,
}


def damages(count: int) -> list[tuple[str, str, int]]:
    """Kinds and seeds, in turns."""
    kinds = list(KINDS)
    return [(f"{kinds[n % len(kinds)]} {n}", kinds[n % len(kinds)], n) for n in range(count)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with prepared data, the record of a run, and a state."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        directory = write_prepared(rows=300).prepared_dir
        shutil.copytree(directory, folder / "prepared")
        run = run_spec(max_epochs=1)
        train_runs([run], "cpu", 0.0, lambda _: None)
        shutil.copy(run.record_path, folder / "record.json")
        weights = {"model": {"weight": torch.arange(500.0)}}
        save(folder / "run.state", "mine", Progress(learning_rate=1e-3), weights)
    return folder


def damage(path: Path, kind: str, seed: int) -> bool:
    """Damage a file; False when its content is what it was."""
    before = path.read_bytes()
    after = KINDS[kind](before, random.Random(seed))
    path.write_bytes(after)
    return after != before


def told(error: UserError, path: Path) -> None:
    assert len(str(error).splitlines()) == 1
    assert str(path) in str(error)
    assert "delete" in str(error)


def splits(folder: Path) -> list[Split]:
    meta = load_meta(folder)
    return [load_split(folder, name, meta) for name in ("train", "valid", "test")]


def same(one: Split, other: Split) -> bool:
    pairs = ((one.x_NC, other.x_NC), (one.y_N, other.y_N), (one.group_N, other.group_N))
    return all(a is not None and b is not None and np.array_equal(a, b) for a, b in pairs)


FILES = ("meta.json", *(f"{kind}_{split}.npy" for kind in ("x", "y", "group") for split in ("train", "valid", "test")))


@pytest.mark.parametrize(("kind", "seed"), quick(damages(350), 25))
def test_damaged_data_are_refused(made: Path, tmp_path: Path, kind: str, seed: int) -> None:
    folder = tmp_path / "prepared"
    shutil.copytree(made / "prepared", folder)
    path = folder / FILES[seed // len(KINDS) % len(FILES)]
    if not damage(path, kind, seed):
        return
    try:
        found = splits(folder)
    except UserError as error:
        told(error, path)
    else:  # white space in meta.json, say
        assert path.name == "meta.json"
        assert all(same(a, b) for a, b in zip(found, splits(made / "prepared"), strict=True))


@pytest.mark.parametrize(("kind", "seed"), quick(damages(170), 15))
def test_a_damaged_state_is_dropped_with_a_line(made: Path, tmp_path: Path, kind: str, seed: int) -> None:
    path = Path(shutil.copy(made / "run.state", tmp_path))
    lines: list[str] = []
    if damage(path, kind, seed):
        assert load(path, "mine", torch.device("cpu"), lines.append) is None
        assert lines == [f"{path}: damaged state (its SHA-256 is another); the run starts again"]
        assert not path.exists()


@pytest.mark.parametrize(("kind", "seed"), quick(damages(120), 10))
def test_a_damaged_record_is_refused(made: Path, tmp_path: Path, kind: str, seed: int) -> None:
    path = Path(shutil.copy(made / "record.json", tmp_path))
    before = read_record(path)
    if not damage(path, kind, seed):
        return
    try:
        assert read_record(path) == before
    except UserError as error:
        told(error, path)
