"""Realistic inputs that once silently gave wrong results."""

import random
from datetime import datetime, timedelta, timezone
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data.clicks import HEADER, clicks, text
from tests.data.made import dataset, prepared
from workflow.data.description.facts import NAMES, Description, load_description
from workflow.data.description.remarks import remarks_on
from workflow.data.encode.missing import PANDAS
from workflow.data.store import Split, SplitName
from workflow.errors import UserError

ROWS = clicks()
FIELDS = ["user", "item", "hour"]


def described(
    folder: Path, rows: list[Any], header: tuple[str, ...] = HEADER, fields: list[Any] | None = None, **changes: Any
) -> tuple[Description, dict[SplitName, Split]]:
    """Prepare rows of one file."""
    values = {"format": "csv", "files": {"all": "mine.csv"}, "label": "clicked", "split": {}, **changes}
    splits = prepared(dataset(fields or FIELDS, **values), folder, {"mine.csv": text(rows, header)})[1]
    return known(folder), splits


def known(folder: Path) -> Description:
    description = load_description(folder / "out")
    assert description is not None
    return description


def codes(description: Description) -> list[tuple[str, str | None]]:
    return [(remark.code, remark.field) for remark in remarks_on(description)]


def three(test: list[Any]) -> dict[str, str]:
    """Train and validation of one spelling, test of another."""
    parts = {"train": ROWS[:1200], "valid": ROWS[1200:1350], "test": test}
    return {f"{split}.csv": text(rows) for split, rows in parts.items()}


@pytest.mark.parametrize("spelling", ["{}.0", " {}", "0{}"])
def test_ids_in_another_spelling_are_told_with_their_cause_and_can_be_read_alike(tmp_path: Path, spelling: str) -> None:
    files = three([(y, user, spelling.format(item), hour) for y, user, item, hour in ROWS[1350:]])
    config = dataset(FIELDS, label="clicked")
    prepared(config, tmp_path, files)
    item = known(tmp_path).fields[1]
    assert (item.unseen, item.alike["test"]) == ({"train": 0, "valid": 0, "test": 150}, 150)
    (remark,) = [remark for remark in remarks_on(known(tmp_path)) if remark.is_warning]
    assert (remark.code, remark.field, remark.split) == ("unseen_in_test", "item", "test")
    alike = dataset(["user", {"name": "item", "transform": "number"}, "hour"], label="clicked")
    splits = prepared(alike, tmp_path, files)[1]
    plain = prepared(config, tmp_path / "plain", three(ROWS[1350:]))[1]
    assert known(tmp_path).fields[1].unseen["test"] == 0
    for name in splits:  # ids of equal numbers are equal; their order is that of the texts
        assert np.array_equal(splits[name].x_NC, plain[name].x_NC)


def test_rows_are_counted_as_a_loop_counts_them(tmp_path: Path) -> None:
    draw = random.Random(4)
    parts: dict[SplitName, list[Any]] = {
        split: [(n % 2, draw.randrange(9), int(draw.expovariate(0.1)) or "", draw.choice("ab")) for n in range(rows)]
        for split, rows in zip(NAMES, (200, 60, 60), strict=True)
    }
    files = {f"{split}.csv": text(rows) for split, rows in parts.items()}
    prepared(dataset(FIELDS, label="clicked", group="user", min_count=3), tmp_path, files)
    description = known(tmp_path)
    train = [row[2] for row in parts["train"] if row[2] != ""]
    item = description.fields[1]
    assert item.vocabulary == sum(train.count(value) >= 3 for value in set(train))
    assert item.distinct == len({row[2] for rows in parts.values() for row in rows} - {""})
    trained = {row[1:] for row in parts["train"]}
    for split, rows in parts.items():
        values = [row[2] for row in rows]
        assert item.missing[split] == values.count("")
        assert item.unseen[split] == sum(value not in train for value in values if value != "")
        assert item.rare[split] == sum(0 < train.count(value) < 3 for value in values)
        facts = description.splits[split]
        labels: dict[int, set[int]] = {}
        for label, user, *_ in rows:
            labels.setdefault(user, set()).add(label)
        assert (facts.rows, facts.positives) == (len(rows), sum(row[0] for row in rows))
        assert (facts.users, facts.users_of_one_class) == (len(labels), sum(len(one) == 1 for one in labels.values()))
        assert facts.repeated == len(rows) - len({row[1:] for row in rows})
        if split != "train":
            assert facts.in_training == sum(row[1:] in trained for row in rows)


def test_a_column_that_tells_the_label_one_of_row_numbers_and_a_constant_one_are_named(tmp_path: Path) -> None:
    rows = [(*row, "x", n, f"{row[0]}{n % 3}") for n, row in enumerate(ROWS)]
    fields = [*FIELDS, "constant", "row", "leak"]
    description, _ = described(tmp_path, rows, (*HEADER, "constant", "row", "leak"), fields)
    assert codes(description)[:3] == [("constant", "constant"), ("unseen", "row"), ("label", "leak")]
    assert description.fields[5].label_auc == 1.0
    assert 0.4 < (description.fields[0].label_auc or 0) < 0.8


@pytest.mark.parametrize(("rare", "named"), [(119, False), (121, True)])  # of 1,200 training rows
def test_a_field_of_many_rare_values_is_named(tmp_path: Path, rare: int, named: bool) -> None:
    train = [(*row[:3], f"rare {n}" if n < rare else "common") for n, row in enumerate(ROWS[:1200])]
    files = {**three(ROWS[1350:]), "train.csv": text(train)}
    prepared(dataset(FIELDS, label="clicked", min_count=2), tmp_path, files)
    assert [remark.field for remark in remarks_on(known(tmp_path)) if remark.code == "rare"] == ["hour"] * named


@pytest.mark.parametrize(("again", "named"), [(12, []), (13, ["train"])])  # of 1,200 training rows
def test_rows_that_repeat_an_earlier_one_are_named(tmp_path: Path, again: int, named: list[str]) -> None:
    parts = [[(*row[:3], n) for n, row in enumerate(ROWS[start:end])] for start, end in ((0, 1200), (1200, 1350))]
    train = [*parts[0][: 1200 - again], *parts[0][:again]]
    files = {"train.csv": text(train), "valid.csv": text(parts[1]), "test.csv": text(parts[1])}
    prepared(dataset(FIELDS, label="clicked"), tmp_path, files)
    assert [remark.split for remark in remarks_on(known(tmp_path)) if remark.code == "repeated_rows"] == named


def test_users_without_both_classes_leave_no_gauc_and_a_reason(tmp_path: Path) -> None:
    rows = [(y, n, item, hour) for n, (y, _, item, hour) in enumerate(ROWS)]
    description, splits = described(tmp_path, rows, fields=["item", "hour"], group="user")
    assert splits["valid"].group_N is None
    assert splits["test"].group_N is None
    assert [remark.split for remark in remarks_on(description) if remark.code == "no_gauc"] == ["valid", "test"]
    assert description.splits["test"].users_not_in_training == 150


@pytest.mark.parametrize(("positives", "warned"), [(1, True), (9, True), (10, False), (145, True), (140, False)])
def test_a_split_with_few_rows_of_a_class_is_named(tmp_path: Path, positives: int, warned: bool) -> None:
    test = [(int(n < positives), *row[1:]) for n, row in enumerate(ROWS[1350:])]
    prepared(dataset(FIELDS, label="clicked"), tmp_path, three(test))
    found = [remark.split for remark in remarks_on(known(tmp_path)) if remark.code == "few_of_a_class"]
    assert found == ["test"] * warned


# -- labels and missing values ------------------------------------------------------------


WORDS = [("False", "True"), ("no", "YES"), ("f", "T"), ("n", "Y"), ("0.0", "1.00"), ("view", "click")]


@pytest.mark.parametrize("words", WORDS)
def test_labels_may_be_words_and_any_values_that_are_named(tmp_path: Path, words: tuple[str, str]) -> None:
    _, plain = described(tmp_path / "a", ROWS)
    options: dict[str, Any] = {"label_is": ["click"]} if "click" in words else {}
    rows = [(words[y], *rest) for y, *rest in ROWS]
    _, worded = described(tmp_path / "b", rows, **options)
    assert all(np.array_equal(plain[name].y_N, worded[name].y_N) for name in plain)
    if options:
        with pytest.raises(UserError, match=r"label_is: no row has 'clik' in 'clicked', but .*'click'"):
            described(tmp_path / "c", rows, label_is=["clik"])


def test_faults_of_labels_come_once_a_kind_with_line_and_count(tmp_path: Path) -> None:
    rows: list[Any] = [("view" if n % 3 == 0 else y, *rest) for n, (y, *rest) in enumerate(ROWS[:60])]
    rows[5] = ("NaN", *rows[5][1:])
    with pytest.raises(UserError) as caught:
        described(tmp_path, rows)
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("toy.zip: mine.csv: line 7, column 'clicked': no label")
    assert lines[1].startswith("toy.zip: mine.csv: line 2, column 'clicked': 'view' is not a label")
    assert "(20 rows)" in lines[1]


def test_what_pandas_takes_for_missing_is_missing(tmp_path: Path) -> None:
    words = cycle([*PANDAS, " NaN "])
    rows = [(y, user, next(words) if hour == 3 else item, hour) for y, user, item, hour in ROWS]
    description, _ = described(tmp_path, rows)
    assert sum(description.fields[1].missing.values()) == sum(hour == 3 for *_, hour in ROWS)


def test_the_words_for_missing_can_be_chosen(tmp_path: Path) -> None:
    rows = [(y, user, ("NaN", "-1", item)[min(hour, 2)], hour) for y, user, item, hour in ROWS]
    description, _ = described(tmp_path, rows, missing=["-1"])
    assert sum(description.fields[1].missing.values()) == sum(hour == 1 for *_, hour in ROWS)
    assert description.fields[1].distinct == 41  # NaN is a value then


# -- lists ------------------------------------------------------------------------------------


def listed(tmp_path: Path, spell: Any, **options: Any) -> tuple[Description, np.ndarray]:
    draw = random.Random(1)
    rows = []
    for n in range(300):
        seen = [draw.randrange(10, 30) for _ in range(5)]
        rows.append((int(seen[-1] < 20), n % 60, spell(seen), n % 24))
    field = {"name": "item", "list": {"max_len": 3, "separator": "|", **options}}
    description, splits = described(tmp_path, rows, fields=["user", field])
    return description, splits["train"].x_NC


def test_the_end_of_lists_can_be_kept_and_the_share_that_is_cut_is_told(tmp_path: Path) -> None:
    first, x_first = listed(tmp_path / "a", lambda seen: "|".join(map(str, seen)))
    last, x_last = listed(tmp_path / "b", lambda seen: "|".join(map(str, seen)), keep="last")
    _, whole = listed(tmp_path / "c", lambda seen: "|".join(map(str, seen)), max_len=5)
    assert np.array_equal(x_first[:, 1:], whole[:, 1:4])
    assert np.array_equal(x_last[:, 1:], whole[:, 3:6])
    assert first.fields[1].cut == last.fields[1].cut == {"train": 240, "valid": 30, "test": 30}
    assert ("cut", "item") in codes(first)


@pytest.mark.parametrize(
    "spell",
    [
        str,
        lambda seen: str(tuple(seen)),
        lambda seen: f"{{{str(seen)[1:-1]}}}",
        lambda seen: str(list(map(str, seen))),
        lambda seen: str(np.array(seen)),
        lambda seen: f" {seen}",
    ],
)
def test_lists_as_python_json_and_numpy_write_them(tmp_path: Path, spell: Any) -> None:
    _, plain = listed(tmp_path / "a", lambda seen: "|".join(map(str, seen)))
    assert np.array_equal(listed(tmp_path / "b", spell)[1], plain)


def test_a_row_that_is_no_list_among_lists_is_named_and_a_name_in_brackets_is_a_name(tmp_path: Path) -> None:
    calls = iter(range(300))
    with pytest.raises(UserError, match=r"line 3, column 'item': '\[\d.*' is no list in brackets"):
        listed(tmp_path / "a", lambda seen: str(seen)[:-1] if next(calls) == 1 else str(seen))
    description, _ = listed(tmp_path / "b", lambda seen: "[Alexandros]" if seen[0] == 10 else f"band {seen[0]}")
    assert description.fields[1].distinct == 20


# -- splits -----------------------------------------------------------------------------------


def clock(n: int) -> str:
    return f"{n % 96 // 4:02d}:{n % 4 * 15:02d}"


@pytest.mark.parametrize(
    "spell",
    [
        str,
        lambda n: f"2024-01-{1 + n // 96:02d} {clock(n)}:00",
        lambda n: f"2024/01/{1 + n // 96:02d} {clock(n)}",
        lambda n: f"{1 + n // 96:02d}.01.2024 {clock(n)}",
        lambda n: f"2024-01-{1 + n // 96:02d}T{clock(n)}:00.5-05:00",
        lambda n: datetime.fromtimestamp(900 * n, timezone(timedelta(hours=n % 5 - 2))).isoformat(),
    ],
)
def test_a_split_by_time_trains_on_the_earlier_rows(tmp_path: Path, spell: Any) -> None:
    rows = [(*row, spell(n)) for n, row in enumerate(ROWS)]
    shuffled = random.Random(2).sample(rows, len(rows))
    description, splits = described(
        tmp_path, shuffled, (*HEADER, "ts"), split={"by": "ts", "parts": [8, 1, 1]}, group="user"
    )
    assert [splits[name].y_N.sum() for name in splits] == [
        sum(row[0] for row in rows[start:end]) for start, end in ((0, 1200), (1200, 1350), (1350, 1500))
    ]
    assert [description.splits[name].rows for name in NAMES] == [1200, 150, 150]


def test_each_user_s_last_row_is_tested(tmp_path: Path) -> None:
    rows = [(n % 2, f"u{n % 7}", n, n) for n in range(70)] + [(1, "once", 99, 99)]
    shuffled = random.Random(2).sample(rows, len(rows))
    description, _ = described(tmp_path, shuffled, split={"by": "hour", "leave_last_out": "user"}, fields=["user"])
    assert [description.splits[name].rows for name in NAMES] == [57, 7, 7]
    assert [description.splits[name].positives for name in NAMES] == [
        1 + sum(n % 2 for n in range(56)),
        sum(n % 2 for n in range(56, 63)),
        sum(n % 2 for n in range(63, 70)),
    ]


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"by": "day"}, "has no column 'day'"),
        ({"by": "item"}, "line 7, column 'item': 'soon' is neither a number nor a date"),
        ({"leave_last_out": "hour"}, "no 'hour' has three rows"),
    ],
)
def test_splits_that_cannot_be_made(tmp_path: Path, split: dict[str, Any], message: str) -> None:
    rows = [(y, user, "soon" if n == 5 else item, n) for n, (y, user, item, _) in enumerate(ROWS)]
    with pytest.raises(UserError, match=message):
        described(tmp_path, rows, split=split)
