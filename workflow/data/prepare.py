"""From a raw archive to the arrays that training reads.

Three passes, none of which holds more than one block of rows: encode the raw columns with
dictionaries; count codes by split and label, and build each field's vocabulary of the training
split; look the ids up and write the arrays. meta.json is written last, so that a folder without
it is not finished.

Shapes: N rows, U distinct raw values of a column, C columns of x.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from workflow.data.description.describe import COMPARED_ROWS, Column, describe, hashes_of
from workflow.data.description.facts import FILE as DESCRIPTION
from workflow.data.encode.codes import Codes, CodeStore, Encoder
from workflow.data.encode.coding import FILE as VOCABULARY
from workflow.data.encode.coding import Coding, learn
from workflow.data.encode.labels import labels_of
from workflow.data.encode.missing import without_missing
from workflow.data.encode.split import split_table
from workflow.data.encode.write import SplitWriter
from workflow.data.store import Meta, RawFile, Split, SplitMeta, SplitName, fingerprint, write_meta
from workflow.data.tables.files import BLOCK_BYTES, Archive, Digest, open_archive
from workflow.data.tables.read import read_frames
from workflow.files import NOT_WRITABLE, cannot_write, md5_file, scratch_prefix, sha256_file, sweep
from workflow.plan.config import DatasetConfig
from workflow.provenance.code import code_fingerprint
from workflow.provenance.seal import write_sealed
from workflow.spec import SPLITS, DatasetSpec, FieldSpec, Preparation

TWIN_FILE = "twin.json"
BESIDE = (DESCRIPTION, VOCABULARY)  # the arrays
Ids = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Table:
    """The raw columns as codes, dictionaries to read them by, and each row's split."""

    store: CodeStore
    dictionaries: dict[str, pl.Series]  # values that count as missing are ""
    split_N: npt.NDArray[np.int8]  # place in SPLITS

    def blocks(self) -> Iterator[tuple[npt.NDArray[np.int8], dict[str, Codes]]]:
        """Yield each block's splits and codes."""
        start = 0
        for (_, codes), (_, rows) in zip(self.store.blocks(), self.store.places, strict=True):
            yield self.split_N[start : start + rows], codes
            start += rows


@dataclass(frozen=True)
class Lookup:
    """The value of each code in the prepared arrays."""

    preparation: Preparation
    columns: tuple[Column, ...]
    label_U: npt.NDArray[np.float32]
    group_U: Ids | None

    def arrays(self, codes: dict[str, Codes]) -> Split:
        """The prepared rows of a block of codes."""
        x_NC = np.concatenate([column.ids_UC[codes[column.spec.name]] for column in self.columns], axis=1)
        group = self.preparation.group
        group_N = self.group_U[codes[group]] if group is not None and self.group_U is not None else None
        return Split(x_NC, self.label_U[codes[self.preparation.label]], group_N)


def prepare(
    config: DatasetConfig,
    spec: DatasetSpec,
    archive: Path,
    out: Path,
    block_bytes: int = BLOCK_BYTES,
    own: Mapping[str, str] | None = None,
) -> Meta:
    """Read an archive, write arrays and meta.json into `out`; an earlier result is kept until the new one is complete.

    `block_bytes`, parsed at a time, bounds the memory and does not change the result. `own` is what messages call the
    archive's files: the user's own paths, where it was made from them.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        sweep(out)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=scratch_prefix(out)) as scratch:
            meta = _prepare_in(config, spec, archive, Path(scratch), block_bytes, own)
            out.mkdir(exist_ok=True)
            return _publish(Path(scratch), out, meta)
    except OSError as error:
        if error.errno not in NOT_WRITABLE:
            raise
        raise cannot_write(out, error) from error


def _prepare_in(
    config: DatasetConfig,
    spec: DatasetSpec,
    archive: Path,
    scratch: Path,
    block_bytes: int,
    own: Mapping[str, str] | None,
) -> Meta:
    with open_archive(archive, only_file=len(spec.preparation.files) == 1, own=own) as opened:
        table = _encode(opened, spec.preparation, scratch, block_bytes)
        twin = opened.json(TWIN_FILE) if spec.preparation.twin is not None else None
        digests = [digest for digest in opened.read if digest.name != TWIN_FILE]
    lookup = _lookup(table, spec.preparation)
    splits = _write(config, spec, table, lookup, scratch)
    codings = tuple(column.coding for column in lookup.columns)
    write_sealed(scratch / VOCABULARY, Coding(preparation=spec.preparation, fields=codings))
    table.store.path.unlink()
    origin, note, raw = origin_of(config, spec, archive, digests)
    fields = tuple(coding.meta for coding in codings)
    return Meta(
        dataset=spec,
        title=config.title,
        origin=origin,
        origin_note=note,
        raw=raw,
        fields=fields,
        splits=splits,
        bayes_auc=twin["bayes_auc"] if twin else None,
        code=code_fingerprint("workflow.data.prepare"),
        fingerprint=fingerprint(fields, {str(name): split for name, split in splits.items()}),
    )


def _publish(scratch: Path, out: Path, meta: Meta) -> Meta:
    """Put finished arrays in place; meanwhile meta.json is missing, so that nothing looks finished."""
    (out / "meta.json").unlink(missing_ok=True)
    for stale in (*out.glob("*.npy"), *(out / name for name in BESIDE)):
        stale.unlink(missing_ok=True)
    for file in (*scratch.glob("*.npy"), *(scratch / name for name in BESIDE)):
        file.replace(out / file.name)
    return write_meta(out, meta)


# -- first pass: raw columns to codes -------------------------------------------------


def _encode(archive: Archive, preparation: Preparation, scratch: Path, block_bytes: int) -> Table:
    columns = preparation.table_columns
    encoder = Encoder(columns)
    store = CodeStore(scratch / "codes.bin", columns)
    with store.path.open("wb") as stream:
        for place, frame in read_frames(archive, preparation, columns, block_bytes):
            store.append(stream, place, encoder.encode(frame))
    dictionaries = {name: without_missing(encoder.dictionary(name), preparation) for name in columns}
    if preparation.split is not None:
        return Table(store, dictionaries, split_table(store, dictionaries, preparation.split))
    splits, rows = zip(*((SPLITS.index(str(place.split)), rows) for place, rows in store.places), strict=True)
    split_N = np.repeat(np.array(splits, dtype=np.int8), rows)
    return Table(store, dictionaries, split_N)


# -- second pass: counts, vocabularies, labels, groups --------------------------------


def _lookup(table: Table, preparation: Preparation) -> Lookup:
    group, names = preparation.group, [field.name for field in preparation.fields]
    label_U = labels_of(table.store, table.dictionaries[preparation.label], preparation)
    counts = {name: np.zeros((5, len(table.dictionaries[name])), dtype=np.int32) for name in names}
    user_U = np.zeros(len(table.dictionaries[group]) if group else 0, dtype=bool)
    for split_N, codes in table.blocks():
        kind_N = np.minimum(2 * split_N + (label_U[codes[preparation.label]] > 0.5), 4).astype(np.int64)  # see Column
        for name, count_KU in counts.items():
            np.add.at(count_KU.reshape(-1), kind_N * count_KU.shape[1] + codes[name], np.int32(1))
        if group:
            user_U[codes[group]] = True
    columns = tuple(_column(table, field, counts[field.name], preparation.min_count) for field in preparation.fields)
    group_U = _groups(table.dictionaries[group], user_U) if group else None
    return Lookup(preparation, columns, label_U, group_U)


def _column(table: Table, field: FieldSpec, count_KU: npt.NDArray[np.int32], min_count: int) -> Column:
    raw = table.dictionaries[field.name]
    coding = learn(field, raw, count_KU[:2].sum(0, dtype=np.int64), min_count)
    tokens = coding.read(raw)
    table.store.require_readable(field.name, raw, tokens, coding.fault)
    return Column(coding, tokens, count_KU, coding.encode(tokens))


def _groups(raw: pl.Series, used_U: npt.NDArray[np.bool_]) -> Ids:
    """Dense codes of the raw user ids that occur, in the order of their bytes."""
    group_U = np.full(len(raw), -1, dtype=np.int32)
    group_U[used_U] = raw.filter(pl.Series(used_U)).rank("dense").to_numpy().astype(np.int32) - 1
    return group_U


# -- third pass: arrays ---------------------------------------------------------------


def _write(
    config: DatasetConfig, spec: DatasetSpec, table: Table, lookup: Lookup, scratch: Path
) -> dict[SplitName, SplitMeta]:
    rows = np.bincount(table.split_N, minlength=len(SPLITS))
    columns = sum(column.spec.columns for column in lookup.columns)
    groups = None if lookup.group_U is None else int(lookup.group_U.max()) + 1
    hashes: list[npt.NDArray[np.uint64]] = []
    with ExitStack() as stack:
        writers = [
            stack.enter_context(SplitWriter(scratch, name, int(rows[place]), columns, groups))
            for place, name in enumerate(SPLITS)
        ]
        for split_N, codes in table.blocks():
            arrays = lookup.arrays(codes)
            if len(table.split_N) <= COMPARED_ROWS:
                hashes.append(hashes_of(lookup.columns, codes))
            for place in np.unique(split_N):
                chosen = slice(None) if (split_N == split_N[0]).all() else split_N == place
                writers[place].append(arrays, chosen)
    metas = {name: writer.meta() for name, writer in zip(get_args(SplitName), writers, strict=True)}
    by_split = [np.concatenate(hashes)[table.split_N == place] for place in range(len(SPLITS))] if hashes else []
    write_sealed(scratch / DESCRIPTION, describe(spec, config.title, lookup.columns, writers, by_split))
    return metas


# -- whether the raw bytes are the published ones -------------------------------------


def origin_of(
    config: DatasetConfig, spec: DatasetSpec, archive: Path, digests: Sequence[Digest]
) -> tuple[Literal["published", "other", "twin"], str, tuple[RawFile, ...]]:
    """Origin, note and files for meta.json, from the checksums of the members that were read.

    "published" only if the bytes of every file are proved to be the published ones, by the file's own checksum or by
    the whole archive's.
    """
    source, sha256, whole, known = config.source, sha256_file(archive), None, dict[str, str]()
    twin = spec.preparation.twin
    if twin is None:
        known = {spec.preparation.files[key]: md5 for key, md5 in source.file_md5.items()}
        if source.sha256 is not None:
            whole = sha256 == source.sha256
        elif source.md5 is not None:
            whole = md5_file(archive) == source.md5
    files = tuple(
        RawFile(name=d.name, sha256=d.sha256, published=whole or (known[d.name] == d.md5 if d.name in known else None))
        for d in digests
    )
    raw = (RawFile(name=archive.name, sha256=sha256, published=whole), *files)
    if twin is not None:
        return "twin", f"{twin.rows:,} rows, seed {twin.seed}, labels from a planted model", raw
    if whole or (files and all(file.published for file in files)):
        return "published", "every file is the published one, by its checksum", raw
    return "other", _differences(raw[0], digests, known), raw


def _differences(archive: RawFile, digests: Sequence[Digest], known: dict[str, str]) -> str:
    """One line: which files differ, and for which nothing is known."""
    parts = [
        f"{d.name} is not the published file (md5 {d.md5}, published {known[d.name]})"
        for d in digests
        if d.name in known and d.md5 != known[d.name]
    ]
    if archive.published is False and not known:
        parts.append(f"{archive.name} is not the published archive (sha256 {archive.sha256})")
    elif unknown := [d.name for d in digests if d.name not in known]:
        parts.append(f"no checksum of the published {', '.join(unknown)} is known")
    return "; ".join(parts)
