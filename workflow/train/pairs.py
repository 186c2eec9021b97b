"""The mean logit of two independently trained runs: sums by user of all pairs of a configuration's runs.

Runs that keep their scores (`training.keep_scores`) can be averaged after they were trained, without training again.
Scores are as many as the test split has rows and stay where the run was trained. What a pair leaves of its users is as
small as what a run leaves, and goes into archives.

Shapes: N rows of the test split.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workflow.data.store import load_meta, load_split
from workflow.errors import UserError
from workflow.files import sha256_file
from workflow.reading import in_one_line, npz_arrays, regular_bytes
from workflow.train.keep import file_path
from workflow.train.placements import UserSums, user_sums
from workflow.train.record import Record

SCORES = "test_scores.npy"
LEAST, MOST = 1e-38, 1 - 2.0**-25  # nearest float32 values to 0 and 1


def pairs_among(records: Iterable[Record]) -> Iterator[tuple[str, Record, Record]]:
    """Every pair of finished runs of one configuration that kept their scores, with its key.

    A key is that of a run with both seeds: 422704c80edb/seed2020+seed2021.
    """
    able = [record for record in records if SCORES in record.files]
    for first, second in combinations(sorted(able, key=lambda one: (one.spec.id, one.spec.seed)), 2):
        if first.spec.id == second.spec.id:
            yield f"{first.spec.key}+seed{second.spec.seed}", first, second


def pair_path(first: Record, second: Record) -> Path:
    """Where `restore` leaves the sums of a pair, whose scores stayed elsewhere."""
    return first.spec.record_path.with_name(f"seed{first.spec.seed}+seed{second.spec.seed}.user_sums.npz")


def pair_sums(records: Iterable[Record]) -> Mapping[str, UserSums]:
    """Sums by user of the mean logit of every pair in the working directory.

    They are computed from kept scores and prepared labels, or read where an archive left them; a pair that has neither
    is left out.
    """
    found, logits = dict[str, UserSums](), cache(_logits)
    split = cache(lambda folder: load_split(folder, "test", load_meta(folder)))
    for key, first, second in pairs_among(records):
        path = pair_path(first, second)
        if path.exists():
            with in_one_line(path, "sums by user", f"delete {path} and restore the archive again"):
                arrays: dict[str, Any] = dict(npz_arrays(regular_bytes(path)))
                found[key] = UserSums(**arrays)
            continue
        scores = [(file_path(one.spec, SCORES), one.files[SCORES]) for one in (first, second)]
        if first.spec.dataset.is_prepared and all(path.exists() for path, _ in scores):
            rows = split(first.spec.dataset.prepared_dir)
            score_N = _ranks(logits(*scores[0]) + logits(*scores[1]))
            found[key] = user_sums(rows.y_N, score_N, rows.group_N)
    return found


def _ranks(logit_N: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Scores in (0, 1] that order rows as the logits do, which metrics take no more of: exact up to 2**24 rows."""
    _, place_N = np.unique(logit_N, return_inverse=True)
    return ((place_N + 1) / len(logit_N)).astype(np.float32)


def _logits(path: Path, sha256: str) -> npt.NDArray[np.float64]:
    """Logits of a run's test rows; a score that rounding took to 0 or 1 counts as the nearest that is neither."""
    if sha256_file(path) != sha256:
        raise UserError(f"{path}: is not the file that its record names; delete the record and train the run again")
    score_N = np.clip(np.load(path).astype(np.float64), LEAST, MOST)
    return np.log(score_N) - np.log1p(-score_N)
