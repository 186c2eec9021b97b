"""Benchmarks: ratios, sides that did not run, FuxiCTR's environment, parallel processes, made-up records."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import engine, engine_data, engine_table, fuxictr_env, fuxictr_zoo
from benchmarks.engine_floor import batches, layer_sizes
from benchmarks.engine_job import PREFIX, Job
from benchmarks.engine_models import networks
from benchmarks.engine_ours import run_spec
from benchmarks.machine import describe
from benchmarks.made_records import write_all
from benchmarks.processes import epochs_an_hour
from workflow.analysis.evidence.load import Evidence, WorkingDirectory
from workflow.archive.faults.records import count_faults, metric_faults
from workflow.data.store import load_meta, load_split
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign


def epochs(*train_s: float) -> list[dict[str, float]]:
    return [{"epoch": 2, "train_s": value, "eval_s": 1.0, "other_work": 0.0} for value in train_s]


def test_ratios_are_of_medians_and_of_the_same_precision() -> None:
    samples = {
        "DNN": {
            "ours fp32": epochs(4.0, 5.0, 90.0),
            "ours bf16": epochs(2.0),
            "before fp32": epochs(12.5),
            "FuxiCTR": epochs(10.0),
            "floor fp32": epochs(2.0),
            "floor bf16": epochs(0.5),
        }
    }
    results = engine_table.summary(samples)["DNN"]
    assert results["ours fp32"]["train_s"] == {
        "median": 5.0,
        "lowest": 4.0,
        "highest": 90.0,
        "times_fuxictr": 2.0,
        "times_before": 2.5,
        "times_floor": 2.5,
    }
    assert results["ours bf16"]["train_s"]["times_floor"] == 4.0
    assert results["ours bf16"]["epoch_s"]["times_fuxictr"] == pytest.approx(11 / 3)
    assert "times_floor" not in results["FuxiCTR"]["train_s"]


def test_a_side_that_did_not_run_gives_no_ratio() -> None:
    results = engine_table.summary({"DNN": {"ours fp32": epochs(4.0)}})["DNN"]["ours fp32"]
    assert set(results["train_s"]) == {"median", "lowest", "highest"}


def test_products_are_those_of_every_linear_layer() -> None:
    assert layer_sizes([[400, 400, 400]], 160) == [(160, 400), (400, 400), (400, 400), (400, 1)]
    assert layer_sizes([[400], [400, 400, 400]], 160)[:2] == [(160, 400), (400, 1)]
    assert batches(25, 10) == [10, 10, 5]
    assert batches(20, 10) == [10, 10]


def test_both_sides_read_the_same_rows(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    engine_data.write(directory, 700)
    meta = load_meta(directory)
    assert (meta.splits["train"].rows, meta.splits["valid"].rows, meta.splits["test"].rows) == (700, 200, 100)
    split = load_split(directory, "train", meta)
    with np.load(directory / "fuxictr" / "train.npz") as theirs:
        for index, (name, size) in enumerate(engine_data.VOCAB_SIZES.items()):
            np.testing.assert_array_equal(theirs[name], split.x_NC[:, index])
            assert 1 <= theirs[name].min() <= theirs[name].max() < size
        np.testing.assert_array_equal(theirs["label"], split.y_N)
    np.testing.assert_array_equal(split.group_N, split.x_NC[:, 0])


def test_our_run_is_the_job() -> None:
    model = networks()["DualMLP"]
    job = Job(model.model_dump(mode="json"), "bf16", "data", epochs=4, threads=2, seed=7, batch_size=50)
    spec = run_spec(job)
    assert spec.model == model
    assert job.towers == [[400], [400, 400, 400]]
    assert (spec.training.max_epochs, spec.training.batch_size, spec.training.precision) == (4, 50, "bf16")
    assert (spec.seed, spec.optimizer.embedding_l2, spec.training.threads) == (7, 0.1, 2)


def test_every_baseline_of_the_paper_is_timed_and_all_but_one_beside_fuxictr() -> None:
    names = set(networks())
    baselines = {"WideDeep", "DeepFM", "DCN", "xDeepFM", "AutoInt+", "AFN+", "DCNv2", "EDCN", "CL4CTR", "EulerNet"}
    assert baselines <= names
    assert names - set(engine.NOT_IN_FUXICTR) == {*fuxictr_zoo.FILES, "DualMLP"}


@pytest.mark.parametrize(("other_work", "expected"), [(0.0, "met: 2× FuxiCTR"), (0.3, "disturbed: 2× FuxiCTR")])
def test_no_verdict_from_a_busy_machine(other_work: float, expected: str) -> None:
    theirs = [{**epoch, "other_work": other_work} for epoch in epochs(10.0)]
    results = engine_table.summary({"DNN": {"ours fp32": epochs(4.0), "FuxiCTR": theirs}})
    cells = [list(column.cells) for column in engine_table.table(results).columns]
    assert cells[-1][0] == expected


# -- where FuxiCTR's source cannot be had ---------------------------------------------


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """What would be run: contestant, model and source. FuxiCTR's environment is there, its source is not."""
    done: list[tuple[str, str, str]] = []

    def unreachable() -> Path:
        raise fuxictr_env.UnreachableError("FuxiCTR: source failed with status 128; check the network\n  fatal: …")

    def run(contestant: engine.Contestant, _interpreter: str, job: Job, _path: Path) -> list[dict[str, float]]:
        done.append((contestant.name, job.name, job.source))
        return [{"epoch": number, "train_s": 1.0, "eval_s": 1.0} for number in (1, 2)]

    monkeypatch.setattr(fuxictr_env, "python", lambda: Path("python"))
    monkeypatch.setattr(fuxictr_env, "source", unreachable)
    monkeypatch.setattr(engine, "_run", run)
    return done


SHORT = ["--rows", "300", "--epochs", "1", "--rounds", "1", "--tries", "1"]


def test_without_source_the_zoo_is_left_out(
    jobs: list[tuple[str, str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    options = engine.parse([*SHORT, "--models", "DNN", "DualMLP", "DCN", "EDCN", "--only", "ours-fp32", "FuxiCTR"])
    samples = engine.measure(options, lambda _: None)
    assert {model: list(by_name) for model, by_name in samples.items()} == {
        "DNN": ["ours fp32", "FuxiCTR"],
        "DualMLP": ["ours fp32", "FuxiCTR"],
        "DCN": ["ours fp32"],
        "EDCN": ["ours fp32"],
    }
    assert [(model, source) for name, model, source in jobs if name == "FuxiCTR"] == [("DNN", ""), ("DualMLP", "")]
    told = [line for line in capsys.readouterr().out.splitlines() if "cannot be had" in line]
    assert len(told) == 1
    assert told[0].startswith("without FuxiCTR, whose source cannot be had: DCN, EDCN (FuxiCTR: source failed")


def test_models_that_need_no_source_ask_for_none(
    jobs: list[tuple[str, str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    engine.measure(engine.parse([*SHORT, "--models", "DNN", "DualMLP", "--only", "FuxiCTR"]), lambda _: None)
    engine.measure(engine.parse([*SHORT, "--models", "DCN", "--only", "ours-fp32"]), lambda _: None)
    assert [(name, model) for name, model, _ in jobs] == [
        ("FuxiCTR", "DNN"),
        ("FuxiCTR", "DualMLP"),
        ("ours fp32", "DCN"),
    ]
    assert "cannot be had" not in capsys.readouterr().out


def test_nothing_left_to_time_is_an_error(jobs: list[tuple[str, str, str]]) -> None:
    options = engine.parse([*SHORT, "--models", "DCN", "--only", "FuxiCTR"])
    with pytest.raises(UserError, match="nothing left to time"):
        engine.measure(options, lambda _: None)
    assert not jobs


# -- processes beside one another, and the machine ------------------------------------


def process(*seconds: float, status: int = 0) -> subprocess.Popen[str]:
    lines = [f'{PREFIX}{{"train_s": {value}, "eval_s": 1.0}}' for value in seconds]
    code = f"print('noise'); print({chr(10).join(lines)!r}); raise SystemExit({status})"
    return subprocess.Popen([sys.executable, "-c", code], text=True, stdout=subprocess.PIPE)


def test_rates_of_processes_add_up_and_leave_out_the_warm_up() -> None:
    assert epochs_an_hour([process(90.0, 3.0, 5.0, 4.0)]) == pytest.approx(720)
    assert epochs_an_hour([process(90.0, 3.0), process(90.0, 7.0)]) == pytest.approx(900 + 450)


def test_a_process_that_fails_ends_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="status 3"):
        epochs_an_hour([process(1.0, 1.0, status=3)])


def test_versions_are_those_installed() -> None:
    assert describe("numpy")["numpy"].count(".") == 2


# -- fuxictr env -----------------------------------------------------------------------


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "env"
    monkeypatch.setattr(fuxictr_env, "ENVIRONMENT", path)
    return path


def test_a_failed_step_names_the_remedy_and_finishes_nothing(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuxictr_env.sys, "executable", "/nowhere/python")
    with pytest.raises(UserError, match=r"python -m benchmarks\.fuxictr_env"):
        fuxictr_env.python()
    assert not (environment / "made.json").exists()


def test_what_an_interrupted_installation_left_is_made_anew(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").touch()
    commands: list[str] = []
    monkeypatch.setattr(fuxictr_env, "_run", lambda _command, what: commands.append(what))
    assert fuxictr_env.python() == environment / "bin" / "python"
    assert commands == ["environment", "packages", "trial import"]


def test_a_source_that_cannot_be_fetched_is_told_apart(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FUXICTR_SOURCE", raising=False)
    monkeypatch.setattr(fuxictr_env, "python", lambda: environment)
    monkeypatch.setattr(fuxictr_env, "REPOSITORY", str(environment / "nowhere"))
    with pytest.raises(fuxictr_env.UnreachableError, match=r"source failed with status 128; .*FUXICTR_SOURCE"):
        fuxictr_env.source()


def test_a_wrong_source_that_was_named_is_not_skipped(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUXICTR_SOURCE", str(environment))
    with pytest.raises(UserError, match="has no model_zoo") as caught:
        fuxictr_env.source()
    assert not isinstance(caught.value, fuxictr_env.UnreachableError)


# -- scaling ---------------------------------------------------------------------------


def test_made_records_are_taken_for_runs_on_the_published_data(here: Path) -> None:
    """Otherwise the analysis would skip the tests whose time is measured."""
    changes = {"datasets": ("frappe", "criteo"), "seeds": (1, 2), "experiments": ("table_2", "figure_5", "figure_10")}
    plan = Plan(load_campaign(ROOT / "config/small.yaml").model_copy(update=changes))
    assert write_all(plan) == len(plan.runs)
    evidence = Evidence.load(plan)
    assert set(evidence.records) == set(plan.runs)
    assert all(one.ground.bears for name in changes["experiments"] for one in evidence.cells(name))
    aucs = set()
    for record in evidence.records.values():
        sums, meta = WorkingDirectory().user_sums(record), evidence.metas[record.spec.dataset.id]
        assert sums is not None
        assert [*metric_faults(record, sums), *count_faults(sums, meta)] == []
        assert len(record.probes.histograms) == 2 * len(record.spec.probes.histogram_epochs)
        aucs.add(record.test.auc if record.test else None)
    assert len(aucs) == len(evidence.records)
