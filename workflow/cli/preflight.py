"""What is checked before Snakemake reads a configuration file or writes anything.

Snakemake loads `--configfile` while it reads its command line, long before the Snakefile, and
shows a syntax error without its place and a full disk as a stack of its own frames. Its profile
is read before that, so profiles/default/profile.yaml calls `check`.
"""

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from snakemake.cli import get_argument_parser, parse_config
from snakemake.exceptions import CliException

from workflow.cli.arguments import raising
from workflow.errors import UserError, shortened
from workflow.files import cannot_write, no_folder, told
from workflow.plan.config import CampaignConfig, check_campaign
from workflow.plan.reading import read_yaml

DEFAULT = Path("config/paper.yaml")  # the Snakefile's `configfile:`
FOLDERS = (".", ".snakemake", "results", "data", "paper_tables", "figures", "logs")
# Options with which Snakemake only reads, and those with which it writes and starts no job: neither needs cores.
LOOKS = {"dryrun", "dag", "rulegraph", "filegraph", "d3dag", "summary", "detailed_summary", "print_compilation"}
LISTS = {"lint", "list_rules", "list_target_rules", "list_changes", "list_input_changes", "list_params_changes"}
NO_JOBS = {"touch", "report", "reporter", "unlock", "cleanup_metadata", "delete_all_output", "delete_temp_output"}
PROBE_BYTES = 1 << 16


def check(arguments: Sequence[str]) -> None:
    """Check configuration files and folders of a Snakemake call; end it with one message."""
    try:
        examine(arguments)
    except UserError as error:
        stop(error)


def examine(arguments: Sequence[str]) -> None:
    """Refuse a Snakemake call whose options, configuration files or folders are not as they must be.

    Raises
    ------
    UserError
        With the option, the file and key, or the folder.
    """
    try:
        options = options_of(arguments)
        folder = Path(options.directory or ".")
        refuse_swallowed(options.configfile or [])
        check_files(folder / DEFAULT, options.configfile or [], changes_of(options.config))
        given = {name for name, value in vars(options).items() if value}
        if not given & (LOOKS | LISTS | NO_JOBS):
            check_cores(options)
        if not given & (LOOKS | LISTS):
            check_folders(folder)
        elif not given & LISTS:
            check_notes(folder)
    except OSError as error:
        raise told(error) from error


def is_alone(arguments: Sequence[str]) -> bool:
    """Whether profiles/default is the only profile, and so says what the machine has."""
    named = options_of(arguments).profile or []
    return all(Path(name).parent.name == "profiles" and Path(name).name == "default" for name in named)


def stop(error: UserError) -> NoReturn:
    """End Snakemake with one message."""
    print(f"error: {error}", file=sys.stderr)
    raise SystemExit(1) from None


def options_of(arguments: Sequence[str]) -> Any:
    """What a Snakemake call says, as Snakemake reads it; profiles are left out.

    Raises
    ------
    UserError
        When an option is misspelt or its value is none.
    """
    try:
        return raising(get_argument_parser(), "snakemake").parse_args(list(arguments))
    except CliException as error:
        raise UserError(" ".join(error.msg.split())) from error


def changes_of(entries: Sequence[str] | None) -> dict[str, Any]:
    """What `--config` sets.

    Raises
    ------
    UserError
        When an entry is no `key=value`.
    """
    try:
        return with_numbers(parse_config(entries))
    except (ValueError, AttributeError, AssertionError) as error:
        shown = shortened(" ".join(entries or ()))
        raise UserError(f"--config {shown}: must be key=value, such as 'seeds=[2023]'; correct it") from error


def with_numbers(values: dict[str, Any]) -> dict[str, Any]:
    """Seeds as numbers, in place: of `--config seeds=[2023]` Snakemake makes a list of texts.

    Examples
    --------
    >>> with_numbers(parse_config(["seeds=[2023, x]"]))
    {'seeds': [2023, 'x']}
    """
    seeds = values.get("seeds")
    if isinstance(seeds, list):
        values["seeds"] = [int(seed) if isinstance(seed, str) and seed.isdecimal() else seed for seed in seeds]
    return values


def refuse_swallowed(files: Sequence[Path]) -> None:
    """Refuse a target that Snakemake has taken for a further configuration file.

    Raises
    ------
    UserError
        With the form that works.
    """
    first, *rest = files or [Path()]
    for path in rest:
        if not path.suffix and not path.exists():
            raise UserError(
                f"{path}: is read as a second --configfile; write `--` before targets: --configfile {first} -- {path}"
            )


def check_cores(options: Any) -> None:
    """Refuse a call that does not say how many cores it may use, or says none.

    Raises
    ------
    UserError
        With the option to add.
    """
    if all(value is None for value in (options.cores, options.jobs, options.executor, options.profile)):
        raise UserError(f"--cores: is missing; add `--cores {os.cpu_count()}`, or fewer, before the targets")
    for option, number in (
        ("--cores", options.cores),
        ("--jobs", options.jobs),
        ("--local-cores", options.local_cores),
    ):
        if number is not None and number < 1:
            raise UserError(
                f"{option}: must be at least 1 (given: {number}); give `{option} {os.cpu_count()}`, or fewer"
            )


def check_files(default: Path | None, files: Sequence[Path], changes: Mapping[str, Any]) -> CampaignConfig | None:
    """Check each file by itself, and what comes out when they are laid over each other; give it, if there is any.

    Parameters
    ----------
    default : Path, optional
        The file that the others are laid over, if there is one.
    files : sequence of Path
        Those of the command line.
    changes : mapping
        Those of `--config`; they may set what the files lack.

    Raises
    ------
    UserError
        With the file, and the line or the key.
    """
    values: dict[str, Any] = {}
    read = [
        *([default] if default is not None and default.is_file() else []),
        *(path for path in files if path != default),
    ]
    for path in read:
        content = read_yaml(path)
        if not isinstance(content, dict):
            raise UserError(f"{path}: must be a mapping of keys, such as `campaign: mine`")
        _lay_over(values, content)
    where = str(read[-1]) if read else ""
    if changes:
        where = "--config" if _is_campaign(values) else f"{where} with --config"
        _lay_over(values, changes)
    return check_campaign(values, where) if where else None


def _is_campaign(values: Mapping[str, Any]) -> bool:
    try:
        check_campaign(values, "")
    except UserError:
        return False
    return True


def _lay_over(values: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Change `values` as Snakemake does: mapping by mapping."""
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(values.get(key), dict):
            _lay_over(values[key], value)
        else:
            values[key] = value


def check_notes(folder: Path) -> None:
    """Refuse a folder in which Snakemake cannot keep its notes, which it does also where it only looks.

    Raises
    ------
    UserError
        When they cannot be written.
    """
    notes = folder / ".snakemake"
    place = notes if notes.is_dir() else folder
    if not os.access(place, os.W_OK | os.X_OK):
        raise UserError(
            f"{place}: cannot be written, and Snakemake keeps notes there even in a dry run; "
            "make the folder writable, or look in a copy"
        )


def check_folders(folder: Path) -> None:
    """Write a few bytes into each output folder that exists.

    Raises
    ------
    UserError
        When a folder is a file, or cannot be written.
    """
    for name in FOLDERS:
        path = folder / name
        if fault := no_folder(path):
            raise fault
        if path.is_dir():
            try:
                with tempfile.TemporaryFile(dir=path) as probe:
                    probe.write(bytes(PROBE_BYTES))
            except OSError as error:
                raise cannot_write(path, error) from error
