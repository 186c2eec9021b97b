"""Gather the facts about a dataset while it is prepared.

Shapes: U distinct raw values of a column, V ids of a field, G users.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from workflow.data.description.facts import NAMES, Description, FieldFacts, Rows, SplitFacts
from workflow.data.encode.codes import Codes
from workflow.data.encode.coding import FieldCoding
from workflow.data.encode.lists import split_tokens
from workflow.data.encode.missing import spellings
from workflow.data.encode.write import SplitWriter
from workflow.data.numbers import same_number
from workflow.data.store import SplitName
from workflow.spec import DatasetSpec, FieldSpec

COMPARED_ROWS = 5_000_000  # equal rows are not searched in larger datasets
SEEN, MISSING, UNSEEN, ALIKE, RARE = range(5)  # ALIKE: unseen, but equal to a value of training as a number
CUT = 8  # added where a list is longer than max_len
KINDS = 16


@dataclass(frozen=True)
class Column:
    """A field's distinct values, how many rows have each, and what the vocabulary made of them.

    The K counts are of training rows with label 0 and 1, validation rows with label 0 and 1, and test rows.
    """

    coding: FieldCoding
    tokens: pl.Series
    count_KU: npt.NDArray[np.int32]
    ids_UC: npt.NDArray[np.int32]

    @property
    def spec(self) -> FieldSpec:
        """The field."""
        return self.coding.spec

    @property
    def is_category(self) -> bool:
        """Whether a row has one id."""
        return self.spec.list is None and not self.spec.is_number


def hashes_of(columns: tuple[Column, ...], codes: dict[str, Codes]) -> npt.NDArray[np.uint64]:
    """A hash of each row's fields. By chance two rows of five million have one hash once in a million datasets."""
    return pl.DataFrame({one.spec.name: codes[one.spec.name] for one in columns}).hash_rows().to_numpy()


def describe(
    dataset: DatasetSpec,
    title: str,
    columns: tuple[Column, ...],
    writers: list[SplitWriter],
    hashes: list[npt.NDArray[np.uint64]],
) -> Description:
    """Make the description; `hashes` are those of each split's rows, none where equal rows are not looked for."""
    trained = np.unique(hashes[0]) if hashes else None
    splits: dict[SplitName, SplitFacts] = {}
    for place, (name, writer) in enumerate(zip(NAMES, writers, strict=True)):
        repeated = in_training = None
        if trained is not None:
            repeated = len(hashes[place]) - len(np.unique(hashes[place]))
            in_training = int(np.isin(hashes[place], trained).sum()) if place else 0
        splits[name] = _split_facts(writer, writers[0], repeated, in_training)
    return Description(dataset=dataset, title=title, fields=tuple(map(_field_facts, columns)), splits=splits)


def _field_facts(column: Column) -> FieldFacts:
    count_KU, oov = column.count_KU, column.coding.oov
    kind_U = _kinds(column)
    of_splits = (count_KU[:2].sum(0), count_KU[2:4].sum(0), count_KU[4])
    counts = np.stack([np.bincount(kind_U, count_U, KINDS).astype(np.int64) for count_U in of_splits])

    def rows(*kinds: int) -> Rows:
        both = [kind + cut for kind in kinds for cut in (0, CUT)]
        return dict(zip(NAMES, counts[:, both].sum(1).tolist(), strict=True))

    auc = None
    if column.is_category:
        by_id = [np.bincount(column.ids_UC[:, 0], count_U, oov + 1).astype(np.int64) for count_U in count_KU[:4]]
        auc = _auc_of_rates(np.stack(by_id[:2]), np.stack(by_id[2:]))
    return FieldFacts(
        name=column.spec.name,
        distinct=int((column.tokens.fill_null("") != "").sum()),
        vocabulary=oov - 1,
        missing=rows(MISSING),
        unseen=rows(UNSEEN, ALIKE),
        alike=rows(ALIKE),
        rare=rows(RARE),
        cut=dict(zip(NAMES, counts[:, CUT:].sum(1).tolist(), strict=True)),
        label_auc=auc,
        marks=tuple(sorted(spellings(column.tokens.fill_null("")))) if column.is_category else (),
    )


def _kinds(column: Column) -> npt.NDArray[np.int64]:
    """What the vocabulary makes of each distinct value."""
    tokens = column.tokens.fill_null("")
    missing = (tokens == "").to_numpy()
    if column.spec.is_number:
        return np.where(missing, MISSING, SEEN).astype(np.int64)
    oov_U = (column.ids_UC == column.coding.oov).any(1)
    if column.spec.list is not None:
        lists = split_tokens(tokens, column.spec.list, column.coding.bracketed)
        long = (lists.list.len() > column.spec.list.max_len).to_numpy()
        return np.where(missing, MISSING, np.where(oov_U, UNSEEN, SEEN)) + CUT * long
    trained = tokens.filter(pl.Series(column.count_KU[:2].sum(0) > 0)).unique()
    seen = tokens.is_in(trained.to_list() if len(trained) < 2 else trained.implode()).to_numpy()
    numbers = same_number(tokens)
    alike = numbers.is_in(same_number(trained).unique().implode()).to_numpy()
    kinds = np.where(seen, np.where(oov_U, RARE, SEEN), np.where(alike, ALIKE, UNSEEN))
    return np.where(missing, MISSING, kinds).astype(np.int64)


def _auc_of_rates(train: npt.NDArray[np.int64], valid: npt.NDArray[np.int64]) -> float | None:
    """AUC on validation of each value's rate of positives in training; None with one class only.

    The arrays are counts by label and id. An id that training lacks gets the rate of all.
    """
    total = train.sum(0)
    overall = train[1].sum() / max(1, total.sum())
    rate_V = np.divide(train[1], total, out=np.full(len(total), overall), where=total > 0)
    negatives, positives = int(valid[0].sum()), int(valid[1].sum())
    if not negatives or not positives:
        return None
    levels, place_V = np.unique(rate_V, return_inverse=True)
    negative_L = np.bincount(place_V, valid[0], len(levels))
    positive_L = np.bincount(place_V, valid[1], len(levels))
    below_L = np.cumsum(negative_L) - negative_L
    return float((positive_L * (below_L + negative_L / 2)).sum() / (negatives * positives))


def _split_facts(writer: SplitWriter, train: SplitWriter, repeated: int | None, in_training: int | None) -> SplitFacts:
    here = writer.rows_G > 0
    both = (writer.positives_G > 0) & (writer.positives_G < writer.rows_G)
    return SplitFacts(
        rows=writer.rows,
        positives=writer.positives,
        users=int(here.sum()),
        users_of_one_class=int((here & ~both).sum()),
        users_not_in_training=int((here & (train.rows_G == 0)).sum()),
        gauc=bool(both.any()),
        repeated=repeated,
        in_training=in_training,
    )
