"""The description for machines, checked by the profile's own validator."""

import io
import json
import re
import subprocess
from dataclasses import replace
from email.message import Message
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.request import Request
from urllib.response import addinfourl

import pytest
import rdflib.parser
import requests

from tests.archive.conftest import Made, forged
from workflow.archive import crate
from workflow.archive.crate import commit
from workflow.archive.layout import RunArchive
from workflow.archive.verify import check
from workflow.archive.write import write_archive
from workflow.errors import UserError


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the vocabulary of RO-Crate from the library, not from its address.

    The library has a later version of it, in which one term that the profile names moved.
    """
    vocabulary = json.loads(resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes())
    vocabulary["@context"]["ComputationalWorkflow"] = "https://bioschemas.org/ComputationalWorkflow"
    content = json.dumps(vocabulary).encode()

    def opened(request: Request) -> addinfourl:
        headers = Message()
        headers["Content-Type"] = "application/ld+json"
        return addinfourl(io.BytesIO(content), headers, request.full_url, 200)

    def asked(self: requests.Session, method: str, url: str, **given: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.url, response.raw = 200, url, io.BytesIO(content)
        response.headers["Content-Type"] = "application/ld+json"
        return response

    monkeypatch.setattr(rdflib.parser, "_urlopen", opened)
    monkeypatch.setattr("requests.Session.request", asked)
    monkeypatch.setattr("requests_cache.CachedSession.request", asked)


def issues(folder: Path) -> list[str]:
    from rocrate_validator import models, services  # noqa: PLC0415

    settings = services.ValidationSettings(
        rocrate_uri=str(folder),  # pyright: ignore[reportArgumentType]
        profile_identifier="workflow-run-crate-0.5",
        requirement_severity=models.Severity.REQUIRED,
        skip_availability_check=True,
    )
    return [f"{one.check.identifier} {one.message}" for one in services.validate(settings).get_issues()]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.usefixtures("offline")
def test_an_archive_is_a_workflow_run_crate(made: Made, tmp_path: Path) -> None:
    folder = made.archive.folder.resolve()
    assert issues(folder) == []
    crate = json.loads((folder / "ro-crate-metadata.json").read_text())
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    del next(entity for entity in crate["@graph"] if entity["@id"] == "./")["mainEntity"]
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(crate))
    assert issues(tmp_path)  # the validator looks


def test_it_names_files_terms_and_checksums(made: Made) -> None:
    crate = json.loads((made.archive.folder / "ro-crate-metadata.json").read_text())
    by_id = {entity["@id"]: entity for entity in crate["@graph"]}
    files = {name for name, entity in by_id.items() if "File" in entity["@type"]}
    assert files == set(made.archive.digests) - {"ro-crate-metadata.json"}
    assert all(by_id[name]["sha256"] == made.archive.digests[name] for name in files)
    data = by_id["#data-frappe"]
    assert "no redistribution" in data["conditionsOfAccess"]
    [meta] = made.archive.contents().metas.values()
    assert [by_id[one["@id"]]["value"] for one in data["identifier"]] == [raw.sha256 for raw in meta.raw]


def test_it_names_the_commit_and_the_machine_and_verify_tells_how_to_get_the_code(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = "0123456789abcdef" * 2 + "01234567"
    monkeypatch.setattr("workflow.archive.crate.commit", lambda: commit)
    contents = made.archive.contents()
    records = contents.records.items()
    others = {key: forged(record, lambda c: c["provenance"].update(code="0" * 64)) for key, record in records}
    write_archive(tmp_path, replace(contents, records=others))
    graph = json.loads((tmp_path / "ro-crate-metadata.json").read_text())["@graph"]
    (machine,) = (one for one in graph if one["@id"].startswith("#machine-"))
    (hardware,) = {record.provenance.hardware for record in contents.records.values()}
    assert (machine["value"], machine["description"]) == (hardware, "6 runs")
    lines: list[str] = []
    with pytest.raises(UserError, match=f"no run was made by this checkout's code; git checkout {commit}$"):
        check(RunArchive(tmp_path), 1, 0, strict=False, say=lines.append)
    assert f"to train runs of other code again: git checkout {commit}, then `verify --retrain`" in lines


def test_the_commit_of_this_checkout_is_the_one_that_git_tells() -> None:
    if (found := commit()) is None:
        pytest.skip("no git checkout")
    assert re.fullmatch(r"[0-9a-f]{40}(\+changes)?", found)


def test_the_commit_of_a_repository_around_an_installed_project_is_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    for words in (["init"], ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *words, "-q"], cwd=tmp_path, check=True)
    monkeypatch.setattr(crate, "ROOT", tmp_path)
    assert re.fullmatch(r"[0-9a-f]{40}", str(commit()))
    (tmp_path / "models/new.py").touch()
    assert str(commit()).endswith("+changes")
    monkeypatch.setattr(crate, "ROOT", tmp_path / "models")
    assert commit() is None
