"""pyproject.toml, requirements.lock and environment.yml name the same set."""

import re
import tomllib

import yaml
from packaging.requirements import Requirement

from workflow.plan.config import ROOT

CONDA_NAMES = {"torch": "pytorch"}


def declared(*groups: str) -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + [line for group in groups for line in project["optional-dependencies"][group]]
    return {Requirement(line).name.lower(): Requirement(line) for line in lines}


def locked() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(re.split("==", line) for line in lines if re.match(r"^[A-Za-z0-9_.-]+==", line))


def test_the_lock_satisfies_every_declared_dependency() -> None:
    pins = locked()
    for name, requirement in declared("dev", "slurm").items():
        assert name in pins, f"{name} is not in requirements.lock; run `make lock`"
        assert requirement.specifier.contains(pins[name]), f"{name} {pins[name]}; run `make lock`"


def test_the_conda_environment_is_the_declared_set() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = {re.split(r"[<>=]", line)[0]: line for line in environment["dependencies"]}
    expected = {CONDA_NAMES.get(name, name): requirement for name, requirement in declared("slurm").items()}
    assert set(conda) == set(expected) | {"python"}
    for name, requirement in expected.items():
        assert Requirement(conda[name]).specifier == requirement.specifier, name


def test_torch_is_pinned_without_a_build_tag() -> None:
    assert locked()["torch"] == "2.13.0"
