"""The command line: what it prints, and that mistakes end with one line and status 1."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from tests.cli.conftest import shown
from tests.conftest import write_campaign
from tests.made_records import made_record
from workflow.analysis.tables.builders import BUILDERS
from workflow.cli.common import made_otherwise
from workflow.cli.main import main
from workflow.cli.plan import plan_table
from workflow.cli.status import age_s, follow
from workflow.cli.targets import is_document
from workflow.cost.forecast import shipped_runs
from workflow.files import write_text
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.train.keep import state_path
from workflow.train.record import Metrics, write_record

pytestmark = pytest.mark.usefixtures("here", "counted")

PAPER = ROOT / "config/paper.yaml"


def small() -> Plan:
    campaign = load_campaign(ROOT / "config/small.yaml")
    return Plan(campaign.model_copy(update={"experiments": ("table_3",), "device": "cpu"}))


def finish_first(plan: Plan) -> None:
    """Leave the record of the plan's first run."""
    run = plan.cells[0].runs[0]
    write_record(run.record_path, made_record(run, Metrics(auc=0.8, gauc=None, logloss=0.4)))


def printed(plan: Plan, view: str, width: int = 150) -> str:
    return shown(lambda to: plan_table(plan, to) if view == "plan" else follow(plan, once=True, console=to), width)


def test_a_file_of_a_node_whose_clock_is_ahead_is_new(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("")
    os.utime(path, (1000.0, 1000.0))
    assert [age_s(path, now) for now in (1060.0, 1000.0, 400.0)] == [60.0, 0.0, 0.0]


def test_plan_and_status_count_what_is_done() -> None:
    plan = small()
    total = len(plan.runs)
    assert f"{total}" in printed(plan, "plan")
    assert f"0/{total}" in printed(plan, "status")
    finish_first(plan)
    assert f"1/{total}" in printed(plan, "status")


def test_status_shows_the_state_of_a_killed_run_and_not_of_one_with_a_record() -> None:
    plan = small()
    run = plan.cells[0].runs[0]
    write_text(state_path(run), "")
    assert f"{run.key}: last state" in " ".join(printed(plan, "status").split())
    finish_first(plan)
    assert "last state" not in printed(plan, "status")


def test_runs_that_a_call_made_with_other_settings_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    plan = small()
    other = Plan(plan.campaign.model_copy(update={"seeds": (7,)}))
    finish_first(other)
    assert made_otherwise(plan) == []
    write_text(Path("results/campaigns/small.json"), other.campaign.model_dump_json())
    (line,) = made_otherwise(plan)
    assert line.startswith("the last call made 1 run ")
    assert line in " ".join(printed(plan, "status").split())
    assert made_otherwise(other) == []
    assert main(["status", "results/campaigns/small.json", "--once"]) == 0
    assert f"1/{len(other.runs)}" in capsys.readouterr().out


def test_a_damaged_record_is_shown_and_not_counted() -> None:
    plan = small()
    path = plan.cells[0].runs[0].record_path
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    assert "damaged record" in printed(plan, "plan")
    assert "0/" in printed(plan, "status")


def test_a_table_that_cannot_be_built_keeps_no_other_from_being_written(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(BUILDERS, "table_3", Mock(side_effect=ZeroDivisionError("a defect")))
    asked = ["render", "--configfile", str(ROOT / "config/small.yaml")]
    assert main([*asked, "table_3", "table_99", "table_2"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Traceback")
    assert lines[-1].startswith("error: ZeroDivisionError: a defect (a fault of ours, see above); ")
    assert "experiment 'table_99' has no table" in lines[-1]
    assert main([*asked, "table_98", "table_99", "table_1"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert ("table_98" in line, "table_99" in line) == (True, True)
    assert sorted(path.name for path in here.rglob("*.md")) == ["table_1.md", "table_2.md"]


def all_documents(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file())


def test_render_without_a_name_writes_every_document(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    figure = {"arms": [{"label": "DNN", "model": {"name": "DNN"}, "loss": {"name": "log"}}]}
    values = {"campaign": "tiny", "datasets": ["frappe"], "experiments": ["table_1", "figure_2"], "device": "cpu"}
    campaign = write_campaign(here, values, {"table_1": {"arms": []}, "figure_2": figure})
    before = all_documents(here)
    assert main(["render", str(campaign)]) == 0
    stems = ("audit.csv", "audit.json", "audit.md", "cost.csv", "cost.md", "cost.tex", "table_1.csv")
    tables = [f"paper_tables/tiny/{name}" for name in (*stems, "table_1.md", "table_1.tex")]
    drawn = [f"figures/tiny/{name}" for name in ("figure_2.csv", "figure_2.pdf", "figure_2.png", "figure_2.svg")]
    made = [*drawn, "figures/tiny/gains.svg", "results/tiny/report.html", *tables]
    assert [path for path in all_documents(here) if path not in before] == sorted(made)
    report = "results/tiny/report.html"
    asked = {path: is_document(load_campaign(campaign), path) for path in made}
    assert asked == dict.fromkeys(made, True) | {report: None}  # all can be asked for by name
    (here / "results/tiny/report.html").unlink()
    (here / "figures/tiny/figure_2.svg").unlink()
    (here / "figures/tiny/figure_2.svg").mkdir()
    capfd.readouterr()
    assert main(["render", str(campaign)]) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert "figures/tiny/figure_2.svg" in line
    assert not (here / "results/tiny/report.html").exists()


def test_two_processes_draw_what_one_draws(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    names = ["figure_2", "figure_5", "figure_10"]
    asked = ["render", str(ROOT / "config/small.yaml"), *names, "figure_99"]
    folder = here / "figures/small"
    contents = []
    for processes in ("1", "2"):
        assert main([*asked, "--processes", processes]) == 1  # the unknown one, whoever draws it
        (line,) = capfd.readouterr().err.splitlines()
        assert "figure_99" in line
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
        assert {path.split(".")[0] for path in contents[-1]} == set(names)
        shutil.rmtree(folder)
    assert contents[0] == contents[1]


def test_a_disk_fault_in_the_second_process_is_told(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "figures/small/figure_2.svg").mkdir(parents=True)  # the first, which the second process draws
    names = ["figure_2", "figure_5", "figure_10"]
    assert main(["render", str(ROOT / "config/small.yaml"), *names, "--processes", "2"]) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert "figures/small/figure_2.svg" in line


@pytest.mark.parametrize("view", ["plan", "status"])
def test_views_fit_80_columns_and_show_no_bar_where_nothing_is_to_do(view: str) -> None:
    campaign = load_campaign(ROOT / "config/small.yaml").model_copy(update={"device": "cpu"})
    lines = printed(Plan(campaign), view, width=80).splitlines()
    assert all(len(line) <= 80 for line in lines)
    (timed,) = [line for line in lines if "table_6" in line]
    assert "━" not in timed
    (total,) = [line for line in lines if line.split()[:1] == ["total"]]
    assert str(len(Plan(campaign).runs)) in total


def test_plan_says_what_the_whole_takes() -> None:
    text = printed(small(), "plan")
    assert re.search(r"Training takes [\d.,]+ to [\d.,]+ \w+ here, with \d+ runs? at a time \(cpu\)\.", text)
    assert "To download: 5.64 MiB and frappe, of unknown size. On disk: about " in text
    assert "Memory: at most about " in text


def test_plan_says_what_is_shipped_until_it_is_here() -> None:
    plan = small()
    first = next(run for run, _ in plan.runs.values() if run.key in shipped_runs())
    number = sum(key in shipped_runs() for key in plan.runs)
    assert number > 1
    assert f"{number} of these runs are shipped: `tf4ctr restore results/evidence` adds them." in printed(plan, "plan")
    write_record(first.record_path, shipped_runs()[first.key])
    assert f"{number - 1} of these runs are shipped" in printed(plan, "plan")


def test_plan_says_where_nothing_is_planned() -> None:
    campaign = load_campaign(PAPER).model_copy(update={"datasets": ("kkbox",), "experiments": ("figure_6",)})
    text = printed(Plan(campaign.model_copy(update={"device": "cpu"})), "plan")
    assert (
        "No run is planned: none of the experiments has cells on kkbox; add another, or `every_dataset: true`." in text
    )


@pytest.mark.parametrize(
    ("content", "module", "words"),
    [
        (None, "toy.py:Toy", "error: toy.py: no such file; model.module is `path/to/file.py:Class`"),
        (
            "class Toy:\n  pass\n",
            "toy.py:Toi",
            "error: model toy.py:Toi: the file has no class 'Toi'; did you mean 'Toy'",
        ),
        ("class Toy(\n", "toy.py:Toy", "error: toy.py: line 1: not valid Python: '(' was never closed; correct it"),
        ("from other import Toy\n", "toy.py:Toy", ""),
    ],
)
def test_plan_refuses_a_model_that_does_not_exist(
    config_folder: Path, content: str | None, module: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arm = {"label": "Toy", "model": {"name": "Custom", "module": module}}
    campaign = {"campaign": "mine", "datasets": ["frappe"], "experiments": ["table_4"], "device": "cpu"}
    path = write_campaign(config_folder.parent, campaign, {"table_4": {"arms": [arm]}})
    if content is not None:
        Path("toy.py").write_text(content)
    status = main(["plan", str(path)])
    assert (status, words in capsys.readouterr().err) == (1 if words else 0, True)


@pytest.mark.parametrize(
    ("words", "unloaded"),
    [
        (["--help"], {"pydantic", "numpy", "rich", "snakemake"}),
        (["plan", "small"], {"torch", "polars", "pandas", "scipy", "snakemake"}),
        (["status", "small", "--once"], {"torch", "polars", "pandas", "scipy", "snakemake"}),
    ],
)
def test_what_only_looks_does_not_load_heavy_libraries(here: Path, words: list[str], unloaded: set[str]) -> None:
    code = (
        "import sys; from workflow.cli.main import main\n"
        f"try: main({words})\nexcept SystemExit: pass\nprint('\\n', sorted({unloaded} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=here,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.splitlines()[-1].strip() == "[]"
