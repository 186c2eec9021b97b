from pathlib import Path

import pytest

from benchmarks import fuxictr_env
from workflow.errors import UserError


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "env"
    monkeypatch.setattr(fuxictr_env, "ENVIRONMENT", path)
    return path


def test_a_failed_step_names_the_remedy_and_leaves_no_finished_environment(
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
