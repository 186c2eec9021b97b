"""`snakemake` as typed: targets that options would swallow, and nothing else changed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from snakemake.cli import get_argument_parser

from workflow.cli.shim import freed, is_ours
from workflow.plan.config import ROOT

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


def test_other_projects_are_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not is_ours(["--cores", "1", "all"])
    assert not is_ours(["-s", "other/Snakefile"])
    assert is_ours(["--snakefile", str(ROOT / "Snakefile")])
    assert is_ours([f"--snakefile={ROOT / 'workflow/Snakefile'}"])
    monkeypatch.chdir(ROOT)
    assert is_ours(["--cores", "1"])


def test_in_another_project_it_is_snakemake(tmp_path: Path) -> None:
    """A module called as one of ours is the other project's own."""
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow/helper.py").write_text("NAME = 'made'")
    lines = ["import sys", "sys.path.insert(0, '.')", "from workflow.helper import NAME", "rule all:"]
    (tmp_path / "Snakefile").write_text("\n".join([*lines, "    output: NAME", "    shell: 'touch {output}'", ""]))
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for command in ([SHIM], [sys.executable, "-m", "snakemake"]):
        words = [*command, "--cores", "1", "-F"]
        ended = subprocess.run(words, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        (tmp_path / "made").unlink()


def test_the_paper_s_command_as_typed() -> None:
    command = [SHIM, "--cores", "8", "--resources", "gpu=1", "all_tables"]
    ended = subprocess.run([*command, "-n", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
