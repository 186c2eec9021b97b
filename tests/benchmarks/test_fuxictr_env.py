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


def test_a_source_that_cannot_be_fetched_is_told_apart(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FUXICTR_SOURCE", raising=False)
    monkeypatch.setattr(fuxictr_env, "python", lambda: environment)
    monkeypatch.setattr(fuxictr_env, "REPOSITORY", str(environment / "nowhere"))
    with pytest.raises(fuxictr_env.UnreachableError, match=r"source failed with status 128; .*FUXICTR_SOURCE"):
        fuxictr_env.source()


def test_a_wrong_source_that_was_named_is_a_mistake_and_not_skipped(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FUXICTR_SOURCE", str(environment))
    with pytest.raises(UserError, match="has no model_zoo") as caught:
        fuxictr_env.source()
    assert not isinstance(caught.value, fuxictr_env.UnreachableError)
