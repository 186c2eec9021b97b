"""Counts in docs/reliability.md: `python -m tests.promises` writes them, `tests/test_promises.py` holds them."""

import re
import subprocess
import sys

from workflow.plan.config import ROOT

DOCUMENT = ROOT / "docs/reliability.md"
ROW = re.compile(r"^\| (?P<promise>.+) \| (?P<tests>`tests/.+`) \| *(?P<cases>[\d,]+) \|$", re.M)


def named(tests: str) -> list[str]:
    """Files, or tests by the beginning of their name, in a cell of the table.

    Examples
    --------
    >>> named("`tests/a.py`, `tests/b.py::test_x`")
    ['tests/a.py', 'tests/b.py::test_x']
    """
    return re.findall(r"`([^`]+)`", tests)


def collected(places: list[str]) -> list[str]:
    """Ids of all tests in these files, those of `make attack` included."""
    files = sorted({place.partition("::")[0] for place in places})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-n", "0", "-m", "attack or not attack", *files]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in ended.stdout.splitlines() if "::" in line]


def with_counts(text: str) -> str:
    """The document with the number of cases that pytest collects in each row."""
    ids = collected([place for row in ROW.finditer(text) for place in named(row["tests"])])

    def counted(row: re.Match[str]) -> str:
        cases = sum(one.startswith(place) for place in named(row["tests"]) for one in ids)
        if not cases:
            raise ValueError(f"no test: {row['tests']}")
        return f"| {row['promise']} | {row['tests']} | {cases:,} |"

    return ROW.sub(counted, text)


if __name__ == "__main__":
    DOCUMENT.write_text(with_counts(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
