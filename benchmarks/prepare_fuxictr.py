"""FuxiCTR's own preprocessing of three Criteo CSV files; runs in FuxiCTR's environment only."""

import json
import sys
import time
from pathlib import Path
from typing import Any


def main(folder: Path, out: Path) -> None:
    """Build FuxiCTR's dataset from train.csv, valid.csv and test.csv in `folder`; print seconds."""
    # Not part of this project's environment: unknown to its type checker.
    from fuxictr.datasets.criteo import CustomizedFeatureProcessor  # pyright: ignore[reportMissingImports] # noqa: PLC0415
    from fuxictr.preprocess import build_dataset  # pyright: ignore[reportMissingImports] # noqa: PLC0415

    start = time.perf_counter()
    processor = CustomizedFeatureProcessor(
        feature_cols=_features(), label_col={"name": "Label", "dtype": "float"}, dataset_id="criteo", data_root=str(out)
    )
    files = {f"{split}_data": str(folder / f"{split}.csv") for split in ("train", "valid", "test")}
    build_dataset(processor, **files, min_categr_count=10)
    wall_s = time.perf_counter() - start
    sizes = {name: spec["vocab_size"] for name, spec in processor.feature_map.features.items()}
    print(json.dumps({"wall_s": wall_s, "vocabulary": sizes}))


def _features() -> list[dict[str, Any]]:
    """The settings of BARS's Criteo_x4_001, which are the paper's."""
    shared = {"active": True, "type": "categorical"}
    numbers = {
        "name": [f"I{i}" for i in range(1, 14)],
        "dtype": "float",
        "preprocess": "convert_to_bucket",
        "fill_na": 0,
    }
    words = {"name": [f"C{i}" for i in range(1, 27)], "dtype": "str", "fill_na": ""}
    return [{**numbers, **shared}, {**words, **shared}]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
