"""Clicks of 60 users on 40 items, in various formats."""

import csv
import io
import random
from collections.abc import Sequence
from typing import Any

HEADER = ("clicked", "user", "item", "hour")
Rows = list[tuple[Any, ...]]


def clicks(rows: int = 1500, seed: int = 0) -> Rows:
    """Label, user, item and hour; the label depends on user and item."""
    draw = random.Random(seed)
    found = []
    for _ in range(rows):
        user, item, hour = draw.randrange(60), draw.randrange(40), draw.randrange(24)
        found.append((int(draw.random() < 0.2 + 0.06 * ((user * 7 + item * 3) % 10)), user, item, hour))
    return found


def text(rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER, **options: Any) -> str:
    """The rows as CSV, or as `options` of `csv.writer` say."""
    stream = io.StringIO()
    writer = csv.writer(stream, **{"lineterminator": "\n", **options})
    writer.writerows([header, *rows] if header else rows)
    return stream.getvalue()
