"""Synthetic twins: archives in a dataset's own format, from a seed. Never evidence about the paper."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

from workflow.data.encode.split import split_rows
from workflow.data.twins.planted import exact_auc, planted_probability
from workflow.data.twins.schema import Column, Schema, schema_of
from workflow.data.twins.tokens import spellings
from workflow.errors import UserError
from workflow.files import atomic_path
from workflow.plan.config import DatasetConfig
from workflow.spec import SPLITS, DatasetSpec, Preparation

CHUNK_ROWS = 250_000
SCALE_POWER = 0.85  # how the number of values grows with the rows
SMALL = 100  # columns with fewer values keep them all
MOVIELENS_USER_COLUMNS = ("Gender", "Age", "Occupation")
Splits = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Drawn:
    """The rows of a twin as value indices, with their labels."""

    schema: Schema
    index_N: dict[str, npt.NDArray[np.int64]]  # -1: missing
    dictionaries: dict[str, pl.Series]
    probability_N: npt.NDArray[np.float64]
    label_N: npt.NDArray[np.bool_]

    def strings(self, name: str, rows: npt.NDArray[np.int64]) -> pl.Series:
        """A column's spellings in these rows; null where missing."""
        index = self.index_N[name][rows]
        found = self.dictionaries[name].gather(np.maximum(index, 0))
        return found.zip_with(pl.Series(index >= 0), pl.Series([None], dtype=pl.String)).alias(name)


def write_twin(config: DatasetConfig, spec: DatasetSpec, archive: Path) -> None:
    """Write the twin of a dataset as an archive in the dataset's own format; equal arguments give equal bytes."""
    preparation = spec.preparation
    if preparation.twin is None:
        raise UserError(f"dataset {spec.name}: preparation.twin is not set, so there is no twin to write")
    drawn = _draw(config, preparation, preparation.twin.rows, preparation.twin.seed)
    split_N = _splits(config, preparation, drawn.label_N, preparation.twin.seed)
    with atomic_path(archive) as part, zipfile.ZipFile(part, "w") as out:
        if preparation.format == "movielens-1m":
            _write_movielens(out, drawn, preparation)
        else:
            _write_csv(out, drawn, preparation, split_N)
        _write_member(out, "twin.json", iter([_about(drawn, split_N, preparation)]))


# -- drawing --------------------------------------------------------------------------


def _draw(config: DatasetConfig, preparation: Preparation, rows: int, seed: int) -> Drawn:
    rng = np.random.default_rng([seed, crc32(config.name.encode())])
    schema = schema_of(config, preparation)
    sizes = {column.name: _size(column, rows, schema.real_rows) for column in schema.columns}
    dictionaries = {c.name: spellings(c, sizes[c.name], place) for place, c in enumerate(schema.columns)}
    index_N = {c.name: _indices(c, len(dictionaries[c.name]), rows, rng) for c in schema.columns}
    if preparation.format == "movielens-1m":
        # Gender, age and occupation belong to the user: they are those of one of her rows.
        _, first, user_N = np.unique(index_N["UserID"], return_index=True, return_inverse=True)
        for name in MOVIELENS_USER_COLUMNS:
            index_N[name] = index_N[name][first][user_N]
    effects = {column.name: column.effect for column in schema.columns}
    probability_N = planted_probability(index_N, effects, schema.pairs, schema.positive_rate, rng)
    return Drawn(schema, index_N, dictionaries, probability_N, rng.random(rows) < probability_N)


def _size(column: Column, rows: int, real_rows: int) -> int:
    if column.cardinality <= SMALL:
        return column.cardinality
    scale = min(1.0, (rows / real_rows) ** SCALE_POWER)
    return max(20, int(column.cardinality * scale))


def _indices(column: Column, size: int, rows: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Heavy-tailed draws: low indices are frequent."""
    index_N = np.minimum(size * rng.random(rows) ** column.skew, size - 1).astype(np.int64)
    if column.missing:
        index_N[rng.random(rows) < column.missing] = -1
    return index_N


def _splits(config: DatasetConfig, preparation: Preparation, label_N: npt.NDArray[np.bool_], seed: int) -> Splits:
    """Split of each row: the dataset's own proportions, with both classes in every part."""
    if preparation.split is not None:
        return split_rows(len(label_N), preparation.split)
    published = [config.published.rows.get(split, 0) for split in SPLITS]
    share = np.array(published if all(published) else (8, 1, 1), dtype=np.float64)
    rng = np.random.default_rng([seed, 1])
    split_N = np.empty(len(label_N), dtype=np.int8)
    for label in (False, True):
        rows = rng.permutation(np.flatnonzero(label_N == label))
        ends = np.round(np.cumsum(share / share.sum())[:-1] * len(rows)).astype(np.int64)
        for place, part in enumerate(np.split(rows, ends)):
            split_N[part] = place
    return split_N


# -- writing --------------------------------------------------------------------------


def _write_member(out: zipfile.ZipFile, name: str, blocks: Iterator[bytes]) -> None:
    # Stored, not compressed: zlib versions differ in their bytes, and take most of the time.
    member = zipfile.ZipInfo(name)  # a fixed time, of 1980: equal seeds give equal bytes
    member.external_attr = 0o644 << 16
    with out.open(member, "w", force_zip64=True) as stream:
        for block in blocks:
            stream.write(block)


def _write_csv(out: zipfile.ZipFile, drawn: Drawn, preparation: Preparation, split_N: Splits) -> None:
    if preparation.format == "csv":
        name = next(iter(preparation.files.values()))
        _write_member(out, name, _csv_blocks(drawn, preparation, np.arange(len(split_N))))
        return
    for place, split in enumerate(SPLITS):
        rows = np.flatnonzero(split_N == place)
        _write_member(out, preparation.files[split], _csv_blocks(drawn, preparation, rows))


def _csv_blocks(drawn: Drawn, preparation: Preparation, rows: npt.NDArray[np.int64]) -> Iterator[bytes]:
    at_least = preparation.label_at_least
    labels = pl.Series(["0", "1"] if at_least is None else [str(at_least - 1), str(at_least)])
    for start in range(0, len(rows), CHUNK_ROWS):
        chunk = rows[start : start + CHUNK_ROWS]
        label = labels.gather(drawn.label_N[chunk].astype(np.int64)).alias(preparation.label)
        frame = pl.DataFrame([label, *(drawn.strings(column.name, chunk) for column in drawn.schema.columns)])
        yield frame.write_csv(include_header=start == 0, line_terminator=drawn.schema.line_end).encode()


def _write_movielens(out: zipfile.ZipFile, drawn: Drawn, preparation: Preparation) -> None:
    rows = np.arange(len(drawn.label_N))
    threshold = int(preparation.label_at_least or 4)
    # Ratings on both sides of the threshold, spread without another random draw.
    rating = np.where(drawn.label_N, threshold + rows % 2, 1 + rows % (threshold - 1))
    ratings = pl.DataFrame([drawn.strings("UserID", rows), drawn.strings("MovieID", rows), pl.Series("Rating", rating)])
    ratings = ratings.with_columns(pl.lit("0").alias("Timestamp"))
    users = pl.DataFrame([drawn.strings(name, rows) for name in ("UserID", *MOVIELENS_USER_COLUMNS)])
    users = users.unique("UserID", keep="first", maintain_order=True).with_columns(pl.lit("00000").alias("Zip-code"))
    movies = ratings.select("MovieID").unique(maintain_order=True)
    movies = movies.with_columns(pl.format("Café {} (1999)", "MovieID"), pl.lit("Drama|Comedy").alias("Genres"))
    files = preparation.files
    for name, frame in ((files["ratings"], ratings), (files["users"], users), ("movies.dat", movies)):
        lines = frame.select(pl.concat_str(pl.all().cast(pl.String), separator="::")).to_series()
        _write_member(out, f"ml-1m/{name}", iter([("\n".join(lines) + "\n").encode("latin-1")]))


def _about(drawn: Drawn, split_N: Splits, preparation: Preparation) -> bytes:
    """Facts about the twin, for preparing and for tests."""
    bayes = {
        split: exact_auc(drawn.probability_N[split_N == place], drawn.label_N[split_N == place])
        for place, split in enumerate(SPLITS)
    }
    twin = preparation.twin.model_dump() if preparation.twin else None
    return (json.dumps({"bayes_auc": bayes, "pairs": drawn.schema.pairs, "twin": twin}, indent=1) + "\n").encode()
