"""The rows that both sides prepare: a synthetic twin of Criteo, as an archive and as CSV files."""

import shutil
import sys
import zipfile
from pathlib import Path

from workflow.data.twins.twin import write_twin
from workflow.plan.cells import dataset_spec
from workflow.plan.config import CampaignConfig, DatasetConfig, load_dataset
from workflow.spec import DatasetSpec, Twin


def criteo(rows: int) -> tuple[DatasetConfig, DatasetSpec]:
    """Criteo as the paper prepares it, with a twin of `rows` rows."""
    campaign = CampaignConfig(
        campaign="benchmark", datasets=("criteo",), experiments=("none",), twin=Twin(rows=rows, seed=1)
    )
    config = load_dataset("criteo")
    return config, dataset_spec(config, campaign)


def make(folder: Path, rows: int) -> None:
    """Write twin.zip and the CSV files inside it into `folder`.

    The archive is compressed again: so are the public ones, and to unpack is part of our work.
    """
    write_twin(*criteo(rows), folder / "stored.zip")
    with (
        zipfile.ZipFile(folder / "stored.zip") as stored,
        zipfile.ZipFile(folder / "twin.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed,
    ):
        for name in stored.namelist():
            with stored.open(name) as source, (folder / name).open("wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
            packed.write(folder / name, name)
    (folder / "stored.zip").unlink()


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
