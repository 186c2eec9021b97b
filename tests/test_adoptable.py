"""What others need to take the workflow up: the catalogue's files, the citation, CI and the image."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

from workflow.archive.crate import _authors
from workflow.plan.config import ROOT


def project() -> dict[str, str]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_catalogues_snakefile_is_the_workflow_and_every_rule_says_what_it_makes(tmp_path: Path) -> None:
    """It lists what the root's lists, from any folder."""
    listed = []
    for name in ("Snakefile", "workflow/Snakefile"):
        words = ["-m", "snakemake", "--snakefile", str(ROOT / name), "--configfile", str(ROOT / "config/demo.yaml")]
        done = subprocess.run(
            [sys.executable, *words, "--list"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        listed.append(done.stdout.splitlines())
    assert listed[0] == listed[1]
    words_of = {line.split()[0]: line.split() for line in listed[0] if line.strip()}
    for rule in ("fetch", "prepare", "train", "table", "figure", "timing", "audit", "html_report", "collect", "all"):
        assert len(words_of[rule]) > 3, rule


def test_the_catalogue_gets_what_it_asks_for() -> None:
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert (usage["software-stack-deployment"], usage["report"]) == ({"conda": True}, True)
    assert (ROOT / "config/README.md").is_file()


def test_citation_and_codemeta_say_what_the_project_says() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    codemeta = json.loads((ROOT / "codemeta.json").read_text())
    assert citation["version"] == codemeta["version"] == project()["version"]
    assert citation["license"] == project()["license"]
    assert codemeta["license"].endswith(project()["license"])
    assert codemeta["description"] == project()["description"]
    assert codemeta["author"][0]["name"] == citation["authors"][0]["name"] == _authors()


def test_ci_calls_what_must_pass_and_keeps_the_report() -> None:
    steps = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]["checks"]["steps"]
    assert any(".ci/run" in step.get("run", "") for step in steps)
    (kept,) = [step["with"]["path"].split() for step in steps if "upload-artifact" in step.get("uses", "")]
    assert "results/demo/report.html" in kept


def test_the_image_has_the_locks_and_an_ordinary_user() -> None:
    text = (ROOT / "Dockerfile").read_text()
    lines = text.splitlines()
    installs = [line for line in re.sub(r"\\\n", "", text).split("&&") if "pip install" in line]
    assert [re.findall(r"-r (\S+)", line) for line in installs] == [
        ["requirements.lock"],
        ["requirements-${TORCH}.lock"],
    ]
    assert all("--require-hashes" in line and "--extra-index-url" not in line for line in installs)
    assert any(re.fullmatch(r"ARG PYTHON=python:[\w.-]+@sha256:[0-9a-f]{64}", line) for line in lines)
    assert "USER audit" in lines
    assert lines.index("USER audit") < next(at for at, line in enumerate(lines) if line.startswith("ENTRYPOINT"))
