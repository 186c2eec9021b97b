"""From a raw archive to the arrays that training reads.

Three passes, none of which holds more than one block of rows: encode the raw columns with
dictionaries; count codes in the training split and build each field's vocabulary; look
the ids up and write the arrays. meta.json is written last, so that a folder without it
is not finished.

Shapes: N rows, U distinct raw values of a column, C columns of x.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from workflow.data.description.facts import FILE as DESCRIPTION
from workflow.data.description.facts import Collector, Column, write_description
from workflow.data.encode.codes import Codes, CodeStore, Encoder, Part
from workflow.data.encode.coding import FILE as VOCABULARY
from workflow.data.encode.coding import Coding, learn, write_coding
from workflow.data.encode.labels import labels_of
from workflow.data.encode.missing import without_missing
from workflow.data.encode.split import split_table
from workflow.data.encode.write import Rows, SplitWriter
from workflow.data.origin import describe_origin
from workflow.data.store import FieldMeta, Meta, SplitMeta, SplitName, fingerprint, write_meta
from workflow.data.tables.files import BLOCK_BYTES, Archive, open_archive
from workflow.data.tables.read import read_chunks
from workflow.files import NOT_WRITABLE, cannot_write, scratch_prefix, sweep
from workflow.plan.config import DatasetConfig
from workflow.provenance.code import code_fingerprint
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
        for part, codes in self.store.blocks():
            yield self.split_N[part.start : part.start + part.rows], codes


@dataclass(frozen=True)
class Lookup:
    """What each code stands for in the prepared arrays."""

    columns: tuple[Column, ...]
    label: str
    label_U: npt.NDArray[np.float32]
    group: str | None
    group_U: Ids | None

    @property
    def fields(self) -> tuple[FieldMeta, ...]:
        """The fields, as meta.json tells them."""
        return tuple(column.coding.meta for column in self.columns)


def prepare(
    config: DatasetConfig,
    spec: DatasetSpec,
    archive: Path,
    out: Path,
    block_bytes: int = BLOCK_BYTES,
    own: Mapping[str, str] | None = None,
) -> Meta:
    """Prepare a dataset: read the archive, write arrays and meta.json into `out`.

    Parameters
    ----------
    config : DatasetConfig
        Title and published checksums.
    spec : DatasetSpec
        What decides the arrays; its preset and twin are resolved already.
    archive : Path
        The raw archive.
    out : Path
        Folder for x_, y_ and group_ arrays of each split, description.json and meta.json.
    block_bytes : int
        Bytes parsed at a time: bounds the memory, does not change the result.
    own : mapping of str to str, optional
        What messages call the archive's files: the user's own paths, where it was made from them.

    Returns
    -------
    Meta
        As written.

    Raises
    ------
    UserError
        When the archive or a row in it is faulty, or `out` cannot be written. An earlier
        result in `out` is kept until the new one is complete.
    """
    with _full_disk_is_an_error(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        sweep(out)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=scratch_prefix(out)) as scratch:
            meta = _prepare_in(config, spec, archive, Path(scratch), block_bytes, own)
            out.mkdir(exist_ok=True)
            return _publish(Path(scratch), out, meta)


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
    write_coding(scratch, Coding(preparation=spec.preparation, fields=codings))
    table.store.path.unlink()
    origin = describe_origin(config, spec, archive, digests)
    return Meta(
        dataset=spec,
        title=config.title,
        origin=origin.kind,
        origin_note=origin.note,
        raw=origin.raw,
        fields=lookup.fields,
        splits=splits,
        bayes_auc=twin["bayes_auc"] if twin else None,
        code=code_fingerprint("workflow.data.prepare"),
        fingerprint=fingerprint(lookup.fields, {str(name): split for name, split in splits.items()}),
    )


def _publish(scratch: Path, out: Path, meta: Meta) -> Meta:
    """Put finished arrays in place; without meta.json in between nothing looks finished."""
    (out / "meta.json").unlink(missing_ok=True)
    for stale in (*out.glob("*.npy"), *(out / name for name in BESIDE)):
        stale.unlink(missing_ok=True)
    for file in (*scratch.glob("*.npy"), *(scratch / name for name in BESIDE)):
        file.replace(out / file.name)
    return write_meta(out, meta)


@contextmanager
def _full_disk_is_an_error(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in NOT_WRITABLE:
            raise
        raise cannot_write(out, error) from error


# -- first pass: raw columns to codes -------------------------------------------------


def _encode(archive: Archive, preparation: Preparation, scratch: Path, block_bytes: int) -> Table:
    columns = preparation.table_columns
    encoder = Encoder(columns)
    store = CodeStore(scratch / "codes.bin", columns)
    with store.path.open("wb") as stream:
        for chunk in read_chunks(archive, preparation, columns, block_bytes):
            codes_KN = encoder.encode(chunk.frame)
            store.append(stream, Part(chunk.place, chunk.split, store.rows, codes_KN.shape[1]), codes_KN)
    dictionaries = {name: without_missing(encoder.dictionary(name), preparation) for name in columns}
    if preparation.split is not None:
        return Table(store, dictionaries, split_table(store, dictionaries, preparation.split))
    places = [SPLITS.index(str(part.split)) for part in store.parts]
    split_N = np.repeat(np.array(places, dtype=np.int8), [part.rows for part in store.parts])
    return Table(store, dictionaries, split_N)


# -- second pass: counts, vocabularies, labels, groups --------------------------------


def _lookup(table: Table, preparation: Preparation) -> Lookup:
    count_U = {name: np.zeros(len(raw), dtype=np.int64) for name, raw in table.dictionaries.items()}
    user_U = np.zeros(len(table.dictionaries[preparation.group]) if preparation.group else 0, dtype=bool)
    for split_N, codes in table.blocks():
        train = split_N == SPLITS.index("train")
        for name, code_N in codes.items():
            np.add.at(count_U[name], code_N[train], 1)
        if preparation.group:
            user_U[codes[preparation.group]] = True
    columns = tuple(_column(table, field, count_U[field.name], preparation.min_count) for field in preparation.fields)
    group_U = _groups(table.dictionaries[preparation.group], user_U) if preparation.group else None
    label_U = labels_of(table.store, table.dictionaries[preparation.label], preparation)
    return Lookup(columns, preparation.label, label_U, preparation.group, group_U)


def _column(table: Table, field: FieldSpec, count_U: npt.NDArray[np.int64], min_count: int) -> Column:
    raw = table.dictionaries[field.name]
    coding = learn(field, raw, count_U, min_count)
    tokens = coding.read(raw)
    table.store.require_readable(field.name, raw, tokens, coding.fault)
    return Column(coding, tokens, count_U, coding.encode(tokens))


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
    columns = sum(field.columns for field in lookup.fields)
    groups = None if lookup.group_U is None else int(lookup.group_U.max()) + 1
    collector = Collector(list(lookup.columns), table.store.rows)
    with ExitStack() as stack:
        writers = [
            stack.enter_context(SplitWriter(scratch, name, int(rows[place]), columns, groups))
            for place, name in enumerate(SPLITS)
        ]
        for split_N, codes in table.blocks():
            arrays = _arrays(lookup, codes)
            collector.add(split_N, codes, arrays.y_N)
            for place in np.unique(split_N):
                chosen = slice(None) if (split_N == split_N[0]).all() else split_N == place
                writers[place].append(arrays.where(chosen))
    metas = {name: writer.meta() for name, writer in zip(get_args(SplitName), writers, strict=True)}
    write_description(scratch, collector.description(spec, config.title, writers))
    return metas


def _arrays(lookup: Lookup, codes: dict[str, Codes]) -> Rows:
    label_N = codes[lookup.label]
    x_NC = np.concatenate([column.ids_UC[codes[column.spec.name]] for column in lookup.columns], axis=1)
    group_N = None
    if lookup.group is not None and lookup.group_U is not None:
        group_N = lookup.group_U[codes[lookup.group]]
    return Rows(x_NC, lookup.label_U[label_N], group_N)
