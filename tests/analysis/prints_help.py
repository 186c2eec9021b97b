"""Copies of paper/prints.csv with other numbers."""

import csv
from collections.abc import Mapping
from pathlib import Path

from workflow.analysis.paper.prints import COLUMNS, PRINTS_PATH

Place = tuple[str, ...]  # the non-empty coordinates of a print in the order of its columns, and its metric


def reprinted(folder: Path, changes: Mapping[Place, str], name: str = "prints.csv") -> Path:
    """Write the printed numbers with other texts at some places; each place must exist and change."""
    with PRINTS_PATH.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    left = dict(changes)
    for row in rows:
        place = tuple(row[name] for name in COLUMNS[1:-2] if row[name])
        if place in left:
            assert row["printed"] != left[place]
            row["printed"] = left.pop(place)
    assert not left, f"no such prints: {left}"
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list[str](COLUMNS), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
