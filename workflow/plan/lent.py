"""Datasets and experiments that an archive has brought along: described, and in no file of config/."""

from typing import Any

_lent: dict[tuple[str, str], Any] = {}
_instead: dict[tuple[str, str], Any] = {}


def add(folder: str, name: str, values: Any) -> None:
    """Let a dataset or experiment be known where config/ has none of that name."""
    _lent[folder, name] = values


def put_instead(entries: dict[tuple[str, str], Any]) -> None:
    """Let descriptions stand for the files of config/; an empty mapping ends that."""
    _instead.clear()
    _instead.update(entries)


def names(folder: str) -> set[str]:
    """Names of what was brought along."""
    return {name for kind, name in _lent if kind == folder}


def given(folder: str, name: str, *, has_file: bool) -> Any | None:
    """The description to take; None where that is the file in config/."""
    return _instead.get((folder, name), None if has_file else _lent.get((folder, name)))
