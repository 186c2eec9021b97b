"""From a raw archive to the arrays that training reads.

Three passes, none of which holds more than one block of rows: encode the raw columns with
dictionaries; count codes in the training split and build each field's vocabulary; look
the ids up and write the arrays. meta.json is written last, so that a folder without it
is not finished.

Shapes: N rows, U distinct raw values of a column, C columns of x.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from workflow.data.archive import BLOCK_BYTES, Archive, open_archive
from workflow.data.codes import Codes, CodeStore, Encoder, Part
from workflow.data.origin import describe_origin
from workflow.data.read import read_chunks
from workflow.data.split import split_rows
from workflow.data.store import FieldMeta, Meta, SplitMeta, SplitName, fingerprint, write_meta
from workflow.data.transforms import transform
from workflow.data.vocabulary import encode_field
from workflow.data.write import Rows, SplitWriter
from workflow.errors import UserError
from workflow.files import NOT_WRITABLE, cannot_write, scratch_prefix, sweep
from workflow.plan.config import DatasetConfig
from workflow.provenance.code import code_fingerprint
from workflow.spec import SPLITS, DatasetSpec, Preparation

TWIN_FILE = "twin.json"
Ids = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Table:
    """The raw columns as codes, dictionaries to read them by, and each row's split."""

    store: CodeStore
    dictionaries: Mapping[str, pl.Series]
    split_N: npt.NDArray[np.int8]  # place in SPLITS

    def blocks(self) -> Iterator[tuple[npt.NDArray[np.int8], dict[str, Codes]]]:
        """Yield each block's splits and codes."""
        for part, codes in self.store.blocks():
            yield self.split_N[part.start : part.start + part.rows], codes


@dataclass(frozen=True)
class Lookup:
    """What each code stands for in the prepared arrays."""

    fields: tuple[FieldMeta, ...]
    ids_UC: tuple[Ids, ...]  # one per field
    label: str
    label_U: npt.NDArray[np.float32]
    group: str | None
    group_U: Ids | None


def prepare(config: DatasetConfig, spec: DatasetSpec, archive: Path, out: Path, block_bytes: int = BLOCK_BYTES) -> Meta:
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
        Folder for x_, y_ and group_ arrays of each split and meta.json.
    block_bytes : int
        Bytes parsed at a time: bounds the memory, does not change the result.

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
            meta = _prepare_in(config, spec, archive, Path(scratch), block_bytes)
            out.mkdir(exist_ok=True)
            return _publish(Path(scratch), out, meta)


def _prepare_in(config: DatasetConfig, spec: DatasetSpec, path: Path, scratch: Path, block_bytes: int) -> Meta:
    with open_archive(path) as archive:
        table = _encode(archive, spec.preparation, scratch, block_bytes)
        twin = json.loads(archive.text(TWIN_FILE)) if spec.preparation.twin is not None else None
        digests = [digest for digest in archive.read if digest.name != TWIN_FILE]
    lookup = _lookup(table, spec.preparation)
    splits = _write(table, lookup, scratch)
    table.store.path.unlink()
    origin = describe_origin(config, spec, path, digests)
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
    for stale in out.glob("*.npy"):
        stale.unlink()
    for array in scratch.glob("*.npy"):
        array.replace(out / array.name)
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
    extra = [preparation.label] + ([preparation.group] if preparation.group else [])
    columns = tuple(dict.fromkeys([field.name for field in preparation.fields] + extra))
    encoder = Encoder(columns)
    store = CodeStore(scratch / "codes.bin", columns)
    with store.path.open("wb") as stream:
        for chunk in read_chunks(archive, preparation, columns, block_bytes):
            codes_KN = encoder.encode(chunk.frame)
            part = Part(chunk.file, chunk.first_row, chunk.split, store.rows, codes_KN.shape[1])
            store.append(stream, part, codes_KN)
    if preparation.split is not None:
        split_N = split_rows(store.rows, preparation.split)
    else:
        places = [SPLITS.index(str(part.split)) for part in store.parts]
        split_N = np.repeat(np.array(places, dtype=np.int8), [part.rows for part in store.parts])
    return Table(store, {name: encoder.dictionary(name) for name in columns}, split_N)


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
    fields, ids = [], []
    for field in preparation.fields:
        tokens = transform(field.transform, table.dictionaries[field.name])
        _require_readable(table, field.name, tokens, f"is not a number, which {field.transform} needs")
        vocabulary, ids_UC = encode_field(field, tokens, count_U[field.name], preparation.min_count)
        pooling = field.list.pooling if field.list else "mean"
        meta = FieldMeta(name=field.name, vocab_size=vocabulary.size, columns=ids_UC.shape[1], pooling=pooling)
        fields.append(meta)
        ids.append(ids_UC)
    group_U = _groups(table.dictionaries[preparation.group], user_U) if preparation.group else None
    label_U = _labels(table, preparation)
    return Lookup(tuple(fields), tuple(ids), preparation.label, label_U, preparation.group, group_U)


def _labels(table: Table, preparation: Preparation) -> npt.NDArray[np.float32]:
    number = table.dictionaries[preparation.label].cast(pl.Float64, strict=False).fill_nan(None)
    if preparation.label_at_least is not None:
        _require_readable(table, preparation.label, number, "is not a number, which label_at_least needs")
        return (number >= preparation.label_at_least).fill_null(False).to_numpy().astype(np.float32)
    label = number.zip_with(number.is_in([0.0, 1.0]).fill_null(False), pl.Series([None], dtype=pl.Float64))
    _require_readable(table, preparation.label, label, "is not a label: it must be 0 or 1")
    return label.fill_null(0.0).to_numpy().astype(np.float32)


def _require_readable(table: Table, column: str, values: pl.Series, fault: str) -> None:
    """Report the first row whose value became null."""
    unreadable = values.is_null().arg_true().to_numpy()
    hit = table.store.find(column, unreadable) if len(unreadable) else None
    if hit is not None:  # None: the value is in the dictionary but in no row
        file, row, code = hit
        raise UserError(f"{file}, data row {row}: {column} {table.dictionaries[column][code]!r} {fault}; mend the row")


def _groups(raw: pl.Series, used_U: npt.NDArray[np.bool_]) -> Ids:
    """Dense codes of the raw user ids that occur, in the order of their bytes."""
    group_U = np.full(len(raw), -1, dtype=np.int32)
    group_U[used_U] = raw.filter(pl.Series(used_U)).rank("dense").to_numpy().astype(np.int32) - 1
    return group_U


# -- third pass: arrays ---------------------------------------------------------------


def _write(table: Table, lookup: Lookup, scratch: Path) -> dict[SplitName, SplitMeta]:
    rows = np.bincount(table.split_N, minlength=len(SPLITS))
    columns = sum(field.columns for field in lookup.fields)
    groups = None if lookup.group_U is None else int(lookup.group_U.max()) + 1
    with ExitStack() as stack:
        writers = [
            stack.enter_context(SplitWriter(scratch, name, int(rows[place]), columns, groups))
            for place, name in enumerate(SPLITS)
        ]
        for split_N, codes in table.blocks():
            arrays = _arrays(lookup, codes)
            for place in np.unique(split_N):
                chosen = slice(None) if (split_N == split_N[0]).all() else split_N == place
                writers[place].append(arrays.where(chosen))
    return {name: writer.meta() for name, writer in zip(get_args(SplitName), writers, strict=True)}


def _arrays(lookup: Lookup, codes: dict[str, Codes]) -> Rows:
    label_N = codes[lookup.label]
    x_NC = np.empty((len(label_N), sum(field.columns for field in lookup.fields)), dtype=np.int32)
    start = 0
    for field, ids_UC in zip(lookup.fields, lookup.ids_UC, strict=True):
        x_NC[:, start : start + field.columns] = ids_UC[codes[field.name]]
        start += field.columns
    group_N = None
    if lookup.group is not None and lookup.group_U is not None:
        group_N = lookup.group_U[codes[lookup.group]]
    return Rows(x_NC, lookup.label_U[label_N], group_N)
