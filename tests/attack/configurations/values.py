"""Values of a wrong type, out of range, or too large for any machine."""

from collections.abc import Iterator
from typing import Any

from tests.attack.configurations.good import Case, changed

WRONG: dict[str, tuple[Any, ...]] = {
    "text": (3, 2.5, True, None, [], {}, ["a"], {"a": 1}),
    "number": ("many", True, None, [], {}, [1], -1, float("nan"), float("inf")),
    "list": (3, "frappe", True, None, {}, {"a": 1}, [3], [None], [[]], [{}]),
    "mapping": (3, "text", True, [], ["a"], [[]]),
}
TYPES = {
    "mine.yaml": {
        "campaign": "text",
        "datasets": "list",
        "experiments": "list",
        "limits": "mapping",
        "limits.network": "mapping",
        "limits.training": "mapping",
        "limits.training.batch_size": "number",
        "limits.network.dropout": "number",
        "twin.rows": "number",
        "timing.repeats": "number",
        "threads": "number",
        "pack_size": "number",
        "local": "mapping",
    },
    "datasets/frappe.yaml": {
        "title": "text",
        "source": "mapping",
        "preparation": "mapping",
        "preparation.fields": "list",
        "preparation.min_count": "number",
        "protocol.models": "mapping",
        "protocol.models.TF4CTR": "mapping",
    },
    "experiments/table_3.yaml": {
        "datasets": "list",
        "arms": "list",
        "arms.0.label": "text",
        "arms.0.grid": "mapping",
        "arms.0.model": "mapping",
        "overrides.0.set": "mapping",
    },
}
ALLOWED = {("datasets", "[]"), ("arms", "[]"), ("overrides", "[]")}  # an experiment may have none


def wrong_types() -> Iterator[Case]:
    """Values of another type, and things that are not numbers."""
    for file, keys in TYPES.items():
        for key, kind in keys.items():
            for value in WRONG[kind]:
                if file.startswith("experiments") and (key, str(value)) in ALLOWED:
                    continue
                yield f"type {file} {key} {value!r}", file, changed(file, key, value), (key,)


def numbers() -> Iterator[Case]:
    """Numbers out of range, and limits that no machine can hold."""
    for file, key, value, words in (
        ("mine.yaml", "threads", 0, ("threads",)),
        ("mine.yaml", "threads", 1_000_000, ("threads", "1000000")),
        ("mine.yaml", "twin.rows", 99, ("twin.rows",)),
        ("mine.yaml", "twin.rows", 10**12, ("twin.rows: must be at most 200,000,000",)),
        ("mine.yaml", "timing.repeats", 10**9, ("timing.repeats",)),
        ("mine.yaml", "limits.network.embedding_dim", 10**9, ("limits.network.embedding_dim: must be at most 4,096",)),
        (
            "mine.yaml",
            "limits.network.complex_units",
            [10**9, 10**9],
            ("limits.network.complex_units.0: must be at most 65,536",),
        ),
        ("mine.yaml", "limits.network.dropout", 1.0, ("limits.network.dropout",)),
        (
            "mine.yaml",
            "limits.training.batch_size",
            10**15,
            ("limits.training.batch_size: must be less than 2,147,483,648",),
        ),
        ("mine.yaml", "seeds", [-1], ("seeds",)),
        ("mine.yaml", "seeds", [], ("seeds",)),
        (
            "datasets/frappe.yaml",
            "preparation.fields.0.list",
            {"max_len": 10**12},
            ("preparation.fields.0.list.max_len: must be at most 65,536",),
        ),
        ("datasets/frappe.yaml", "protocol.network.embedding_dim", 0, ("protocol.network.embedding_dim",)),
        (
            "experiments/table_3.yaml",
            "arms.0.grid",
            {"model.ssem": ["SER"] * 200, "model.dfm": ["VF"] * 200},
            ("40,000 cells",),
        ),
    ):
        yield f"number {file} {key} {str(value)[:30]}", file, changed(file, key, value), words
