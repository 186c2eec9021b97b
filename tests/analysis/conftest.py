"""A small campaign with synthetic records, in a folder of its own."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import yaml

from tests.made_records import HEX, made_record
from workflow.analysis.evidence.load import Evidence, WorkingDirectory
from workflow.archive.layout import RunArchive
from workflow.data.store import FieldMeta, Meta, SplitMeta, fingerprint, write_meta
from workflow.plan.campaign import Plan
from workflow.plan.cells import dataset_spec
from workflow.plan.config import ROOT, available, check_campaign, load_dataset, load_experiment
from workflow.provenance.seal import sealed
from workflow.spec import RunSpec
from workflow.train.keep import file_path
from workflow.train.placements import UserSums, write_sums
from workflow.train.record import Metrics, ProbeData, Record, read_record, write_record

CLOSE = "c1" * 32  # an archive that the datasets list as close
ROWS = {
    "frappe": {"train": 202_027, "valid": 57_722, "test": 28_860},
    "ml-1m": {"train": 800_167, "valid": 100_021, "test": 100_021},
    "criteo": {"train": 36_672_493, "valid": 4_584_062, "test": 4_584_062},
}
FEATURES = {"frappe": 5_383, "ml-1m": 9_626, "criteo": 910_747}
FIELDS = {"frappe": 10, "ml-1m": 5, "criteo": 39}


def _dataset(name: str) -> dict[str, Any]:
    sizes = [2] * (FIELDS[name] - 1) + [FEATURES[name] - 2 * (FIELDS[name] - 1)]
    names = [f"f{number}" for number in range(FIELDS[name])]
    return {
        "name": name,
        "title": {"frappe": "Frappe", "ml-1m": "ML-1M", "criteo": "Criteo"}[name],
        "source": {"archive": f"{name}.zip"},
        "archives": [
            {"sha256": "published", "standing": "published", "reason": "the published files"},
            {"sha256": CLOSE, "standing": "redrawn", "reason": "train negatives drawn again"},
        ],
        "published": {
            "rows": ROWS[name],
            "features": FEATURES[name],
            "vocabulary": dict(zip(names, sizes, strict=True)),
        },
        "preparation": {
            "files": {split: f"{split}.csv" for split in ("train", "valid", "test")},
            "group": None if name == "criteo" else "f0",
            "fields": [{"name": field} for field in names],
        },
        "protocol": {
            "network": {"dropout": 0.1},
            "models": {"TF4CTR": {"simple_units": [400]}},
            "losses": {"twin_focus": {"c": 0.8, "gamma": 2}},
            "training": {"monitor": ["auc"]},
        },
    }


@pytest.fixture(scope="session")
def shipped() -> Evidence:
    """The shipped runs, read once."""
    archive = RunArchive(ROOT / "results" / "evidence")
    return Evidence.load(archive.plan, source=archive)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A configuration folder with three datasets and the project's own experiments."""
    root = tmp_path / "config"
    (root / "datasets").mkdir(parents=True)
    for name in ROWS:
        (root / "datasets" / f"{name}.yaml").write_text(yaml.safe_dump(_dataset(name)))
    (root / "experiments").mkdir()
    for name in ("table_1", "table_3"):
        shutil.copy(ROOT / "config" / "experiments" / f"{name}.yaml", root / "experiments")
    monkeypatch.setenv("TF4CTR_CONFIG", str(root))
    monkeypatch.chdir(tmp_path)
    caches = (available, load_dataset, load_experiment)
    for cached in caches:
        cached.cache_clear()
    yield root
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def make_plan(config: Path) -> Callable[..., Plan]:
    """Return a function that expands a campaign; by default Tables I and III on two datasets, with one seed."""

    def make(**changes: Any) -> Plan:
        values = {
            "campaign": "small",
            "datasets": ["frappe", "ml-1m"],
            "experiments": ["table_1", "table_3"],
            "seeds": [2023],
        }
        return Plan(check_campaign({**values, **changes}, "test"))

    return make


@lru_cache(maxsize=4096)
def _sums(auc: float, gauc: float | None) -> UserSums:
    """Of two users who are alike."""
    rows_U, placed_U = np.full(2, 10), np.full(2, 10 * auc)
    return UserSums(rows_U, rows_U, placed_U, placed_U, np.full(2, np.nan if gauc is None else gauc))


@lru_cache(maxsize=4096)
def _sums_file(auc: float, gauc: float | None) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "user_sums.npz"
        write_sums(path, _sums(auc, gauc))
        return path.read_bytes()


def _left(run: RunSpec, auc: float, gauc: float | None) -> str:
    path = file_path(run, "user_sums.npz")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_sums_file(auc, gauc))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _scored(
    run: RunSpec,
    auc: float = 0.9,
    gauc: float | None = 0.8,
    origin: str = "published",
    note: str = "",
    failure: str | None = None,
    valid_auc: float | None = None,
    archive: str = HEX,
    digest: str = HEX,
) -> Record:
    test = Metrics(auc=auc, gauc=gauc, logloss=0.3)
    valid = test if valid_auc is None else test.model_copy(update={"auc": valid_auc})
    raw = {"archive.zip": archive, "train.csv": HEX}
    return made_record(run, test, valid, failure, digest, data_origin=origin, data_note=note, raw_sha256=raw)


@pytest.fixture
def put() -> Callable[..., Path]:
    """Return a function that writes the record of a run with given test scores.

    The sums beside it are of users who are all alike, so that no other test set would change a score; without `sums`
    the record names a file that is not there.
    """

    def write(
        run: RunSpec,
        auc: float = 0.9,
        gauc: float | None = 0.8,
        failure: str | None = None,
        path: Path | None = None,
        sums: bool = True,
        **more: Any,
    ) -> Path:
        digest = _left(run, auc, gauc) if sums and not failure else HEX
        record = _scored(run, auc, gauc, failure=failure, digest=digest, **more)
        place = path or run.record_path
        # As `write_record` does, but without bringing thousands of files to the disk.
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(sealed(record).model_dump_json())
        return place

    return write


class Held(dict[str, Record]):
    """Records by run key, without files."""

    def put(self, run: RunSpec, **scores: Any) -> None:
        """Keep the record of a run with given test scores."""
        self[run.key] = _scored(run, **scores)

    def put_probed(self, run: RunSpec, probes: ProbeData) -> None:
        """Keep the record of a run with probe data."""
        self[run.key] = _scored(run).model_copy(update={"probes": probes})


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Records that evidence finds as those of the working directory, with the same sums as those of `put`."""
    records = Held()

    def sums(_: WorkingDirectory, record: Record) -> UserSums | None:
        return _sums(record.test.auc, record.test.gauc) if record.test else None

    monkeypatch.setattr(WorkingDirectory, "record", lambda _, run: records.get(run.key))
    monkeypatch.setattr(WorkingDirectory, "user_sums", sums)
    return records


@pytest.fixture
def put_probed(put: Callable[..., Path]) -> Callable[[RunSpec, ProbeData], None]:
    """Return a function that writes the record of a run with probe data."""

    def write(run: RunSpec, probes: ProbeData) -> None:
        path = put(run)
        write_record(path, read_record(path).model_copy(update={"probes": probes}))

    return write


@pytest.fixture
def prepare() -> Callable[..., Path]:
    """Return a function that writes the metadata of a prepared dataset of the published size."""

    def write(plan: Plan, name: str, origin: str = "published", note: str = "", **rows: int) -> Path:
        spec = dataset_spec(load_dataset(name), plan.campaign)
        sizes = load_dataset(name).published.vocabulary
        fields = tuple(FieldMeta(name=field, vocab_size=size) for field, size in sizes.items())
        splits = {
            split: SplitMeta(rows=count, positives=count // 3, groups=7, sha256={"x": HEX, "y": HEX})
            for split, count in {**ROWS[name], **rows}.items()
        }
        meta = Meta.model_validate(
            {
                "dataset": spec,
                "title": name,
                "origin": origin,
                "origin_note": note,
                "raw": [],
                "fields": fields,
                "splits": splits,
                "code": HEX,
                "fingerprint": fingerprint(fields, splits),
            }
        )
        write_meta(spec.prepared_dir, meta)
        return spec.prepared_dir / "meta.json"

    return write


@pytest.fixture
def real_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plan]:
    """Return a function that expands an experiment of the project's own configuration, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def make(*experiments: str, **changes: Any) -> Plan:
        datasets = ["criteo", "kkbox", "ml-1m", "ml-tag", "frappe"]
        values = {"campaign": "paper", "datasets": datasets, "experiments": list(experiments), "preset": "paper"}
        return Plan(check_campaign({**values, **changes}, "test"))

    return make
