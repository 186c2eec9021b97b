"""Natural mistakes: each ends in one line, a status that is not 0, and the remedy."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import GOOD, one_line
from workflow.cli import common
from workflow.cli.main import main
from workflow.cli.preflight import check
from workflow.cli.targets import is_document, no_target
from workflow.data.sources import raw_archive, refuse_absent
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign

pytestmark = pytest.mark.usefixtures("folder")

RUN = [
    ("run", "name a campaign: tf4ctr run CAMPAIGN [TARGET ...]; there are demo, evidence,"),
    ("run smal", "no campaign 'smal'; did you mean 'small'?"),
    ("run config/smal.yaml", "config/smal.yaml: no such file; did you mean 'small.yaml'?"),
    ("run mine all_tabels", "no target 'all_tabels' in campaign mine; did you mean 'all_tables'?"),
    ("run mine table_7", "no target 'table_7' in campaign mine; did you mean 'table_3'?"),
    ("run mine figure_3", "no target 'figure_3' in campaign mine; did you mean 'figure_6'?"),
    ("run mine table_4", "campaign mine has no table_4; add it to `experiments` in config/mine.yaml"),
    ("plan --campaign smal", "no campaign 'smal'; did you mean 'small'?"),
    ("plan --configfile nothing.yaml", "nothing.yaml: no such file"),
    ("fetch frape --campaign mine", "no dataset 'frape' in campaign mine; did you mean 'frappe'?"),
    ("prepare frape --campaign mine", "no dataset 'frape' in campaign mine; did you mean 'frappe'?"),
    ("twin frappe --campaign mine", "twin: not set"),
    ("train no-pack --campaign mine", "no pack 'no-pack' in campaign mine"),
    ("train --only tabel_1 --campaign mine", "tabel_1: is no experiment of campaign mine; did you mean"),
    ("render figure_3 --campaign mine", "'figure_3' has no figure; did you mean 'figure_9'?"),
    ("render table_9 --campaign mine", "'table_9' has no table; did you mean 'table_6'?"),
    ("audit p01 --campaign mine", "no claim 'p01'; did you mean 'P01'?"),
    ("verify nowhere", "nowhere"),
    ("run small table_1 --configfile config/mine.yaml", "--configfile: campaign 'small' is named as well, and the two"),
    ("run --campaign mine table_1", "write `tf4ctr run mine table_1`"),
    ("run table_1 mine -n", "table_1: is not a campaign, and the campaign comes first: `tf4ctr run mine table_1`"),
    ("run mine.yaml", "mine.yaml: no such file; the campaign of that name is called 'mine', without `.yaml`"),
    ("plan mine.yaml", "mine.yaml: no such file; the campaign of that name is called 'mine', without `.yaml`"),
    ("plan mine --campaign small", "two campaigns are named, mine and small; name one of them"),
    ("run mine table_1 --cors 2", "--cors: no such option; did you mean '--cores'?"),
    ("run mine table_1 --cores 0", "--cores: must be at least 1 (given: 0); give `--cores "),
    ("run mine table_1 --cores -3", "--cores: must be at least 1 (given: -3); give `--cores "),
    ("run mine table_1 -j 0", "--jobs: must be at least 1 (given: 0)"),
    ("run mine table_1 --cores two", "--cores, -c): must be integer or 'all'"),
    ("run mine --config seeds -n", "no target 'seeds' in campaign mine"),
    ("plan mine --job 2", "--job: no such option; did you mean '--jobs'?"),
    ("plan mine small", "unexpected argument 'small'; see tf4ctr plan --help"),
    ("plan mine --jobs 0", "--jobs: must be a whole number from 1 to 100000, not '0'"),
    ("plan mine --jobs two", "--jobs: must be a whole number from 1 to 100000, not 'two'"),
    ("plan mine --config seed=[1]", "--config: seed: unknown key; did you mean 'seeds'?"),
    ("plan mine --config seeds", "--config seeds: must be key=value, such as 'seeds=[2023]'; correct it"),
    ("plan mine --config threads=two", "--config: threads: "),
    (f"plan mine --config seeds=[{'9' * 5000}]", "damaged YAML (Exceeds the limit"),
    (f"plan mine --config seeds={'[' * 3000}", "damaged YAML (nested too deeply); correct it"),
    ("plan config/datasets/frappe.yaml", "frappe.yaml: describes a dataset and no campaign; name it in `datas"),
    ("run config/experiments/table_4.yaml", "table_4.yaml: describes an experiment and no campaign; name it"),
    ("audit P33.aux --campaign mine", "no claim 'P33.aux'; did you mean 'P33.auc'"),
    ("merge results/a --out config/mine.yaml", "results/a/SHA256SUMS: no such file, so results/a is no archive"),
    ("verify nowhere.link", "nowhere.link: is a broken link; correct the link, or name another"),
    ("plan nowhere.link", "nowhere.link: is a broken link; correct the link, or name another"),
    ("plam mine", "COMMAND: invalid choice: 'plam'"),
    ("verify nowhere --retrain -1", "--retrain: must be a whole number from 0 on, not '-1'"),
    ("retry smal", "no run of campaign paper is called 'smal'; did you mean 'small'?"),
    ("run mine table_1 --resources gpu=x", "gpu"),
    ("fetch frappe --campaign mine --out config/mine.yaml", "config/mine.yaml: already exists and is not an archive"),
]
LONG = "a" * 300
TOO_LONG = [f"plan {LONG}", f"run {LONG}", f"plan --campaign {LONG}", f"check {LONG}.py:A", f"fetch {LONG}"]
TOO_LONG += [f"run mine {LONG}", f"audit --diff {LONG}", f"merge {LONG} --out x", f"report --from {LONG}"]


@pytest.mark.parametrize(("command", "words"), RUN, ids=[command for command, _ in RUN])
def test_on_our_command_line(command: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command.split()) == 1
    assert words in one_line(capsys.readouterr().err)


def test_a_campaign_that_would_train_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = (folder / "config/datasets/frappe.yaml").read_text().replace("name: frappe", "name: own", 1)
    (folder / "config/datasets/own.yaml").write_text(own)
    (folder / "config/mine.yaml").write_text("campaign: mine\ndatasets: [own]\nexperiments: [table_4]\n")
    assert main(["run", "mine", "-n"]) == 1
    assert "campaign mine: no experiment has cells on own; add another, or" in one_line(capsys.readouterr().err)


def test_a_link_that_leads_nowhere_in_the_folder_of_the_caller(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere/gone").symlink_to(folder / "unplugged")
    monkeypatch.setattr(common, "CALLED_FROM", folder / "elsewhere")
    assert main(["verify", "gone"]) == 1
    assert "elsewhere/gone: is a broken link" in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("command", TOO_LONG)
def test_a_name_longer_than_a_file_s_may_be(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command.split()) == 1
    assert "aaaa" in one_line(capsys.readouterr().err)


def test_plan_takes_changes_as_snakemake_does(capsys: pytest.CaptureFixture[str]) -> None:
    totals = []
    for seeds in ("[2023]", "[2022,2023]"):
        assert main(["plan", "mine", "--config", f"seeds={seeds}", "--config", "device=cpu"]) == 0
        (total,) = [line for line in capsys.readouterr().out.splitlines() if line.split()[:1] == ["total"]]
        totals.append(int(total.split()[2]))
    assert totals[1] == 2 * totals[0] > 0


WRITTEN = [  # tests/plan/test_config.py and tests/attack/test_configurations.py have the others
    (GOOD + "\tseeds: 1\n", "not valid YAML: line 5, column 1"),
    (GOOD.replace("frappe", "frape"), "datasets: no dataset 'frape'; did you mean 'frappe'?"),
    (GOOD.replace("threads: 1", "threads: two"), "threads: "),
    (GOOD + "seeds: [-3]\n", "seeds.0: must be at least 0 (given: -3); correct it"),
    (GOOD.replace("[frappe]", "[]"), "datasets: is empty; name at least one"),
    (GOOD + "first: [{table: 99}]\n", "first.0.table: must be text; put it in quotes (given: 99)"),
    (GOOD.replace("[frappe]", "frappe"), "datasets: must be a list, such as [a, b] (given: frappe)"),
]


@pytest.mark.parametrize(("content", "words"), WRITTEN)
def test_in_a_configuration_file(folder: Path, content: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config/mine.yaml").write_text(content)
    assert main(["run", "mine", "all"]) == 1
    told = one_line(capsys.readouterr().err)
    assert "config/mine.yaml: " in told
    assert words in told
    with pytest.raises(SystemExit) as ended:
        check(["--cores", "1", "--configfile", "config/mine.yaml", "--", "all"])
    assert ended.value.code == 1
    assert words in one_line(capsys.readouterr().err)


PLANNED = [
    ('first: [{table: "99"}]', "campaign mine: first.0: no cell has table '99'; (known: 3)"),
    (
        'first: [{table: "3"}, {table: "3", ssem: [SRE]}]',
        "first.1: no cell has ssem 'SRE'; did you mean 'Share'? (known:",
    ),
    ("first: [{figure: '6', table: '3'}]", "first.0: no cell has all of {figure: 6, table: 3}; see `at` in"),
    ("local: {frappe: /nowhere.zip}", "local.frappe: /nowhere.zip: no such file or folder; give a zip or a folder"),
    ("mirror: /nowhere", "mirror /nowhere: no such folder; correct `mirror` or TF4CTR_MIRROR"),
]


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize(("line", "words"), PLANNED)
def test_what_shows_when_it_is_planned(
    folder: Path,
    command: str,
    line: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("TF4CTR_MIRROR", raising=False)
    (folder / "config/mine.yaml").write_text(f"{GOOD}{line}\n")
    assert main([command, "mine", *(["all"] if command == "run" else [])]) == 1
    assert words in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("key", ["mirror: /nowhere", "local: {frappe: /nowhere}"])
def test_a_path_is_checked_also_where_the_data_are_here(folder: Path, key: str) -> None:
    (folder / "config/mine.yaml").write_text(f"{GOOD}{key}\n")
    plan = Plan(load_campaign(folder / "config/mine.yaml"))
    archive = raw_archive(*plan.sources[0])
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"")
    with pytest.raises(UserError, match="/nowhere: no such"):
        refuse_absent(plan)


ARM = {"label": "DNN", "model": {"name": "DNN"}}


@pytest.mark.parametrize(
    ("name", "changes", "key"),
    [
        ("figure_12", {"arms": [ARM, {**ARM, "label": "DCN"}]}, "figure_12.yaml: name: "),
        ("own", {"arms": [ARM]}, "own.yaml: arms: "),
        ("own", {"arms": [ARM], "timed": True}, "own.yaml: timed: "),
    ],
)
def test_an_experiment_that_nothing_would_show(
    folder: Path, name: str, changes: dict[str, Any], key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content = {"name": name, "title": "x", "datasets": ["frappe"], **changes}
    (folder / f"config/experiments/{name}.yaml").write_text(yaml.safe_dump(content))
    (folder / "config/mine.yaml").write_text(f"campaign: mine\ndatasets: [frappe]\nexperiments: [{name}]\n")
    for command in ("plan", "run"):
        assert main([command, "mine"]) == 1
        assert key in one_line(capsys.readouterr().err)


SNAKEMAKE = [
    ("all", "--cores: is missing; add `--cores "),
    ("--configfile config/mien.yaml --cores 1 -- all", "config/mien.yaml: no such file; did you mean 'mine.yaml'?"),
    ("--cores 1 --configfile config/mine.yaml --config thread=2 -- all", "--config: thread: unknown key; did you mean"),
    ("--cores 1 --configfile config/mine.yaml --config threads=two -- all", "--config: threads: "),
    ("--cores 0 --configfile config/mine.yaml -- all", "--cores: must be at least 1 (given: 0)"),
    ("--cors 1 -- all", "--cors: no such option; did you mean '--cores'?"),
    (f"--cores 1 --configfile {'a' * 300} -- all", "File name too long"),
]


@pytest.mark.parametrize(("arguments", "words"), SNAKEMAKE)
def test_on_snakemakes_command_line(arguments: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        check(arguments.split())
    assert ended.value.code == 1
    assert words in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("option", ["--rulegraph", "--dag", "--filegraph", "--list", "--summary", "-n", "--unlock"])
def test_what_starts_no_job_needs_no_cores(option: str, folder: Path) -> None:
    (folder / "config/mine.yaml").write_text(GOOD)
    check(["--configfile", "config/mine.yaml", option, "--", "all"])


TARGETS = [
    (f"figures/{'a' * 300}/figure_6.png", "no such target; ask for figures/mine/figure_6.png"),
    ("paper_tables/small/table_3.md", "belongs to campaign 'small', and this is 'mine'; name that campaign: "),
    ("figures/nosuch/figure_6.png", "belongs to campaign 'nosuch', and this is 'mine'; correct it"),
    ("all_tabels", "all_tabels: no such target in campaign 'mine'; did you mean 'all_tables'?"),
    ("table_7", "table_7: no such target in campaign 'mine'; did you mean paper_tables/mine/table_3.md?"),
    ("table_3", "table_3: no such target; ask for paper_tables/mine/table_3.md"),
    ("figures/mine/figure_3.png", "no such target in campaign 'mine'; did you mean figures/mine/figure_6.png?"),
]


@pytest.mark.parametrize(("target", "words"), TARGETS)
def test_a_target_that_nothing_makes(target: str, words: str) -> None:
    plan = Plan(load_campaign(Path("config/mine.yaml")))
    assert words in str(no_target(plan.campaign, target, ["all", "all_tables", "all_figures"]))
    assert not is_document(plan.campaign, target)


@pytest.mark.parametrize("target", ["paper_tables/mine/tabel_3.md", "figures/mine/figure_6.jpg", "tabel_3"])
def test_a_wrong_target_is_refused_before_snakemake_is_loaded(target: str) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "workflow", "run", "config/mine.yaml", target]
    here = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=here)
    lines = ended.stderr.splitlines()
    (error,) = [line for line in lines if line.startswith("error: ")]
    assert ended.returncode == 1
    assert "did you mean" in error or "ask for" in error
    assert not [line for line in lines if line.split()[-1] == "snakemake"]


def test_snakemake_says_of_such_a_target_that_line_alone(folder: Path) -> None:
    target, words = TARGETS[1]
    options = ["--profile", str(ROOT / "profiles/default"), "--snakefile", str(ROOT / "Snakefile")]
    command = [*options, "--configfile", "config/mine.yaml", "--cores", "1", "-n", "--", target]
    ended = subprocess.run(
        [str(ROOT / "workflow/cli/snakemake"), *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    told = [line for line in ended.stderr.splitlines() if "profile" not in line and "onfig file" not in line]
    assert words in one_line("\n".join(told))
    assert ended.stdout.startswith("Config file config/paper.yaml is extended by additional config")
    assert len(ended.stdout.splitlines()) == 1
