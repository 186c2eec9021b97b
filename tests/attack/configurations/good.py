"""Good files of a campaign, and how one of them is spoilt."""

import copy
from typing import Any

import yaml

from workflow.plan.config import ROOT

Case = tuple[
    str, str, bytes, tuple[str, ...]
]  # name, file below the configuration folder, content, words of its message

CAMPAIGN: dict[str, Any] = {
    "campaign": "mine",
    "datasets": ["frappe", "kkbox"],
    "experiments": ["table_1", "table_3"],
    "seeds": [1, 2],
    "twin": {"rows": 400, "seed": 1},
    "limits": {"network": {"embedding_dim": 8}, "training": {"max_epochs": 2}, "experiments": {"table_3": {}}},
    "timing": {"twin_rows": None, "repeats": 2},
    "threads": 1,
}
FRAPPE = yaml.safe_load((ROOT / "config/datasets/frappe.yaml").read_text(encoding="utf-8"))
KKBOX = yaml.safe_load((ROOT / "config/datasets/kkbox.yaml").read_text(encoding="utf-8"))
TABLE = {
    "name": "table_3",
    "title": "T",
    "datasets": ["frappe"],
    "arms": [
        {
            "label": "{ssem}",
            "grid": {"model.ssem": ["SER", "GM"]},
            "model": {"name": "TF4CTR"},
            "loss": {"name": "twin_focus"},
        }
    ],
    "overrides": [{"dataset": "frappe", "at": {"model": "SER"}, "source": "a log", "set": {"model.dropout": 0.3}}],
}
GOOD = {
    "mine.yaml": CAMPAIGN,
    "datasets/frappe.yaml": FRAPPE,
    "datasets/kkbox.yaml": KKBOX,
    "experiments/table_1.yaml": {"name": "table_1", "title": "T", "datasets": ["frappe"]},
    "experiments/table_3.yaml": TABLE,
}


# In C where it is there: all cases are written when tests are collected.
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def dumped(content: object) -> bytes:
    """As YAML."""
    return yaml.dump(content, Dumper=DUMPER, sort_keys=False, allow_unicode=True, encoding="utf-8")


def changed(file: str, key: str, value: Any) -> bytes:
    """Content of a good file with the value at a dotted key replaced."""
    content = copy.deepcopy(GOOD[file])
    *way, last = key.split(".")
    node: Any = content
    for part in way:
        node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
    if isinstance(node, list):
        node[int(last)] = value
    else:
        node[last] = value
    return dumped(content)
