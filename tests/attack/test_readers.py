"""Any archive is refused or its fault found, in one line: no traceback, no hang, no acceptance, nothing written.

Structure-aware and seeded: a whole archive with one mutation, given to every reader of archives.
"""

import os
from pathlib import Path

import pytest

from tests.archive.conftest import Made, made  # noqa: F401 (a fixture)
from tests.attack.choice import quick
from tests.attack.hang import no_hang
from tests.attack.mutations import copied, mutate
from workflow.analysis.evidence.load import Evidence
from workflow.archive.export import restore
from workflow.archive.layout import RunArchive
from workflow.archive.merge import merge
from workflow.archive.verify import verify
from workflow.errors import UserError

CHUNK = 20
COUNT = 5_000

Believed = dict[str, object]


def beliefs(archive: RunArchive) -> Believed:
    """What a reader accepts from an archive without a fault."""
    return {
        key: (
            record.status,
            record.best_epoch,
            record.test and (record.test.auc, record.test.gauc),
            record.parameters,
            record.provenance.data_origin,
            tuple(sorted(record.provenance.raw_sha256.items())),
            record.provenance.data_fingerprint,
        )
        for key, record in archive.records.items()
    }


def one_line(error: UserError, what: str) -> None:
    message = str(error)
    assert message.isprintable() or len(message.splitlines()) > 1, what
    assert len(message) < 8_000, what
    assert "Traceback" not in message, what


@pytest.mark.parametrize("first", quick([(f"{n}", n) for n in range(0, COUNT, CHUNK)], 5))
def test_a_mutated_archive_is_refused_or_found_out(made: Made, tmp_path: Path, first: int) -> None:  # noqa: F811
    truth = beliefs(made.archive)
    for seed in range(first, first + CHUNK):
        folder = copied(made.archive.folder.resolve(), tmp_path / "archive")
        what = f"seed {seed}, {mutate(folder, seed)}"
        with no_hang():
            try:
                archive = RunArchive(folder)
                found = verify(archive)
                believed = beliefs(archive) if not found.faults else {}
            except UserError as error:
                one_line(error, what)
                believed = {}
            except Exception as error:
                raise AssertionError(what) from error
            assert believed.items() <= truth.items(), what
            others(folder, made, tmp_path, what)


def others(folder: Path, made: Made, tmp_path: Path, what: str) -> None:  # noqa: F811
    """The readers other than `verify`: each refuses or ends."""
    here = Path.cwd()
    away = tmp_path / "away"
    away.mkdir(exist_ok=True)
    for read in (
        lambda: Evidence.load(made.plan, source=RunArchive(folder)),
        lambda: merge([made.archive, RunArchive(folder)], tmp_path / "joined", force=True),
        lambda: restore(RunArchive(folder)),
    ):
        try:
            if read.__code__.co_names[0] == "restore":
                os.chdir(away)
            read()
        except UserError as error:
            one_line(error, what)
        except Exception as error:
            raise AssertionError(what) from error
        finally:
            os.chdir(here)
    assert {path.name for path in tmp_path.iterdir()} <= {"archive", "away", "joined"}, what
