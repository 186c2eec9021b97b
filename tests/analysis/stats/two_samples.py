"""Two samples compared, in the shape of scipy's and statsmodels' functions."""

from collections.abc import Sequence

import numpy as np

from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.uncertainty import Estimate, Group, TestSet, combined, single


def known(found: object) -> Estimate:
    """An estimate that must exist."""
    assert isinstance(found, Estimate), found
    return found


def estimate(
    x_N: Sequence[float], y_M: Sequence[float], *, paired: bool, testset: TestSet | None = None
) -> Estimate | NoTest:
    """Mean of x minus mean of y; `paired` says whether entry i of both is a pair."""
    if not paired:
        return combined([single(x_N), single(y_M, -1.0)], testset)
    return combined([Group(np.array([x_N, y_M], dtype=np.float64).T, (1.0, -1.0))], testset)
