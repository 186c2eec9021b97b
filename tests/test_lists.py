"""pyproject.toml, the lock files and environment.yml name the same set."""

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from workflow.plan.config import ROOT

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
