"""Records to a tidy frame, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workflow.analysis.evidence.collect import COLUMNS, collect, read_campaign, write_parquet
from workflow.errors import UserError
from workflow.plan import Plan


def test_one_row_per_planned_run(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan(seeds=[2023, 2024])
    cell = plan.cells_of("table_3")[0]
    put(cell.runs[1], auc=0.97, gauc=0.96)
    frame = collect(plan)
    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == 2 * 21 * 2
    assert not frame.duplicated(["experiment", "dataset", "cell", "seed"]).any()
    done = frame[frame["status"] == "ok"]
    assert len(done) == 1
    row = done.iloc[0]
    assert (row["cell"], row["seed"], row["run_key"]) == (cell.label, 2024, cell.runs[1].key)
    assert (row["test_auc"], row["test_gauc"], row["best_epoch"], row["parameters"]) == (0.97, 0.96, 1, 15)
    assert (row["first_train_s"], row["wall_s"], row["data_origin"]) == (2.0, 3.5, "published")
    assert json.loads(row["keys"]) == {"ssem": "SER", "dfm": "WSF"}
    assert row["record"] == cell.runs[1].record_path.as_posix()


def test_without_records_nothing_has_run(make_plan: Callable[..., Plan]) -> None:
    frame = collect(make_plan(), ["table_3"])
    assert set(frame["status"]) == {"not run"}
    assert frame["test_auc"].isna().all()
    assert [str(kind) for kind in frame.dtypes] == list(COLUMNS.values())


def test_failed_run(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    put(plan.cells_of("table_3")[0].runs[0], failure="loss is NaN in epoch 1")
    row = collect(plan).iloc[0]
    assert (row["status"], row["failure"]) == ("failed", "loss is NaN in epoch 1")
    assert pd.isna(row["test_auc"])


def test_damaged_record_is_refused(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    path = put(plan.cells_of("table_3")[0].runs[0])
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    with pytest.raises(UserError, match=rf"{path}: damaged record"):
        collect(plan)
    path.write_text(text.replace("0.9", "0.95"))
    with pytest.raises(UserError, match=r"changed after it was written"):
        collect(plan)


def test_record_of_another_run_is_refused(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    one, other = (cell.runs[0] for cell in plan.cells_of("table_3")[:2])
    put(other, path=one.record_path)
    with pytest.raises(UserError, match=rf"{one.record_path}: holds run frappe {other.key}.*{one.key}"):
        collect(plan)


def test_unreadable_record_is_refused(make_plan: Callable[..., Plan]) -> None:
    plan = make_plan()
    plan.cells_of("table_3")[0].runs[0].record_path.mkdir(parents=True)
    with pytest.raises(UserError, match="cannot be read"):
        collect(plan)


def test_parquet_keeps_types_and_the_campaign(
    make_plan: Callable[..., Plan], put: Callable[..., Path], tmp_path: Path
) -> None:
    plan = make_plan(mirror="/somewhere/private")
    put(plan.cells_of("table_3")[0].runs[0])
    frame = collect(plan)
    path = tmp_path / "results" / "small" / "runs.parquet"
    write_parquet(frame, path, plan)
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    assert read_campaign(path)["experiments"] == ["table_1", "table_3"]
    assert b"private" not in path.read_bytes()
    assert [item.name for item in path.parent.iterdir()] == ["runs.parquet"]


def test_protocol_is_the_papers_unless_a_limit_changes_the_run(make_plan: Callable[..., Plan]) -> None:
    def protocols(**changes: Any) -> set[str]:
        return set(collect(make_plan(seeds=[7], **changes), ["table_3"])["protocol"])

    assert protocols() == {"paper"}
    assert protocols(limits={"training": {"max_epochs": 3}}) == {"other"}
    assert protocols(limits={"training": {"max_epochs": 100}}) == {"paper"}  # the protocol's own value
    assert protocols(limits={"network": {"embedding_dim": 8}}) == {"other"}
    frame = collect(make_plan(limits={"network": {"simple_units": [400]}}), ["table_3"])
    assert set(frame[frame["cell"] == "SER+Sum"]["protocol"]) == {"paper"}
    assert set(frame[frame["cell"] == "SER+CF"]["protocol"]) == {"paper", "other"}  # Frappe's log has [400, 400]
