"""`init` and `describe`: a new user's first two commands."""

import random
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import described, init
from tests.conftest import edit_yaml, forget
from tests.data.clicks import HEADER, clicks, text
from workflow.cli.main import main
from workflow.data.drafts import draft
from workflow.plan.campaign import Plan
from workflow.plan.config import load_campaign

pytestmark = pytest.mark.usefixtures("own_folder")

ROWS = clicks(600)


def test_two_commands_from_a_csv(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.csv").write_text(text(ROWS))
    preparation = init("mine.csv").preparation
    assert [field.name for field in preparation.fields] == ["user", "item", "hour"]
    assert (preparation.label, preparation.group, preparation.format) == ("clicked", "user", "csv")
    campaign = load_campaign(Path("config/mine.yaml"))
    assert campaign.local == {"mine": str(Path("mine.csv").resolve())}
    models = [run.model.name for run, _ in Plan(campaign).runs.values() if run.seed == 2020]
    assert sorted(models) == sorted({*models})  # each once, without the paper's variants
    assert {"TF4CTR", "DeepFM", "FinalMLP"} < {*models}
    facts = described().splits
    assert sum(split.rows for split in facts.values()) == 600
    assert sum(split.positives for split in facts.values()) == sum(row[0] for row in ROWS)
    said = capsys.readouterr().out
    assert "tf4ctr run mine" in said
    assert "hour" in said
    assert main(["init", "mine.csv"]) == 1
    assert "add --force" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["2024", "2024-03-01", "1e5", "no", "null"])
def test_a_name_that_yaml_reads_as_something_else_is_quoted(name: str) -> None:
    Path(f"{name}.csv").write_text(text(ROWS))
    assert init(f"{name}.csv").name == name
    assert load_campaign(Path(f"config/{name}.yaml")).local == {name: str(Path(f"{name}.csv").resolve())}


def test_names_of_columns_may_have_spaces(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.csv").write_text(text(ROWS, ("Clicked on Ad", "Daily Time Spent on Site", "Area Income", "Age")))
    preparation = init("mine.csv", "--label", "Clicked on Ad").preparation
    assert [field.name for field in preparation.fields] == ["Daily Time Spent on Site", "Area Income", "Age"]


def test_a_broken_campaign_keeps_nobody_from_a_look_at_other_data(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.csv").write_text(text(ROWS))
    init("mine.csv")
    Path("config/mine.yaml").rename("config/other.yaml")
    edit_yaml(Path("config/other.yaml"), lambda values: values.update(campaign="other"))
    Path("config/aaa.yaml").write_text("campaign: 7\n")
    assert main(["describe", "mine"]) == 0


def columns(**more: Any) -> str:
    """The clicks with further columns, each made of the row's number."""
    rows = [(*row, *(make(n) for make in more.values())) for n, row in enumerate(ROWS)]
    return text(rows, (*HEADER, *more))


def test_each_column_is_guessed() -> None:
    draw = random.Random(1)
    many = columns(
        tags=lambda n: "|".join(str(draw.randrange(30)) for _ in range(1 + n % 5)),
        history=lambda _: str([draw.randrange(9) for _ in range(4)]),
        price=lambda _: round(draw.random(), 4),
        shop=lambda _: f"{draw.randrange(40)}.0",
        pair=lambda n: f"[[{n % 3}]]",
        version=lambda _: "v1",
        request=lambda n: f"r{n}",
        ts=lambda n: 1_700_000_000 + n,
    )
    Path("mine.tsv").write_text(many.replace(",", "\t").replace("\t ", ", "))
    preparation = init("mine.tsv").preparation
    fields = {field.name: field for field in preparation.fields}
    assert list(fields) == ["user", "item", "hour", "tags", "history", "price", "shop", "pair"]
    tags, history = fields["tags"].list, fields["history"].list
    assert tags
    assert (tags.separator, tags.max_len, tags.keep) == ("|", 5, "last")
    assert history
    assert history.max_len == 4
    assert (fields["price"].transform, fields["shop"].transform) == ("quantiles", "number")
    assert fields["pair"].list is None  # lists within lists are values like others
    assert preparation.split
    assert preparation.split.by == "ts"
    assert preparation.separator == "\t"
    assert sum(described().fields[4].cut.values()) == 0


def test_few_lists_keep_their_longest_and_dates_are_no_lists() -> None:
    rows = [
        (f"u{i % 60}", "['a', 'b']" if i % 2 else "['c']", f"2024-03-{1 + i % 28:02d} {i % 24:02d}:00", int(i % 3 == 0))
        for i in range(600)
    ]
    Path("mine.csv").write_text(text(rows, ("user", "tags", "shown", "clicked")))
    lists = {field.name: field.list for field in init("mine.csv").preparation.fields}
    assert lists["tags"] is not None
    assert lists["tags"].max_len == 2
    assert lists["shown"] is None


@pytest.mark.parametrize(
    ("values", "arguments", "expected", "positive"),
    [
        (("view", "Click", "Click", "Click"), (), {"label_is": ("Click",)}, {"Click"}),
        (("off", "on", "on", "on"), (), {"label_is": ("on",)}, {"on"}),
        (("-1", "1", "1", "1"), (), {"label_at_least": 1.0}, {"1"}),
        (("1", "2", "2", "2"), (), {"label_at_least": 2.0}, {"2"}),
        (("yes", "no", "no"), (), {}, {"yes"}),
        (("buy", "view", "view"), ("--label", "clicked"), {"label_is": ("buy",)}, {"buy"}),
        ((1, 2, 3, 4, 5), ("--label", "clicked"), {"label_at_least": 4.0}, {4, 5}),
        (("0", "0.0", "1.0"), (), {"label_at_least": None, "label_is": None}, {"1.0"}),
        (("0", "1", "true", "false"), (), {"label_at_least": None, "label_is": None}, {"1", "true"}),
    ],
)
def test_labels_of_every_kind(
    values: Sequence[Any], arguments: tuple[str, ...], expected: dict[str, Any], positive: set[Any]
) -> None:
    """Values in turns, row by row."""
    labels = [values[n % len(values)] for n in range(len(ROWS))]
    Path("mine.csv").write_text(text([(label, *rest) for label, (_, *rest) in zip(labels, ROWS, strict=True)]))
    preparation = init("mine.csv", *arguments).preparation
    assert (preparation.label, {key: getattr(preparation, key) for key in expected}) == ("clicked", expected)
    found = described().splits
    assert sum(split.positives for split in found.values()) == sum(label in positive for label in labels)


def test_a_file_without_a_header_gets_names() -> None:
    Path("mine.csv").write_text(text(ROWS, ()))
    preparation = init("mine.csv").preparation
    assert preparation.columns == ("column_1", "column_2", "column_3", "column_4")
    assert preparation.label == "column_1"
    assert described().splits["train"].rows == 480


def test_a_file_that_is_sorted_by_its_label_needs_only_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(draft, "sample_of", partial(draft.sample_of, rows=200))
    Path("mine.csv").write_text(text(sorted(ROWS)))
    assert main(["init", "mine.csv"]) == 1
    assert "add --label COLUMN" in capsys.readouterr().err
    preparation = init("mine.csv", "--label", "clicked").preparation
    assert (preparation.label, preparation.label_at_least, preparation.label_is) == ("clicked", None, None)
    written = Path("config/datasets/mine.yaml").read_text()
    assert "label: clicked # the first 200 rows have only '0'" in written
    assert "user may be one, but the first rows are all of one class; name it here for gAUC" in written
    assert sum(split.positives for split in described().splits.values()) == sum(row[0] for row in ROWS)
    Path("mine.csv").write_text(text([("buy" if label else "view", *rest) for label, *rest in sorted(ROWS)][::-1]))
    assert main(["init", "mine.csv", "--label", "clicked", "--force"]) == 1
    assert "'clicked': the first 200 rows have only 'buy', and its other value is not known" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("header", "arguments"),
    [
        ("clicked,user,2024,7", ()),
        ("q,a,b,2024", ()),  # most are words, with numbers below
        ("q,1,2,3", ("--label", "q")),
        ("0.1,1,2,3", ("--label", "0.1")),
    ],
)
def test_a_header_may_have_numbers(header: str, arguments: tuple[str, ...]) -> None:
    names = header.split(",")
    Path("mine.csv").write_text(text(ROWS, names))
    preparation = init("mine.csv", *arguments).preparation
    assert (preparation.columns, preparation.label) == (None, names[0])
    assert [field.name for field in preparation.fields] == names[1:]


@pytest.mark.parametrize("first", ["buy", "like", "member", "odd"])
def test_a_first_row_of_words_and_numbers_is_none(first: str) -> None:
    """Even if its value is a usual name of a column, because rows below repeat it."""
    rows = [(label, user, first if hour < 12 else "view", "red") for label, user, _, hour in ROWS]
    Path("mine.csv").write_text(text([(1, 7, first, "red"), *rows], ()))
    preparation = init("mine.csv", "--label", "column_1").preparation
    assert preparation.columns == ("column_1", "column_2", "column_3", "column_4")
    assert sum(split.rows for split in described().splits.values()) == len(ROWS) + 1


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (None, (), "mine.csv: no such file or folder"),
        ("", (), "mine.csv: is empty"),
        ("a,b\n", (), "has no data rows"),
        (text([(n, n % 7) for n in range(50)], ("a", "b")), (), "which column is the label"),
        (text([(n % 2, n % 2) for n in range(50)], ("a", "b")), (), "a, b could all be it"),
        (
            text(ROWS, ("clicked", "user", "item", "item")),
            (),
            "mine.csv: has 2 columns called 'item'; rename all but one",
        ),
        (
            text([(0, n % 7, n % 5, 1) for n in range(50)]),
            ("--label", "clicked"),
            "it has only the value '0'; name another",
        ),
        (text([("abc"[n % 3], n % 7) for n in range(50)], ("a", "b")), ("--label", "a"), "it has 3 values; na"),
        (text(ROWS), ("--label", "clickd"), "has no column 'clickd'; did you mean 'clicked'?"),
        (text(ROWS), ("--name", "My Data"), "--name My Data: must be of a-z"),
    ],
)
def test_mistakes(
    content: str | None, arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        Path("mine.csv").write_text(content)
    assert main(["init", "mine.csv", *arguments]) == 1
    assert message in capsys.readouterr().err
    assert not list(Path("config/datasets").iterdir())


def test_spellings_of_missing_values_are_listed_and_dates_divide(
    capsys: pytest.CaptureFixture[str],
) -> None:
    marks = ["?", " -", r"\N", "NA", "null", ""]
    made = columns(
        price=lambda n: marks[n // 12 % 6] if n % 3 == 0 else 0.5 + n,
        shop=lambda n: marks[n // 12 % 6] if n % 4 == 0 else f"s{n % 7}",
        date=lambda n: f"{1 + n % 12:02}/{1 + n % 28:02}/2024",
    )
    Path("mine.csv").write_text(made)
    preparation = init("mine.csv").preparation
    assert {*marks} <= {*preparation.missing}
    assert preparation.split
    assert preparation.split.by == "date"
    assert {field.name: field.transform for field in preparation.fields}["price"] == "quantiles"
    assert r"' -', '?', 'NA', '\N', 'null'" in capsys.readouterr().out
    facts = {field.name: field for field in described().fields}
    assert sum(facts["price"].missing.values()) == 200
    assert (sum(facts["shop"].missing.values()), facts["shop"].distinct, facts["shop"].marks) == (150, 7, ())
    path = Path("config/datasets/mine.yaml")
    path.write_text(re.sub("  missing: .*", '  missing: ["", "?", " -", "NA", "null"]', path.read_text()))
    path.write_text(path.read_text().replace("transform: quantiles", "transform: none"))
    forget()
    assert {field.name: field.marks for field in described().fields if field.marks} == {
        "price": ("\\N",),
        "shop": ("\\N",),
    }
    assert r"shop: '\N' counted as a value" in capsys.readouterr().out
