"""The encoding of each field, learnt from training rows, which gives any other rows the same ids.

It lies in vocabulary.json beside the arrays, and travels with the weights of a run that keeps them.

Shapes: N rows, U distinct raw values of a column, C columns of a field (max_len of a list), or of all, in x.
Ids: PAD 0, tokens 1..n in ascending order of their bytes, OOV n+1; size n+2.
"""

from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from workflow.data.encode.lists import are_mostly_bracketed, split_tokens, without_faulty_lists
from workflow.data.encode.missing import without_missing
from workflow.data.encode.transforms import Buckets, Scale, as_numbers, quantiles, scale_of, transform
from workflow.data.store import FieldMeta
from workflow.data.tables.place import Place, first_of
from workflow.errors import UserError
from workflow.provenance.seal import Sealed, sealed_if_there
from workflow.settings import Frozen
from workflow.spec import FieldSpec, Preparation

FILE = "vocabulary.json"
PAD = 0


class FieldCoding(Frozen):
    """One field: from raw values to columns of x."""

    spec: FieldSpec
    tokens: tuple[str, ...]  # those with an id, in its order
    bracketed: bool = False  # lists as Python, JSON and NumPy write them
    buckets: Buckets | None = None  # of transform quantiles
    scale: Scale | None = None  # of transform standard

    @property
    def oov(self) -> int:
        """Id of rare, unseen and missing tokens."""
        return len(self.tokens) + 1

    @property
    def meta(self) -> FieldMeta:
        """The field as models know it."""
        spec = self.spec
        return FieldMeta(name=spec.name, vocab_size=self.oov + 1, columns=spec.columns, pooling=spec.pooling)

    def read(self, raw: pl.Series) -> pl.Series:
        """Tokens of raw values, lists as whole strings: "" where missing, null where a value cannot be read."""
        tokens = transform(self.spec.transform, raw, self.buckets)
        return without_faulty_lists(tokens) if self.bracketed else tokens

    @property
    def fault(self) -> str:
        """What is wrong with a value that cannot be read."""
        if self.bracketed:
            return "is no list in brackets, as most values of this column are"
        return f"is not a number, which {self.spec.transform} needs"

    def encode(self, tokens: pl.Series) -> npt.NDArray[np.int32]:
        """The field's columns of x, shape (U, C); lists are padded with 0 behind."""
        if self.spec.is_number:
            return as_numbers(tokens, self.scale)
        column = self.spec.list
        if column is None:
            return self._ids_of(tokens)[:, None]
        lists = split_tokens(tokens, column, self.bracketed)
        kept = lists.list.tail(column.max_len) if column.keep == "last" else lists
        heads = [kept.list.get(position, null_on_oob=True) for position in range(column.max_len)]
        return np.stack([self._ids_of(head) for head in heads], axis=1)

    @cached_property
    def _ids(self) -> pl.DataFrame:
        tokens = pl.Series(self.tokens, dtype=pl.String)
        return pl.DataFrame({"token": tokens, "id": np.arange(1, self.oov, dtype=np.int32)})

    def _ids_of(self, tokens: pl.Series) -> npt.NDArray[np.int32]:
        """OOV for a token without an id, PAD for null: no token at all."""
        joined = tokens.to_frame("token").join(self._ids, on="token", how="left", maintain_order="left")["id"]
        found = joined.fill_null(self.oov).to_numpy().astype(np.int32)
        return np.where(tokens.is_null().to_numpy(), np.int32(PAD), found)


class Coding(Sealed):
    """vocabulary.json."""

    preparation: Preparation
    fields: tuple[FieldCoding, ...]

    def encode(self, frame: pl.DataFrame, place: Place) -> npt.NDArray[np.int32]:
        """New rows as x_NC, in the ids of training; a value that training lacks has the id of unseen ones."""
        found = []
        for one in self.fields:
            name = one.spec.name
            tokens = one.read(without_missing(frame[name], self.preparation))
            unreadable = tokens.is_null().arg_true()
            if len(unreadable):
                first = int(unreadable[0])
                told = f"{frame[name][first]!r} {one.fault}{first_of(len(unreadable))}"
                raise UserError(f"{place.of(first)}, column {name!r}: {told}")
            found.append(one.encode(tokens))
        return np.concatenate(found, axis=1)


def learn(field: FieldSpec, raw: pl.Series, count_U: npt.NDArray[np.int64], min_count: int) -> FieldCoding:
    """Decide how a field is encoded, from distinct raw values and how often each occurs in training.

    Tokens with fewer than `min_count` rows share the id of unseen ones. Several raw values may have one token.

    >>> learn(FieldSpec(name="f"), pl.Series(["b", "a", "", "c"]), np.array([2, 3, 9, 1]), 2).tokens
    ('a', 'b')
    """
    if field.is_number:
        return FieldCoding(
            spec=field, tokens=(), scale=scale_of(raw, count_U) if field.transform == "standard" else None
        )
    buckets = quantiles(raw, count_U) if field.transform == "quantiles" else None
    tokens = transform(field.transform, raw, buckets)
    bracketed, counts = False, pl.DataFrame({"token": tokens, "count": count_U})
    if field.list is not None and field.list.vocabulary == "tokens":
        bracketed = are_mostly_bracketed(tokens)
        lists = split_tokens(tokens, field.list, bracketed)
        counts = counts.with_columns(lists.alias("token")).explode("token")  # also those behind max_len
    counts = counts.group_by("token").sum()
    kept = counts.filter((pl.col("count") >= min_count) & (pl.col("token") != ""))["token"].sort()
    return FieldCoding(spec=field, tokens=tuple(kept), bracketed=bracketed, buckets=buckets)


def load_coding(directory: Path) -> Coding | None:
    """The vocabulary of prepared data; None where they were prepared before it was kept."""
    return sealed_if_there(directory / FILE, Coding, "vocabulary of prepared data")
