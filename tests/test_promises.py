"""The counts in docs/reliability.md are those that pytest collects."""

import pytest

from tests.promises import DOCUMENT, with_counts


@pytest.mark.attack  # it collects nearly all tests once more
def test_the_counts_of_cases_are_those_that_pytest_collects() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == with_counts(text), "run `python -m tests.promises`"
