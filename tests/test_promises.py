"""The counts in docs/reliability.md are those that pytest collects."""

from tests.promises import DOCUMENT, with_counts


def test_the_counts_of_cases_are_those_that_pytest_collects() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == with_counts(text), "run `python -m tests.promises`"
