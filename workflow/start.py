"""What is checked before Snakemake reads a configuration file or writes anything.

Snakemake loads `--configfile` while it reads its command line, long before the Snakefile, and
shows a syntax error without its place and a full disk as a stack of its own frames. Its profile
is read before that, so profiles/default/profile.yaml calls `check`.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workflow.checked import read_yaml
from workflow.config import check_campaign
from workflow.errors import UserError
from workflow.files import cannot_write

DEFAULT = Path("config/paper.yaml")  # the Snakefile's `configfile:`
FOLDERS = (".", ".snakemake", "results", "data", "paper_tables", "figures", "logs")
ONLY_LOOKS = {"-n", "--dry-run", "--dryrun", "--lint", "--list", "-l", "--help", "-h", "--version", "-v"}
PROBE_BYTES = 1 << 16


def check(arguments: Sequence[str]) -> None:
    """Check configuration files and folders of a Snakemake call; end it with one message."""
    options = _parser().parse_known_args(arguments)[0]
    folder = Path(options.directory)
    try:
        check_files(folder / DEFAULT, options.configfile, merged=not options.config)
        if not ONLY_LOOKS & set(arguments):
            check_folders(folder)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def _parser() -> argparse.ArgumentParser:
    """The options of Snakemake that decide which files it reads, and where it writes."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+", type=Path, default=[])
    parser.add_argument("--config", "-C", nargs="*", default=[])
    parser.add_argument("--directory", "-d", default=".")
    return parser


def check_files(default: Path, files: Sequence[Path], merged: bool) -> None:
    """Check each file by itself, and what comes out when they are laid over each other.

    Parameters
    ----------
    default : Path
        The file that the others are laid over, if there is one.
    files : sequence of Path
        Those of the command line.
    merged : bool
        Whether they are all: `--config` may set what they lack.

    Raises
    ------
    UserError
        With the file, and the line or the key.
    """
    values: dict[str, Any] = {}
    read = [path for path in (default, *files) if path != default or path.is_file()]
    for path in read:
        content = read_yaml(path)
        if not isinstance(content, dict):
            raise UserError(f"{path}: must be a mapping of keys, such as `campaign: mine`")
        _lay_over(values, content)
    if merged and read:
        check_campaign(values, str(read[-1]))


def _lay_over(values: dict[str, Any], changes: dict[str, Any]) -> None:
    """Change `values` as Snakemake does: mapping by mapping."""
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(values.get(key), dict):
            _lay_over(values[key], value)
        else:
            values[key] = value


def check_folders(folder: Path) -> None:
    """Write a few bytes into each output folder that exists.

    Raises
    ------
    UserError
        When a folder is a file, or cannot be written.
    """
    for name in FOLDERS:
        path = folder / name
        if os.path.lexists(path) and not path.is_dir():
            kind = "a link that leads nowhere" if path.is_symlink() and not path.exists() else "a file"
            raise UserError(f"{path}: is {kind}, and a folder is needed there; move it away")
        if path.is_dir():
            try:
                with tempfile.TemporaryFile(dir=path) as probe:
                    probe.write(bytes(PROBE_BYTES))
            except OSError as error:
                raise cannot_write(path, error) from error
