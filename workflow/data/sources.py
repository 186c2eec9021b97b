"""Where raw archives lie, real or synthetic."""

from pathlib import Path

from workflow.plan.config import DatasetConfig
from workflow.spec import DatasetSpec


def raw_archive(config: DatasetConfig, spec: DatasetSpec) -> Path:
    """The archive that this dataset is prepared from, below the working directory.

    A real archive serves every preparation; a twin is made for one.
    """
    if spec.preparation.twin is None:
        return Path("data/raw", spec.name, config.source.archive)
    return Path("data/raw", spec.name, spec.id, config.source.archive)
