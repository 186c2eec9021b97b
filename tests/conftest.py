"""Shared fixtures."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from workflow import config

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("untimed")


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


def forget() -> None:
    """Configuration files are read once a process; a test may change them."""
    for cached in (config.available, config.load_dataset, config.load_experiment):
        cached.cache_clear()
