"""A trend over the steps of an epoch.

Neighbouring steps depend on each other, so that a test on single steps is far too sure. The series
is cut into blocks much longer than its memory, and the blocks' means, nearly independent around any
trend, go into Mann and Kendall's test and Theil and Sen's slope. Memory is estimated within blocks,
where a trend is nearly straight and can be taken out; a drift that is slower than a block cannot be
distinguished from a trend, by this or any test on one run. (The trend of a sweep is a weighted sum
of cells: see `uncertainty`.)

Shapes: T steps, K blocks.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.samples import Interval, NoTest

Floats = NDArray[np.float64]
TrendFinding = Literal["increasing", "decreasing", "no change", "not decided"]
_MOST_BLOCKS, _FEWEST_BLOCKS = 20, 8
_MEMORIES = 10  # block length in autocorrelation times: neighbours then correlate by about 0.05


@dataclass(frozen=True)
class Gradual:
    """A trend over steps.

    `tau` is Kendall's between blocks and their means; `change` is what the Theil–Sen line gains
    from the first step to the last, as a share of the series' median, with its 95 % interval.
    """

    tau: float
    p: float
    change: Interval
    blocks: int

    def finding(self, margin: float, alpha: float = ALPHA) -> TrendFinding:
        """`no change` where the change surely lies within ± margin, else what the test shows."""
        if max(-self.change.low, self.change.high) < margin:
            return "no change"
        if self.p >= alpha:
            return "not decided"
        return "increasing" if self.tau > 0 else "decreasing"


def gradual(values_T: Floats) -> Gradual | NoTest:
    """Test whether positive values, such as gradient norms or their mean over seeds, rise or fall over the steps.

    `NoTest` where the steps are too few for eight blocks of ten autocorrelation times. That time is
    (1 + r) / (1 − r), with r the correlation of neighbouring steps around a straight line within each
    of eight blocks, and at least 1.
    """
    values_T = np.asarray(values_T, dtype=np.float64)
    if len(values_T) < _FEWEST_BLOCKS * _MEMORIES:
        return NoTest(f"too few steps: {len(values_T)}, and a trend needs {_FEWEST_BLOCKS * _MEMORIES}")
    if np.ptp(values_T) == 0:
        return NoTest("all steps have the same value")
    memory = _memory(_blocks(values_T, _FEWEST_BLOCKS))
    blocks = min(_MOST_BLOCKS, int(len(values_T) / (_MEMORIES * memory)))
    if blocks < _FEWEST_BLOCKS:
        needed = f"{_FEWEST_BLOCKS} blocks of {_MEMORIES} times that"
        return NoTest(f"steps depend on each other over about {memory:.0f}, and {len(values_T)} do not give {needed}")
    mean_K = _blocks(values_T, blocks).mean(axis=1)
    order_K = np.arange(blocks)
    from scipy import stats  # noqa: PLC0415

    tau, p = np.asarray(stats.kendalltau(order_K, mean_K))
    line = np.asarray(stats.theilslopes(mean_K, order_K, alpha=1 - ALPHA)) * blocks / np.median(values_T)
    change = Interval(float(line[0]), float(line[2]), float(line[3]))  # 1 is the intercept
    return Gradual(float(tau), float(p), change, blocks)


def _blocks(values_T: Floats, blocks: int) -> Floats:
    """Blocks of equal length; the first steps that are left over are dropped."""
    length = len(values_T) // blocks
    return values_T[len(values_T) - blocks * length :].reshape(blocks, length)


def _memory(values_KL: Floats) -> float:
    """Autocorrelation time in steps, from residuals around a line in each block of length L."""
    x_L = np.arange(values_KL.shape[1]) - (values_KL.shape[1] - 1) / 2
    centred_KL = values_KL - values_KL.mean(axis=1, keepdims=True)
    left_KL = centred_KL - np.outer(centred_KL @ x_L / (x_L @ x_L), x_L)
    square, length = float((left_KL**2).sum()), values_KL.shape[1]
    r = float((left_KL[:, 1:] * left_KL[:, :-1]).sum()) / square if square else 0.0
    r += (2 + 4 * r) / length  # what taking the line out takes away, to first order (Marriott and Pope 1954)
    return max(1.0, (1 + r) / max(1 - r, 1e-6))
