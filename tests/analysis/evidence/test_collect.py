"""Records as a tidy frame, and refusals."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from workflow.analysis.evidence.collect import COLUMNS, collect, write_parquet
from workflow.analysis.evidence.load import Evidence, WorkingDirectory
from workflow.analysis.report.page import render_page
from workflow.analysis.tables.builders import build
from workflow.data.store import Meta
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.spec import DatasetSpec, RunSpec
from workflow.train.record import Record


def test_one_row_per_planned_run(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan(seeds=[2023, 2024])
    cell = plan.cells_of("table_3")[0]
    put(cell.runs[1], auc=0.97, gauc=0.96)
    frame = collect(Evidence.load(plan))
    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == sum(len(cell.runs) for cell in plan.cells) == 2 * 26 * 2
    assert not frame.duplicated(["experiment", "dataset", "cell", "seed"]).any()
    done = frame[frame["status"] == "ok"]
    assert len(done) == 1
    row = done.iloc[0]
    assert (row["cell"], row["seed"], row["run_key"]) == (cell.label, 2024, cell.runs[1].key)
    assert (row["test_auc"], row["test_gauc"], row["best_epoch"], row["parameters"]) == (0.97, 0.96, 1, 15)
    assert (row["first_train_s"], row["wall_s"], row["standing"]) == (2.0, 3.5, "published")
    place = {"table": "3", "dataset": "frappe", "ssem": "SER", "dfm": "WSF"}
    assert json.loads(row["coordinates"]) == place
    assert row["record"] == cell.runs[1].record_path.as_posix()


def test_without_records_nothing_has_run(make_plan: Callable[..., Plan]) -> None:
    frame = collect(Evidence.load(make_plan()))
    assert set(frame["status"]) == {"not run"}
    assert frame["test_auc"].isna().all()
    assert [str(kind) for kind in frame.dtypes] == list(COLUMNS.values())


def test_failed_run(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    put(plan.cells_of("table_3")[0].runs[0], failure="loss is NaN in epoch 1")
    row = collect(Evidence.load(plan)).iloc[0]
    assert (row["status"], row["failure"]) == ("failed", "loss is NaN in epoch 1")
    assert pd.isna(row["test_auc"])


def test_damaged_record_is_refused(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    path = put(plan.cells_of("table_3")[0].runs[0])
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    with pytest.raises(UserError, match=rf"{path}: damaged record"):
        collect(Evidence.load(plan))
    path.write_text(text.replace("0.9", "0.95"))
    with pytest.raises(UserError, match=r"changed after it was written"):
        collect(Evidence.load(plan))


def test_record_of_another_run_is_refused(make_plan: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = make_plan()
    one, other = (cell.runs[0] for cell in plan.cells_of("table_3")[:2])
    put(other, path=one.record_path)
    with pytest.raises(UserError, match=rf"{one.record_path}: holds run frappe {other.key}.*{one.key}"):
        collect(Evidence.load(plan))


def test_unreadable_record_is_refused(make_plan: Callable[..., Plan]) -> None:
    plan = make_plan()
    plan.cells_of("table_3")[0].runs[0].record_path.mkdir(parents=True)
    with pytest.raises(UserError, match="cannot be read"):
        collect(Evidence.load(plan))


def test_parquet_keeps_types_and_the_campaign(
    make_plan: Callable[..., Plan], put: Callable[..., Path], tmp_path: Path
) -> None:
    plan = make_plan(mirror="/somewhere/private")
    put(plan.cells_of("table_3")[0].runs[0])
    frame = collect(Evidence.load(plan))
    path = tmp_path / "results" / "small" / "runs.parquet"
    write_parquet(frame, path, plan)
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    campaign = json.loads(pq.read_schema(path).metadata[b"tf4ctr"])["campaign"]
    assert campaign["experiments"] == ["table_1", "table_3"]
    assert b"private" not in path.read_bytes()
    assert [item.name for item in path.parent.iterdir()] == ["runs.parquet"]


def test_every_file_is_read_once(
    make_plan: Callable[..., Plan], put: Callable[..., Path], prepare: Callable[..., Path]
) -> None:
    """Even if two tables, a sweep and the report share the same runs."""
    plan = make_plan(experiments=["table_1", "table_3"])
    put(plan.cells[0].runs[0])
    prepare(plan, "frappe")
    read = Counter[str]()

    class Counted(WorkingDirectory):
        def record(self, run: RunSpec) -> Record | None:
            read[run.key] += 1
            return super().record(run)

        def meta(self, spec: DatasetSpec) -> Meta | None:
            read[spec.id] += 1
            return super().meta(spec)

    evidence = Evidence.load(plan, source=Counted())
    for name in ("table_1", "table_3"):
        build(evidence, name)
    render_page(evidence)
    assert set(read.values()) == {1}
    assert set(plan.runs) | {spec.id for spec in plan.datasets} == set(read)
