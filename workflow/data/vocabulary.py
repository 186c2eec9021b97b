"""Vocabulary of a field, and the ids of every raw value that occurs in it.

Shapes: U distinct raw values of a column, C columns of the field in x (max_len of a list).
Ids: PAD 0, tokens 1..n in ascending order of their bytes, OOV n+1; size n+2.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from workflow.data.lists import bracketed_tokens
from workflow.spec import FieldSpec, ListColumn

PAD = 0
# What Python's str.split() without argument splits on: Unicode white space and the
# four information separators, which Unicode does not count as white space.
WHITE_SPACE = r"[\s\x1c-\x1f]+"


@dataclass(frozen=True)
class Vocabulary:
    """Tokens with an id of their own, in ascending order."""

    tokens: pl.Series

    @property
    def oov(self) -> int:
        """Id of rare, unseen and missing tokens."""
        return len(self.tokens) + 1

    @property
    def size(self) -> int:
        """Rows of an embedding table: PAD, the tokens, OOV."""
        return len(self.tokens) + 2

    def encode(self, tokens: pl.Series) -> npt.NDArray[np.int32]:
        """Ids of the tokens; OOV for all that have none. Null (no token at all) is PAD."""
        ids = pl.DataFrame({"token": self.tokens, "id": np.arange(1, self.oov, dtype=np.int32)})
        joined = tokens.to_frame("token").join(ids, on="token", how="left", maintain_order="left")["id"]
        found = joined.fill_null(self.oov).to_numpy().astype(np.int32)
        return np.where(tokens.is_null().to_numpy(), np.int32(PAD), found)


def build_vocabulary(tokens: pl.Series, count_U: npt.NDArray[np.int64], min_count: int) -> Vocabulary:
    """Keep the tokens that occur at least `min_count` times in the training split.

    Parameters
    ----------
    tokens : pl.Series
        One token per distinct raw value; the same token may stand for several of them.
    count_U : array of int64
        How often each raw value occurs in the training split.
    min_count : int
        Fewer occurrences make a token rare: it shares the OOV id.

    Returns
    -------
    Vocabulary
        Without the empty token, which means missing.

    Examples
    --------
    >>> build_vocabulary(pl.Series(["b", "a", "", "c"]), np.array([2, 3, 9, 1]), 2).tokens.to_list()
    ['a', 'b']
    """
    counted = pl.DataFrame({"token": tokens, "count": count_U}).group_by("token").agg(pl.col("count").sum())
    kept = counted.filter((pl.col("count") >= min_count) & (pl.col("token") != ""))
    return Vocabulary(kept["token"].sort())


def learn_vocabulary(
    field: FieldSpec, tokens: pl.Series, count_U: npt.NDArray[np.int64], min_count: int, bracketed: bool = False
) -> Vocabulary:
    """Build a field's vocabulary.

    Parameters
    ----------
    field : FieldSpec
        The field; its transform was applied already.
    tokens : pl.Series
        The transformed distinct raw values; for a list field still whole strings.
    count_U : array of int64
        Occurrences of each value in the training split.
    min_count : int
        See `build_vocabulary`.
    bracketed : bool
        Whether lists are in brackets.
    """
    if field.list is None or field.list.vocabulary == "strings":
        return build_vocabulary(tokens, count_U, min_count)
    # Every token of the full list counts, also those behind max_len.
    lists = split_tokens(tokens, field.list, bracketed)
    exploded = pl.DataFrame({"token": lists, "count": count_U}).explode("token").drop_nulls("token")
    return build_vocabulary(exploded["token"], exploded["count"].to_numpy(), min_count)


def encode_field(
    field: FieldSpec, tokens: pl.Series, vocabulary: Vocabulary, bracketed: bool = False
) -> npt.NDArray[np.int32]:
    """Ids of a field's transformed values, shape (U, C); lists are padded with 0 behind."""
    if field.list is None:
        return vocabulary.encode(tokens)[:, None]
    lists = split_tokens(tokens, field.list, bracketed)
    kept = lists.list.tail(field.list.max_len) if field.list.keep == "last" else lists
    heads = [kept.list.get(position, null_on_oob=True) for position in range(field.list.max_len)]
    return np.stack([vocabulary.encode(head) for head in heads], axis=1)


def split_tokens(strings: pl.Series, column: ListColumn, bracketed: bool = False) -> pl.Series:
    """Split the strings of a list column; empty tokens are dropped.

    Of lists in brackets, as Python and JSON write them, the items are the tokens.
    With `vocabulary: strings` a blank separator stands for any run of white space, which
    is what the paper's library does when it is given no separator; otherwise it is literal.

    Examples
    --------
    >>> split_tokens(pl.Series(["a b  c", ""]), ListColumn()).to_list()
    [['a', 'b', 'c'], []]
    """
    if bracketed:
        return bracketed_tokens(strings).fill_null([])
    separator = column.separator
    if column.vocabulary == "strings" and separator == " ":
        separator = "\x1f"
        strings = strings.str.replace_all(WHITE_SPACE, separator)
    lists = strings.str.split(separator)
    return lists.list.eval(pl.element().filter(pl.element() != ""))
