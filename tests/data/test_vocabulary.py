import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests.data.made import naive_ids
from workflow.data.encode.coding import FieldCoding, learn
from workflow.data.encode.lists import split_tokens
from workflow.spec import FieldSpec, ListColumn

WORDS = st.lists(st.text(max_size=4), min_size=1, max_size=40)


def encode(column: ListColumn, strings: dict[str, int], min_count: int = 1) -> tuple[list[str], list[list[int]]]:
    """Vocabulary and ids of strings that occur so often in the training split."""
    field = FieldSpec(name="f", list=column)
    values = pl.Series(list(strings))
    coding = learn(field, values, np.array(list(strings.values())), min_count)
    return list(coding.tokens), coding.encode(values).tolist()


def plain(values: list[str], counts: list[int], min_count: int) -> FieldCoding:
    """The coding of a field without a list."""
    return learn(FieldSpec(name="f"), pl.Series(values, dtype=pl.String), np.array(counts, dtype=np.int64), min_count)


def ids(coding: FieldCoding, values: list[str]) -> list[int]:
    return coding.encode(pl.Series(values, dtype=pl.String))[:, 0].tolist()


def test_ids_are_sorted_by_bytes_between_pad_and_oov() -> None:
    coding = plain(["b", "é", "B", "10", "9", ""], [5] * 6, 2)
    assert coding.tokens == ("10", "9", "B", "b", "é")
    assert coding.meta.vocab_size == 7
    assert ids(coding, ["10", "é", "", "unseen"]) == [1, 5, 6, 6]


def test_an_empty_vocabulary_has_pad_and_oov() -> None:
    coding = plain(["a"], [1], 2)
    assert (coding.meta.vocab_size, ids(coding, ["a"])) == (2, [1])


def test_raw_values_with_the_same_token_count_together() -> None:
    raw = pl.Series(["7", "8", "7.0"])
    assert learn(FieldSpec(name="f", transform="number"), raw, np.array([1, 1, 1]), 2).tokens == ("7",)


@given(WORDS, WORDS, st.integers(1, 3))
def test_ids_agree_with_a_naive_count(train: list[str], values: list[str], min_count: int) -> None:
    distinct = sorted(set(train + values))
    coding = plain(distinct, [train.count(value) for value in distinct], min_count)
    found, kept = ids(coding, values), list(coding.tokens)
    assert found == naive_ids(train, values, min_count)
    assert ids(coding, kept) == list(range(1, len(kept) + 1))  # a bijection
    assert all(kept[i - 1] == value for i, value in zip(found, values, strict=True) if i != coding.oov)


def test_paper_preset_counts_whole_strings_and_encodes_words() -> None:
    paper = ListColumn(vocabulary="strings")
    tokens, ids = encode(paper, {"465": 3, "A Mei": 2, "Mei": 2, "rare": 1, "": 9, "465  A Mei Mei": 1}, min_count=2)
    assert tokens == ["465", "A Mei", "Mei"]
    # "A" is no whole string, so it is OOV (4) although "A Mei" has an id that nothing can use.
    assert ids == [[1, 0, 0], [4, 3, 0], [3, 0, 0], [4, 0, 0], [0, 0, 0], [1, 4, 3]]


def test_bars_preset_counts_and_encodes_words() -> None:
    tokens, ids = encode(ListColumn(), {"a b": 2, "b c": 1, "": 5}, min_count=2)
    assert tokens == ["a", "b"]
    assert ids == [[1, 2, 0], [2, 3, 0], [0, 0, 0]]


def test_a_long_list_keeps_its_first_tokens_but_all_of_them_count() -> None:
    tokens, ids = encode(ListColumn(max_len=2, separator="|"), {"a|b|c": 1, "c": 1}, min_count=2)
    assert tokens == ["c"]
    assert ids == [[2, 2], [1, 0]]


def test_a_repeated_token_counts_each_time() -> None:
    assert encode(ListColumn(), {"a a": 1, "b": 1}, min_count=2)[0] == ["a"]


@given(st.text(alphabet="ab \t\u3000\u00a0\x1c\n", max_size=12))
def test_white_space_splits_as_python_does(text: str) -> None:
    split = split_tokens(pl.Series([text]), ListColumn(vocabulary="strings")).to_list()[0]
    assert split == text.split()


@given(st.text(alphabet="ab |", max_size=12))
def test_a_literal_separator_splits_as_python_does(text: str) -> None:
    split = split_tokens(pl.Series([text]), ListColumn(separator="|")).to_list()[0]
    assert split == [token for token in text.split("|") if token]
