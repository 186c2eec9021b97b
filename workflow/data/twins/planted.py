"""Labels from a known model: main effects, pairwise products, and chance.

The probability behind each label is known, so the AUC of that probability is the highest
that any model can expect (the Bayes AUC). Products of two columns carry more than the
single columns do, so a linear model stays behind one that sees interactions.

Shapes: N rows, G groups of values that share a factor.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
MAIN_SD = 1.1  # standard deviations of the two parts of the logit
PAIR_SD = 2.0
PAIR_GROUPS = 12  # values share their factor with every twelfth: products can be learnt from few rows


def planted_probability(
    index_N: Mapping[str, Indices],
    effects: Mapping[str, float],
    pairs: Sequence[tuple[str, str]],
    positive_rate: float,
    rng: np.random.Generator,
) -> Floats:
    """Draw a model and give each row's probability of a positive label, from value indices; -1 is a missing value."""
    main = np.zeros(len(next(iter(index_N.values()))))
    for name, value_N in index_N.items():
        main += effects[name] * rng.standard_normal(int(value_N.max()) + 2)[value_N]  # the last is of missing values
    product = np.zeros_like(main)
    for left, right in pairs:
        left_G, right_G = rng.standard_normal((2, PAIR_GROUPS))
        product += left_G[index_N[left] % PAIR_GROUPS] * right_G[index_N[right] % PAIR_GROUPS]
    return _calibrated(MAIN_SD * _standardised(main) + PAIR_SD * _standardised(product), positive_rate)


def _standardised(part_N: Floats) -> Floats:
    return (part_N - part_N.mean()) / (part_N.std() or 1.0)


def _calibrated(logit_N: Floats, rate: float) -> Floats:
    """Shift the logits until the mean probability is `rate`."""
    low, high = -30.0, 30.0
    for _ in range(40):
        shift = (low + high) / 2
        low, high = (shift, high) if _sigmoid(logit_N + shift).mean() < rate else (low, shift)
    return _sigmoid(logit_N + low)


def _sigmoid(z_N: Floats) -> Floats:
    return 0.5 * (1.0 + np.tanh(0.5 * z_N))


def exact_auc(score_N: Floats, label_N: npt.NDArray[np.bool_]) -> float:
    """Share of (positive, negative) pairs in the right order; ties count half.

    >>> exact_auc(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, False, True, True]))
    0.875
    """
    rank_N = pl.Series(score_N).rank("average").to_numpy()
    positives = int(label_N.sum())
    negatives = len(label_N) - positives
    rank_sum = float(rank_N[label_N].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)
