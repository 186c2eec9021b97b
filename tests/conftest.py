"""Shared fixtures."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings

from workflow.plan import config
from workflow.plan.config import ROOT

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("untimed")
# They start Snakemake or kill, which takes longest: begun first, none of them ends alone on one of the workers.
FIRST = ("kills", "workflow", "wheel", "own_data", "plain_frappe", "workers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem.removeprefix("test_") not in FIRST)


def pytest_collection_finish() -> None:
    gc.freeze()  # modules and tests stay: each collection by a library would look through them again, for 0.5 s


@pytest.fixture(scope="session", autouse=True)
def without_fsync() -> Iterator[None]:
    """Thousands of small files need not be on the disk; tests/test_files.py says when they would be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, as working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def config_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty configuration folder in use; write datasets and experiments into it."""
    folder = tmp_path / "config"
    for name in ("datasets", "experiments"):
        (folder / name).mkdir(parents=True)
    monkeypatch.setenv("TF4CTR_CONFIG", str(folder))
    forget()
    yield folder
    forget()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """Known work and speed instead of counted and measured ones; the list says which models were counted."""
    from workflow.cost import epochs, machine  # noqa: PLC0415
    from workflow.cost.epochs import Work  # noqa: PLC0415
    from workflow.cost.speed import Speed  # noqa: PLC0415

    asked: list[str] = []
    figures = {"training_multiply_adds": 3000, "training_bytes": 200, "multiply_adds": 1000, "bytes": 100}

    def work_of(settings: Any, fields: Any) -> Work:
        asked.append(settings.name)
        return Work(**figures, held_bytes=50, token_parameters=0, other_parameters=5000)

    def speed_here(device: str) -> Speed | None:
        return Speed(multiply_adds_per_s=1e9, bytes_per_s=1e8) if device == "cpu" else None

    monkeypatch.setattr(machine, "work_of", work_of)
    monkeypatch.setattr(epochs, "speed_here", speed_here)
    monkeypatch.setattr(epochs, "SHIPPED", tmp_path / "none.json")  # nor was anything counted before
    epochs.shipped.cache_clear()
    yield asked
    epochs.shipped.cache_clear()


def write_campaign(folder: Path, campaign: Mapping[str, Any], experiments: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write a campaign, experiments with these keys beside title and datasets, and copies of the project's datasets."""
    for kind in ("datasets", "experiments"):
        (folder / "config" / kind).mkdir(parents=True, exist_ok=True)
    for name in campaign["datasets"]:
        shutil.copy(ROOT / f"config/datasets/{name}.yaml", folder / "config/datasets")
    for name, keys in experiments.items():
        content = {"name": name, "title": name, "datasets": campaign["datasets"], **keys}
        (folder / f"config/experiments/{name}.yaml").write_text(yaml.safe_dump(content))
    path = folder / f"{campaign['campaign']}.yaml"
    path.write_text(yaml.safe_dump(dict(campaign)))
    forget()
    return path


def edit_yaml(path: Path, change: Callable[[Any], object]) -> None:
    """Change what a YAML file holds, in place."""
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content))
    forget()


def forget() -> None:
    """Clear the caches of configuration files, as a test may change them."""
    for cached in (config.available, config.load_dataset, config.load_experiment):
        cached.cache_clear()
