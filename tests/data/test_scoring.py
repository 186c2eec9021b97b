"""Tables of new rows to score, beside a dataset without a header whose values semicolons divide."""

from pathlib import Path

import polars as pl
import pytest

from tests.data.made import dataset
from workflow.data.encode.scoring import frames_to_score
from workflow.errors import UserError

BARE = dataset(
    ["hour", "item"],
    format="csv",
    files={"all": "bare.csv"},
    split={},
    label="clicked",
    columns=["item", "clicked", "hour"],
    separator=";",
).preparation


@pytest.mark.parametrize(
    "text",
    [
        "hour,item\n1,7\n2,8\n",  # names its columns, with another separator
        "clicked;item;hour\n0;7;1\n1;8;2\n",
        "7;0;1\n8;1;2\n",  # as in training
        "7,0,1\n8,1,2\n",
        "7;1\n8;2\n",  # without the label
    ],
)
def test_new_rows_name_their_columns_or_stand_as_in_training(tmp_path: Path, text: str) -> None:
    (tmp_path / "new.csv").write_text(text)
    frames = pl.concat([frame for _, frame in frames_to_score(tmp_path / "new.csv", BARE)])
    assert frames.select("item", "hour").rows() == [("7", "1"), ("8", "2")]


@pytest.mark.parametrize("text", ["a;b;c\n7;0;1\n", "7\n8\n", "7;0;1;2\n"])
def test_a_first_line_of_other_names_is_no_row(tmp_path: Path, text: str) -> None:
    (tmp_path / "new.csv").write_text(text)
    with pytest.raises(UserError, match=r"new\.csv: its first line is neither a row .* hour, item; correct it"):
        list(frames_to_score(tmp_path / "new.csv", BARE))
