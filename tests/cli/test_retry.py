"""`retry` deletes failed records, all or those named, and nothing else."""

from pathlib import Path

import pytest

from tests.made_records import made_record
from workflow.cli.main import main
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.spec import RunSpec
from workflow.train.record import Metrics, write_record

CAMPAIGN = ROOT / "config/small.yaml"


@pytest.fixture(scope="module")
def planned() -> dict[str, RunSpec]:
    """Five runs of the campaign."""
    plan = Plan(load_campaign(CAMPAIGN))

    def on(run: RunSpec) -> bool:
        return run.dataset.name == "ml-1m"

    by_model = {run.model.name: run for run, needed_by in plan.runs.values() if needed_by == {"table_4"} and on(run)}
    sweep = next(run for run, needed_by in plan.runs.values() if needed_by == {"figure_7"} and on(run))
    names = {"ok": "DCN", "a": "EulerNet", "b": "FinalMLP", "damaged": "EDCN"}
    return {"sweep": sweep, **{name: by_model[model] for name, model in names.items()}}


@pytest.fixture
def runs(planned: dict[str, RunSpec], here: Path) -> dict[str, RunSpec]:
    """The runs with records: one finished, three failed in different experiments, and a damaged one."""
    for name, run in planned.items():
        failure = None if name == "ok" else f"why {name}"
        write_record(run.record_path, made_record(run, Metrics(auc=0.8, gauc=None, logloss=0.4), failure=failure))
    planned["damaged"].record_path.write_text("{}")
    return planned


def retry(*arguments: str) -> int:
    return main(["retry", "--configfile", str(CAMPAIGN), *arguments])


def standing(runs: dict[str, RunSpec]) -> set[str]:
    return {name for name, run in runs.items() if run.record_path.exists()}


def test_all_failed_records_go_and_no_other(runs: dict[str, RunSpec], capsys: pytest.CaptureFixture[str]) -> None:
    assert retry("--dry-run") == 0
    assert standing(runs) == set(runs)
    assert "3 failed records would be dropped" in capsys.readouterr().out
    assert retry() == 0
    said = capsys.readouterr().out
    assert f"3 failed records dropped; `tf4ctr run {CAMPAIGN}` trains these runs again" in said
    assert f"{runs['a'].model.name} {runs['a'].key}: why a" in said
    assert standing(runs) == {"ok", "damaged"}
    assert retry() == 0
    assert "nothing to try again" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("names", "left"),
    [
        (["figure_7"], {"a", "b"}),
        (["table_4"], {"sweep"}),
        (["EulerNet"], {"b", "sweep"}),
        (["b.key"], {"a", "sweep"}),
        (["b.id", "figure_7"], {"a"}),
        (["frappe"], {"a", "b", "sweep"}),
        (["ml-1m", "DCN"], set()),
    ],
)
def test_by_name(runs: dict[str, RunSpec], names: list[str], left: set[str]) -> None:
    """`b.key` and `b.id` stand for those of the run called b; all runs here are on ML-1M."""
    places = {f"{name}.{part}": getattr(run, part) for name, run in runs.items() for part in ("key", "id")}
    assert retry(*(places.get(name, name) for name in names)) == 0
    assert standing(runs) == left | {"ok", "damaged"}


def test_a_misspelt_name_drops_nothing(runs: dict[str, RunSpec], capsys: pytest.CaptureFixture[str]) -> None:
    assert retry("figure_7", "EulrNet") == 1
    assert "no run of campaign small is called 'EulrNet'; did you mean 'EulerNet'?" in capsys.readouterr().err
    assert standing(runs) == set(runs)


def test_the_campaign_comes_first(runs: dict[str, RunSpec]) -> None:
    assert main(["retry", "small", "figure_7"]) == 0
    assert standing(runs) == set(runs) - {"sweep"}
