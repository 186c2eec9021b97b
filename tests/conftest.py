"""Shared fixtures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from workflow.plan import config

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("untimed")
# They start Snakemake or kill, which takes longest: begun first, none of them ends alone on one of the workers.
FIRST = ("kills", "workflow", "wheel", "own_data", "plain_frappe", "workers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem.removeprefix("test_") not in FIRST)


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


def forget() -> None:
    """Configuration files are read once a process; a test may change them."""
    for cached in (config.available, config.load_dataset, config.load_experiment):
        cached.cache_clear()
