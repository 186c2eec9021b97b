import numpy as np

from workflow.archive.faults.records import digests_of
from workflow.train.placements import UserSums

SUMS = UserSums(
    np.array([2, 3]), np.array([4, 1]), np.array([1.5, 2.0]), np.array([3.0, 0.5]), np.array([0.75, np.nan])
)


def test_the_file_of_a_run_has_a_digest_by_every_python() -> None:
    """Oracle: the files that `zipfile` of Python 3.11.7 and of 3.11.2 (Debian 12's) wrote from these arrays."""
    assert digests_of(SUMS) == {
        "876bc225fa32dd63b6a5aed1b21709589359d95b78f8a437dbc4eea988c6f2f4",
        "92c134db849031fa6afb2a5ae1ccd4acf61ad192b6b03792e4069aec5876d2de",
    }
