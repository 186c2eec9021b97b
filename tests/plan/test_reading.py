"""Reading users' input: the place of a fault, and limits on size. tests/attack has hundreds more."""

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow.errors import UserError
from workflow.plan.reading import EXPONENT, read_rows, read_yaml


def fault(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_yaml(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "paper.yaml").write_text("")
    with pytest.raises(UserError, match=r"papr\.yaml: no such file; did you mean 'paper\.yaml'"):
        read_yaml(tmp_path / "papr.yaml")
    with pytest.raises(UserError, match=r"no such file; name an existing file"):
        read_yaml(tmp_path / "nowhere/papr.yaml")


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot be read \(Is a directory\); name a YAML file"):
        read_yaml(tmp_path)


def test_a_byte_order_mark_and_json_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b'\xef\xbb\xbf{"a": [1, null, true]}')
    assert read_yaml(tmp_path / "a.yaml") == {"a": [1, None, True]}


# By YAML 1.1, as which PyYAML writes, `0E0` is text and needs no quotes; by YAML 1.2 it is a number.
TEXTS = st.text(max_size=8).filter(lambda text: not EXPONENT.match(text))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=VALUES)
def test_what_yaml_writes_is_read(tmp_path: Path, values: object) -> None:
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    assert read_yaml(tmp_path / "a.yaml") == values


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    with suppress(UserError):  # nothing else may come out
        read_yaml(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "- " * 400_000,  # a line of lists
        "[" * 6_900,
        "{a: " * 1_700,
        "".join(f"{' ' * column}a:\n" for column in range(1_400)),
        "".join(f"{' ' * column}a:\n{' ' * column}-\n" for column in range(900)),
    ],
    ids=["line", "brackets", "braces", "stairs", "steps"],
)
def test_what_nests_too_deeply_is_told_by_either_loader(text: str, tmp_path: Path) -> None:
    assert "nested too deeply" in fault(tmp_path / "a.yaml", text.encode())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n1,2\n\nstray\n", "rows.csv: line 4: 1 cells, not 2; restore it: git checkout -- "),
        (b"a,b\n1,2,3\n", "rows.csv: line 2: 3 cells, not 2; restore it"),
        (b"a,b\n", "rows.csv: has no row; restore it"),
        (b"", "rows.csv: has no row; restore it"),
        (b"\xff\xfe", "rows.csv: damaged table ('utf-8' codec can't decode"),
        (None, "rows.csv: no such file; restore it"),
    ],
)
def test_a_damaged_table_of_ours_is_told_with_its_line(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "rows.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_rows(path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_whole_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('a,b\n1,"x,y"\n\n2,\n')
    assert read_rows(path) == [{"a": "1", "b": "x,y"}, {"a": "2", "b": ""}]
