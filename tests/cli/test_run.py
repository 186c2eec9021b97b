"""`tf4ctr run`: names become targets, the rest goes to Snakemake; and the `snakemake` command."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.cli import get_argument_parser

from workflow.cli import run
from workflow.cli.main import main
from workflow.cli.run import divided, snakemake_arguments, target_of
from workflow.cli.shim import freed, is_ours
from workflow.cli.targets import experiments_behind
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.rules.support import Rendering

SMALL = ROOT / "config/small.yaml"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan(load_campaign(SMALL))


@pytest.mark.parametrize(
    ("words", "targets", "options"),
    [
        ("", "", ""),
        ("table_4 figure_6", "table_4 figure_6", ""),
        ("all --cores 2", "all", "--cores 2"),
        ("--cores 2 -- all audit", "all audit", "--cores 2"),
        ("all_tables --cores 8 --resources gpu=1", "all_tables", "--cores 8 --resources gpu=1"),
        ("--cores 8 --resources gpu=1 all_tables", "all_tables", "--cores 8 --resources gpu=1"),
        ("--config threads=2 all -n", "all", "--config threads=2 -n"),
        ("all --until train -n", "all", "--until train -n"),
    ],
)
def test_targets_are_told_from_options(words: str, targets: str, options: str) -> None:
    assert divided(words.split()) == (targets.split(), options.split())


def test_names_become_what_snakemake_knows(plan: Plan) -> None:
    names = {
        "table_4": "paper_tables/small/table_4.md",
        "cost": "paper_tables/small/cost.md",
        "figure_6": "figures/small/figure_6.png",
        "all": "all",
        "report": "html_report",
        "data/prepared/x": "data/prepared/x",
    }
    assert {name: target_of(plan.campaign, SMALL, name) for name in names} == names


def test_cores_are_chosen_unless_they_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "usable_cores", lambda: 7)
    here = Path("config/small.yaml")
    assert snakemake_arguments(here, ["all"], []) == ["--cores", "7", "--configfile", "config/small.yaml", "--", "all"]
    for given in (["--cores", "2"], ["-c1"], ["--jobs", "9"], ["--profile", "profiles/slurm"], ["--executor=slurm"]):
        assert "7" not in snakemake_arguments(here, ["all"], given)
        assert snakemake_arguments(here, ["all"], given)[: len(given)] == given


@pytest.mark.parametrize(
    ("targets", "experiments"),
    [
        ("paper_tables/small/table_3.md", "table_3"),
        ("paper_tables/small/table_3.csv figures/small/figure_6.svg", "table_3 figure_6"),
        ("paper_tables/small/cost.md", "table_2 table_3 table_4 table_5"),
        ("all_data data/prepared/x/meta.json timing", ""),
    ],
)
def test_a_target_needs_its_own_runs(plan: Plan, targets: str, experiments: str) -> None:
    assert experiments_behind(plan.campaign, targets.split()) == tuple(experiments.split())


@pytest.mark.parametrize("target", ["all", "audit", "html_report", "figures/small/gains.svg", "figures/paper/x.png"])
def test_what_is_of_no_one_experiment_needs_every_run(plan: Plan, target: str) -> None:
    assert experiments_behind(plan.campaign, ["paper_tables/small/table_3.md", target]) == plan.campaign.experiments


def test_tables_and_figures_divide_the_experiments(plan: Plan) -> None:
    tables, figures = (experiments_behind(plan.campaign, [target]) for target in ("all_tables", "all_figures"))
    assert sorted(tables + figures) == sorted(plan.campaign.experiments)
    assert all(name.startswith("figure_") for name in figures)


@pytest.mark.parametrize(
    ("packs", "targets", "tables", "figures"),
    [
        ("datasets", "all_tables", "table_1 table_3 cost", ""),
        ("datasets", "all_figures paper_tables/small/cost.md", "", "figure_6 figure_7"),
        ("datasets", "results/small/report.html", "table_1 table_3 cost", "figure_6 figure_7"),
        ("datasets", "figures/small/figure_6.png", "", ""),
        ("experiments", "all", "", ""),
    ],
)
def test_with_packs_by_dataset_one_job_renders(plan: Plan, packs: str, targets: str, tables: str, figures: str) -> None:
    changes = {"packs": packs, "experiments": ("table_1", "table_3", "figure_6", "figure_7")}
    campaign = Plan(plan.campaign.model_copy(update=changes))
    every = {"table": ("table_1", "table_3", "cost"), "figure": ("figure_6", "figure_7")}
    for kind, expected in (("table", tables), ("figure", figures)):
        found = Rendering(campaign, kind, every[kind], ["--cores", "2", "--", *targets.split()])
        assert found.words == (expected or f"{{wildcards.{kind}:q}}")
        assert found.of(SimpleNamespace(table="table_1", figure="figure_6")) == (expected.split() or [every[kind][0]])
        assert Rendering(campaign, kind, every[kind], None).patterns == [f"{{{kind}}}"]  # a job's own Snakemake


def test_what_is_looked_at_is_snakemakes_output(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        main(["run", "demo", "table_1", "--list"])
    assert not ended.value.code
    command, *rest = capfd.readouterr().out.splitlines()
    assert command.startswith("$ snakemake --cores ")
    assert command.endswith(" --list --configfile config/demo.yaml -- paper_tables/demo/table_1.md")
    assert any(line.startswith("all_tables") for line in rest)


def test_in_another_directory_its_records_and_log_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Path, Path]] = []

    def watched(command: list[str], plan: Plan, keys: object, place: Path) -> int:
        assert command[-6:] == ["--directory", str(out), "--configfile", "config/demo.yaml", "--", "all"]
        seen.append((Path.cwd(), place))
        return 0

    monkeypatch.setattr("workflow.cli.watch.watched", watched)
    monkeypatch.chdir(ROOT)
    out = tmp_path / "not there yet"
    assert main(["run", "demo", "--cores", "1", "--directory", str(out)]) == 0
    assert seen == [(out, ROOT)]
    assert Path.cwd() == ROOT


# -- shim ------------------------------------------------------------------------------


SHIM = str(ROOT / "workflow/cli/snakemake")


@pytest.mark.parametrize(
    ("words", "targets"),
    [
        ("--cores 8 --resources gpu=1 all_tables", ["all_tables"]),
        ("--cores 8 --resources gpu=1 mem_mb=4000 all_tables audit -n", ["all_tables", "audit"]),
        ("all_tables --resources gpu=1 --cores 8", ["all_tables"]),
        ("--cores 8 --config threads=2 all_tables", ["all_tables"]),
        ("--cores 8 --configfile config/small.yaml figures/small/figure_6.png -n", ["figures/small/figure_6.png"]),
        ("--cores 8 --configfile config/small.yaml all_tables", ["all_tables"]),
        ("--cores 8 --resources gpu=1 -- all_tables", ["all_tables"]),
        ("--cores 8 --resources gpu=1", []),
        ("--forcerun train --cores 8", []),
    ],
)
def test_snakemake_gets_the_targets_that_were_meant(words: str, targets: list[str]) -> None:
    parsed = get_argument_parser().parse_args(freed(words.split()))
    assert list(parsed.targets) == targets
    assert int(parsed.cores) == 8


@pytest.mark.parametrize(
    "words",
    [
        "all --cores 2 -n",
        "--cores 2 --until train --forcerun table -- all",
        "-c 2 --set-resources train:mem_mb=4 --default-resources runtime=3 -- all",
        "--configfile a.yaml b.yaml --cores 2",
        "--report x.html --cores 1",
    ],
)
def test_a_line_that_says_what_it_means_is_left_alone(words: str) -> None:
    assert freed(words.split()) == words.split()


def test_other_projects_are_others(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_ours(["--cores", "1", "all"])
    assert not is_ours(["-s", "other/Snakefile"])
    assert is_ours(["--snakefile", str(ROOT / "Snakefile")])
    assert is_ours([f"--snakefile={ROOT / 'workflow/Snakefile'}"])
    monkeypatch.chdir(ROOT)
    assert is_ours(["--cores", "1"])


def test_in_another_project_it_is_snakemake(tmp_path: Path) -> None:
    """A module with the same name as one of ours is the other project's own."""
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow/helper.py").write_text("NAME = 'made'")
    lines = ["import sys", "sys.path.insert(0, '.')", "from workflow.helper import NAME", "rule all:"]
    (tmp_path / "Snakefile").write_text("\n".join([*lines, "    output: NAME", "    shell: 'touch {output}'", ""]))
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = [SHIM, "--cores", "1", "-F"]
    ended = subprocess.run(words, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "made").is_file()


def test_the_paper_s_command_as_typed() -> None:
    command = [SHIM, "--cores", "8", "--resources", "gpu=1", "all_tables"]
    ended = subprocess.run([*command, "-n", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
