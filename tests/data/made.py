"""Small made-up datasets: configuration, archive and a naive reading of the same rules."""

import math
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.data.clicks import text
from workflow.data.prepare import prepare
from workflow.data.store import Meta, Split, SplitName, load_split
from workflow.plan.cells import dataset_spec
from workflow.plan.config import CampaignConfig, DatasetConfig
from workflow.spec import SPLITS, DatasetSpec, Twin

SPLIT_FILES = {"train": "train.csv", "valid": "valid.csv", "test": "test.csv"}


def dataset(fields: Sequence[Any], source: Mapping[str, Any] | None = None, **preparation: Any) -> DatasetConfig:
    """Configuration of a dataset called "toy"; a field is a name or a mapping."""
    named = [{"name": field} if isinstance(field, str) else field for field in fields]
    values = {"files": SPLIT_FILES, "fields": named, **preparation}
    source = {"archive": "toy.zip", **(source or {})}
    return DatasetConfig.model_validate({"name": "toy", "title": "Toy", "source": source, "preparation": values})


def campaign(**values: Any) -> CampaignConfig:
    return CampaignConfig.model_validate({"campaign": "t", "datasets": ("toy",), "experiments": ("none",), **values})


def spec_of(config: DatasetConfig, twin: Twin | None = None) -> DatasetSpec:
    return dataset_spec(config, campaign(twin=twin))


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def table(header: Sequence[str], rows: Sequence[Sequence[Any]], line_end: str = "\n") -> str:
    return text(rows, header, lineterminator=line_end)


def prepared(
    config: DatasetConfig, folder: Path, members: Mapping[str, str | bytes], block_bytes: int = 1 << 20
) -> tuple[Meta, dict[SplitName, Split]]:
    """Prepare the archive with these members and load the three splits."""
    archive = zipped(folder / "toy.zip", members)
    out = folder / "out"
    meta = prepare(config, spec_of(config), archive, out, block_bytes)
    return meta, splits_of(out, meta)


def splits_of(out: Path, meta: Meta) -> dict[SplitName, Split]:
    return {split: load_split(out, split, meta) for split in SPLITS}


def column(header: str, *, train: Sequence[str], valid: Sequence[str] = (), test: Sequence[str] = ()) -> dict[str, str]:
    """The three files of a dataset with a label and one column; short splits are padded."""
    return {
        f"{split}.csv": table(["label", header], [[i % 2, value] for i, value in enumerate([*values, "pad", "pad"])])
        for split, values in (("train", train), ("valid", valid), ("test", test))
    }


# -- a second, naive implementation of the rules ---------------------------------------


def naive_bucket(text: str) -> str:
    number = float(text) if text else 0.0
    value = math.floor(math.log(number) ** 2) if number > 2 else int(number)
    return "" if value == 0 else str(value)


def naive_ids(train: Sequence[str], values: Sequence[str], min_count: int) -> list[int]:
    counts = Counter(train)
    kept = sorted((t for t, n in counts.items() if n >= min_count and t != ""), key=lambda t: t.encode())
    return [kept.index(value) + 1 if value in kept else len(kept) + 1 for value in values]


def same(first: dict[SplitName, Split], second: dict[SplitName, Split]) -> bool:
    """Whether all arrays of two preparations are equal, those of users where they have some."""
    pairs = [(first[name], second[name]) for name in first]
    arrays = [pair for a, b in pairs for pair in ((a.x_NC, b.x_NC), (a.y_N, b.y_N), (a.group_N, b.group_N))]
    return all(a is b is None or np.array_equal(a, b) for a, b in arrays)  # pyright: ignore[reportArgumentType]
