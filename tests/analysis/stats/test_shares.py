"""The interval of a share against scipy's."""

import pytest
from scipy import stats

from workflow.analysis.stats.shares import exact_interval


@pytest.mark.parametrize(("successes", "trials"), [(0, 7), (1, 7), (59, 60), (60, 60), (500, 1_000)])
def test_as_scipys_exact_interval(successes: int, trials: int) -> None:
    expected = stats.binomtest(successes, trials).proportion_ci(method="exact")
    assert exact_interval(successes, trials) == pytest.approx((expected.low, expected.high), abs=1e-12)
