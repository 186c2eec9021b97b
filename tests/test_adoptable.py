"""What others need to adopt the workflow: citation, CI, the image, and consistent lists of packages."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from workflow.archive.crate import _authors
from workflow.plan.config import ROOT


def project() -> dict[str, str]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_catalogues_snakefile_is_the_workflow_and_every_rule_says_what_it_makes(tmp_path: Path) -> None:
    """It lists the root's rules, from any folder."""
    given = ["--snakefile", str(ROOT / "workflow/Snakefile"), "--configfile", str(ROOT / "config/demo.yaml"), "--list"]
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *given], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    words_of = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line.strip()}
    written = [path.read_text() for path in (ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk"))]
    rules = re.findall(r"^ *(?:rule|checkpoint) (\w+):", "\n".join(written), re.MULTILINE)
    assert set(words_of) == set(rules)
    assert len(rules) > 12
    assert [rule for rule in rules if len(words_of[rule]) <= 3] == []


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


# -- lists -----------------------------------------------------------------------------


LOCKS = ("requirements.lock", "requirements-gpu.lock", "requirements-dev.lock")
CONDA_NAMES = {"torch": "pytorch"}


def declared(*groups: str) -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + [line for group in groups for line in project["optional-dependencies"][group]]
    return {Requirement(line).name.lower(): Requirement(line) for line in lines}


def locked(name: str) -> dict[str, list[str]]:
    """Package to its pinned versions (one for each platform, where they differ)."""
    pins: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([\w.+]+)", (ROOT / name).read_text(), flags=re.MULTILINE):
        pins.setdefault(package, []).append(version)
    return pins


@pytest.mark.parametrize(
    ("locks", "groups"),
    [(("requirements.lock", "requirements-gpu.lock"), ["slurm"]), (LOCKS, ["slurm", "dev"])],
)
def test_the_locks_satisfy_every_declared_dependency(locks: tuple[str, ...], groups: list[str]) -> None:
    pins = {package: versions for lock in locks for package, versions in locked(lock).items()}
    for name, requirement in declared(*groups).items():
        assert name in pins, f"{name} is in none of {locks}; run `make lock`"
        for version in pins[name]:
            assert requirement.specifier.contains(version), f"{name} {version}; run `make lock`"


@pytest.mark.parametrize("lock", [*LOCKS, "requirements-cpu.lock"])
def test_every_pin_has_hashes(lock: str) -> None:
    entries = re.findall(r"^\S.*\n(?: .*\n?)*", (ROOT / lock).read_text(), flags=re.MULTILINE)
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+==[\w.+]+( ; .*)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n$", entry), entry


def test_users_get_nothing_that_only_developers_need() -> None:
    """What tests and lint alone need is in their own lock, which repeats nothing but what they need elsewhere."""
    users, developers = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {"pytest", "ruff", "pyright", "playwright", "roc-validator"} <= set(developers)
    assert not {"pytest", "ruff", "pyright", "playwright", "roc-validator"} & set(users)
    assert all(users[name] == developers[name] for name in set(users) & set(developers))


def test_the_conda_environment_is_the_declared_set() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = {re.split(r"[<>=]", line)[0]: line for line in environment["dependencies"]}
    expected = {CONDA_NAMES.get(name, name): requirement for name, requirement in declared("slurm").items()}
    assert set(conda) == set(expected) | {"python"}
    for name, requirement in expected.items():
        assert Requirement(conda[name]).specifier == requirement.specifier, name


def test_both_builds_of_torch_are_the_same_version() -> None:
    (plain,), (cpu,) = locked("requirements-gpu.lock")["torch"], locked("requirements-cpu.lock")["torch"]
    assert (plain, cpu) == ("2.13.0", "2.13.0+cpu")


def test_every_locked_package_has_its_licence_listed() -> None:
    packages = {package for path in ROOT.glob("requirements*.lock") for package in locked(path.name)}
    listed = set(re.findall(r"^\| ([a-z0-9][a-z0-9._-]*) \|", (ROOT / "docs/licences.md").read_text(), re.MULTILINE))
    assert packages == listed - {"package"}, "run `make licences`"
