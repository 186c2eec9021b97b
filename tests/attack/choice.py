"""Which cases `make test` runs: a few of each attack, drawn with a fixed seed. `make attack` runs all."""

import random
from collections.abc import Iterable
from typing import Any

import pytest


def quick(cases: Iterable[tuple[Any, ...]], count: int, seed: int = 13) -> list[Any]:
    """Cases as parameters, the first element their name; all but `count` of them only for `make attack`."""
    cases = list(cases)
    names = [case[0] for case in cases]
    assert len(set(names)) == len(names), "two cases have one name"
    drawn = set(random.Random(seed).sample(names, min(count, len(names))))
    marks = {True: (), False: (pytest.mark.attack,)}
    return [pytest.param(*case[1:], id=case[0], marks=marks[case[0] in drawn]) for case in cases]
