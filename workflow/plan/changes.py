"""Changes to a campaign on the command line: the `key=value` entries of `--config`.

A key may be dotted, and a value is YAML: `limits.training.max_epochs=3`, `limits={training: {max_epochs: 3}}`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from workflow.errors import UserError, shortened
from workflow.reading import in_one_line

KEY = re.compile(r"[A-Za-z_][\w-]*(\.[\w-]+)*")


def changes_of(entries: Iterable[str] | None) -> dict[str, Any]:
    """What `--config` sets.

    >>> changes_of(["limits.training.max_epochs=3", "limits={network: {dropout: 0.1}}", "seeds=[2023]"])
    {'limits': {'training': {'max_epochs': 3}, 'network': {'dropout': 0.1}}, 'seeds': [2023]}
    """
    changes: dict[str, Any] = {}
    for entry in entries or ():
        key, equals, text = entry.partition("=")
        if not equals or not KEY.fullmatch(key):
            raise UserError(f"--config {shortened(entry)}: must be key=value, such as 'seeds=[2023]'; correct it")
        value = typed(text)
        for part in reversed(key.split(".")):
            value = {part: value}
        changes = laid_over(changes, value)
    return changes


def typed(value: Any) -> Any:
    """A value of `--config` with its numbers as numbers; Snakemake leaves those in lists and mappings as text."""
    if isinstance(value, dict):
        return {key: typed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [typed(part) for part in value]
    if not isinstance(value, str):
        return value
    with in_one_line(f"--config {shortened(value)}", "YAML", "correct it"):
        return yaml.safe_load(value)


def laid_over(values: Any, changes: Mapping[str, Any]) -> Any:
    """`values` with `changes` laid over them as Snakemake does: mapping by mapping."""
    found = dict(values) if isinstance(values, dict) else {}
    for key, value in changes.items():
        found[key] = laid_over(found.get(key), value) if isinstance(value, dict) else value
    return found
