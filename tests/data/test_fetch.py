import hashlib
import http.server
import shutil
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.data.made import SPLIT_FILES, campaign, dataset, prepared, zipped
from tests.data.test_prepare import FILES
from workflow.data import fetch as module
from workflow.data.fetch import fetch
from workflow.data.prepare import prepare
from workflow.errors import UserError
from workflow.files import md5_file, sha256_file
from workflow.plan.cells import dataset_spec
from workflow.plan.config import DatasetConfig


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; a file called "flaky" there makes the first requests fail."""

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        flaky = Path(self.directory, "flaky")
        left = int(flaky.read_text()) if flaky.exists() else 0
        if left and not self.path.endswith("SHA256SUMS"):
            flaky.write_text(str(left - 1))
            self.send_error(503)
        else:
            super().do_GET()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the URL that serves it."""
    folder = tmp_path / "site"
    folder.mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_mirror_and_no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(module.MIRROR_VARIABLE, raising=False)
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)


def toy(**source: Any) -> DatasetConfig:
    return dataset(["city"], source)


def mirror_of(folder: Path, members: dict[str, str] | None = None) -> Path:
    path = zipped(folder / "toy.zip", FILES if members is None else members)
    (folder / "SHA256SUMS").write_text(f"{sha256_file(path)}  toy.zip\n{'0' * 64} *other.zip\n")
    return path


def refused(config: DatasetConfig, target: Path, message: str, **settings: Any) -> None:
    """Fetching fails with this message and leaves nothing behind."""
    with pytest.raises(UserError, match=message):
        fetch(config, campaign(**settings), target)
    assert not target.exists()
    assert list(target.parent.glob("*")) == []


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "raw" / "toy.zip"


# -- public source ------------------------------------------------------------------------


@pytest.mark.parametrize("failures", [0, 2])
def test_from_the_public_source_again_where_it_fails(site: tuple[Path, str], target: Path, failures: int) -> None:
    path = zipped(site[0] / "toy.zip", FILES)
    (site[0] / "flaky").write_text(str(failures))
    config = toy(url=f"{site[1]}/toy.zip?download=true", sha256=sha256_file(path), md5=md5_file(path))
    fetch(config, campaign(), target)
    assert target.read_bytes() == path.read_bytes()
    assert [file.name for file in target.parent.iterdir()] == ["toy.zip"]


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_wrong_checksum_is_an_error(site: tuple[Path, str], target: Path, algorithm: str) -> None:
    zipped(site[0] / "toy.zip", FILES)
    wrong = hashlib.new(algorithm, b"").hexdigest()
    refused(toy(url=f"{site[1]}/toy.zip", **{algorithm: wrong}), target, f"{algorithm} is .*, published is {wrong}")


@pytest.mark.parametrize("url", ["{}/absent.zip", "http://127.0.0.1:9/toy.zip"])
def test_an_unreachable_source_says_how_to_go_on(site: tuple[Path, str], target: Path, url: str) -> None:
    config = toy(url=url.format(site[1]), homepage="https://example.org/toy")
    message = r"cannot be downloaded .*see https://example.org/toy.*local: {toy: PATH}.*mirror.*TF4CTR_MIRROR"
    refused(config, target, message)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "dataset toy: has no public URL .*local: {toy: PATH}"),
        ({"mirror": "/nowhere"}, "mirror /nowhere: no such folder"),
        ({"local": {"toy": "/nowhere"}}, "local.toy: /nowhere: no such file or folder"),
        ({"local": {"toy": "~nobody-here/x"}}, "local.toy: ~nobody-here/x: no such user's folder"),
    ],
)
def test_a_source_that_is_not_there(target: Path, settings: dict[str, Any], message: str) -> None:
    refused(toy(), target, message, **settings)


def test_a_page_instead_of_an_archive_is_an_error(site: tuple[Path, str], target: Path) -> None:
    (site[0] / "toy.zip").write_text("<html>log in</html>")
    refused(toy(url=f"{site[1]}/toy.zip"), target, r"toy.zip from http.*/toy.zip: damaged or cut short zip archive")


# -- mirror -------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "mark"), [("campaign", b""), ("environment", b""), ("campaign", b"\xef\xbb\xbf")])
@pytest.mark.parametrize("remote", [True, False])
def test_from_a_mirror(
    site: tuple[Path, str], target: Path, how: str, mark: bytes, remote: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sums may begin with a byte order mark."""
    path = mirror_of(site[0])
    sums = path.with_name("SHA256SUMS")
    sums.write_bytes(mark + sums.read_bytes())
    mirror = site[1] + "/" if remote else str(site[0])
    if how == "environment":
        monkeypatch.setenv(module.MIRROR_VARIABLE, mirror)
    # The mirror's own checksums decide there: its bytes may differ from the published ones.
    config = toy(url="http://127.0.0.1:9/toy.zip", sha256="0" * 64)
    fetch(config, campaign(mirror=mirror if how == "campaign" else None), target)
    assert target.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("remote", [True, False])
def test_faults_of_a_mirror(site: tuple[Path, str], target: Path, remote: bool) -> None:
    folder, mirror = site[0], site[1] if remote else str(site[0])
    refused(toy(), target, "SHA256SUMS", mirror=mirror)
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  toys.zip\n")
    refused(toy(), target, "SHA256SUMS: does not list toy.zip; .*did you mean 'toys.zip'", mirror=mirror)
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  toy.zip\n")
    refused(toy(), target, "cannot be downloaded" if remote else "toy.zip: not in the mirror", mirror=mirror)
    zipped(folder / "toy.zip", FILES)
    refused(toy(), target, "toy.zip from mirror .*: sha256 is .*, its SHA256SUMS says 0000", mirror=mirror)


def test_a_member_that_the_mirror_lacks(site: tuple[Path, str], target: Path) -> None:
    mirror_of(site[0], {"train.csv": "x"})
    refused(toy(), target, "no file 'valid.csv' in the archive, which holds: train.csv", mirror=str(site[0]))


# -- local --------------------------------------------------------------------------------


def test_a_local_zip_comes_before_the_mirror(tmp_path: Path, target: Path) -> None:
    path = zipped(tmp_path / "mine.zip", FILES)
    fetch(toy(), campaign(local={"toy": str(path)}, mirror="/nowhere"), target)
    assert target.read_bytes() == path.read_bytes()


def test_a_local_folder_becomes_the_same_archive_each_time(tmp_path: Path, target: Path) -> None:
    for name in ("one", "two"):
        for file, text in FILES.items():
            path = tmp_path / name / "deep" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (tmp_path / name / "unrelated.txt").write_text(name)
    config = toy()
    fetch(config, campaign(local={"toy": str(tmp_path / "one")}), target)
    again = tmp_path / "again.zip"
    fetch(config, campaign(local={"toy": str(tmp_path / "two")}), again)
    assert target.read_bytes() == again.read_bytes()
    meta = prepare(config, dataset_spec(config, campaign()), target, tmp_path / "out")
    assert meta.fingerprint == prepared(config, tmp_path / "plain", FILES)[0].fingerprint


def test_faults_of_a_local_copy(tmp_path: Path, target: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    refused(toy(), target, "mine: no file 'train.csv' in this folder", local={"toy": str(folder)})
    for name in SPLIT_FILES.values():
        (folder / name).write_text("x")
    shutil.copytree(folder, folder / "copy")
    refused(toy(), target, "2 files called 'train.csv' in this folder", local={"toy": str(folder)})


def test_a_damaged_archive_never_replaces_a_good_one(tmp_path: Path, target: Path) -> None:
    good = zipped(tmp_path / "good.zip", FILES)
    fetch(toy(), campaign(local={"toy": str(good)}), target)
    (tmp_path / "bad.zip").write_bytes(good.read_bytes()[:-40])
    with pytest.raises(UserError, match=r"toy.zip from .*bad.zip: damaged"):
        fetch(toy(), campaign(local={"toy": str(tmp_path / "bad.zip")}), target)
    assert target.read_bytes() == good.read_bytes()


def test_a_full_disk_is_one_message(tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "mine.zip", FILES)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.shutil, "copyfile", full)
    refused(toy(), target, "toy.zip: cannot be written .No space left on device.", local={"toy": str(path)})


# -- names and marks that others put on files ---------------------------------------------


@pytest.mark.parametrize("name", ["rows.csv", "my clicks (1).csv", "[all].csv", "clicks.tsv", "data", "*.csv"])
def test_a_csv_of_any_name_is_taken(tmp_path: Path, target: Path, name: str) -> None:
    config = dataset(["city"], format="csv", files={"all": "rows.csv"}, split={})
    (tmp_path / name).write_text(FILES["train.csv"])
    fetch(config, campaign(local={"toy": str(tmp_path / name)}), target)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["rows.csv"]
        assert archive.read("rows.csv").decode() == FILES["train.csv"]


def test_names_in_a_folder_are_no_patterns(tmp_path: Path, target: Path) -> None:
    config = dataset(["city"], format="csv", files={"all": "[a-z].csv"}, split={})
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "b.csv").write_text(FILES["train.csv"])
    refused(config, target, r"no file '\[a-z\]\.csv' in this folder", local={"toy": str(folder)})
    (folder / "[a-z].csv").write_text(FILES["train.csv"])
    fetch(config, campaign(local={"toy": str(folder)}), target)


def test_a_folder_in_the_archive_s_place_is_told(tmp_path: Path, target: Path) -> None:
    mirror_of(tmp_path / "mirror")
    target.mkdir(parents=True)
    with pytest.raises(UserError, match=r"toy\.zip: is a folder, but a file must be written there; move the folder"):
        fetch(toy(), campaign(mirror=str(tmp_path / "mirror")), target)
