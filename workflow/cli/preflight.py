"""Checks before Snakemake reads a configuration file or writes anything.

Snakemake loads `--configfile` while it reads its command line, long before the Snakefile, and
shows a syntax error without its place and a full disk as a stack of its own frames.
"""

import os
import shlex
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from workflow.cli.arguments import Parser, raising
from workflow.errors import UserError, shortened
from workflow.files import cannot_write, locked, no_folder, told
from workflow.plan.changes import changes_of, laid_over
from workflow.plan.config import check_campaign
from workflow.plan.reading import read_yaml

DEFAULT = Path("config/paper.yaml")  # the Snakefile's `configfile:`
HELD = Path(".snakemake/held")
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
    """Refuse a Snakemake call with faulty options, configuration files or folders."""
    try:
        options = options_of(arguments)
        folder = Path(options.directory or ".")
        check_files(folder / DEFAULT, options.configfile or [], changes_of(options.config))
        if starts_jobs(options):
            check_cores(options)
            check_executor(options)
            hold(folder, only_look=True)
        check_cache()
        given = _given(options)
        if not given & (LOOKS | LISTS):
            check_folders(folder)
        elif not given & LISTS:
            check_notes(folder)
    except OSError as error:
        raise told(error) from error


def starts_jobs(options: Any) -> bool:
    """Whether a call starts jobs, rather than only listing or cleaning up."""
    return not _given(options) & (LOOKS | LISTS | NO_JOBS)


def _given(options: Any) -> set[str]:
    return {name for name, value in vars(options).items() if value}


def says_cores(options: Any) -> bool:
    """Whether a call or its profile says how many cores it may use."""
    return any(value is not None for value in (options.cores, options.jobs, options.executor, options.profile))


def hold(folder: Path = Path(), *, only_look: bool = False) -> None:
    """Lock a folder until this process ends, or only check it; refused if another process has locked it.

    Snakemake's own lock survives a kill and then wants `--unlock`, so the profile turns it off.
    """
    try:
        handle = os.open(folder / HELD, os.O_RDWR | (0 if only_look else os.O_CREAT))  # stays open while locked
    except OSError:
        if only_look:
            return  # no run has started here; other faults are reported elsewhere
        raise
    if not locked(handle, wait=False):
        who = os.pread(handle, 4096, 0).decode(errors="replace").strip() or "another Snakemake"
        os.close(handle)
        raise UserError(f"{folder.resolve()}: is in use by {who}; wait for it or stop it")
    if only_look:
        os.close(handle)
        return
    command = shortened(shlex.join(["snakemake", *sys.argv[1:]]), 200)
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    os.ftruncate(handle, 0)
    os.write(handle, f"process {os.getpid()} on {socket.gethostname()} since {since}: {command}".encode())


def stop(error: UserError) -> NoReturn:
    """End Snakemake with one message."""
    print(f"error: {error}", file=sys.stderr)
    raise SystemExit(1) from None


def options_of(arguments: Sequence[str]) -> Any:
    """The options of a Snakemake call, as Snakemake reads them, without profiles. Read once per process."""
    return _usual(arguments) or _parsed(tuple(arguments))


def _usual(arguments: Sequence[str]) -> Any:
    """Options of a call that has only cores and files: read as Snakemake does, which takes 2 s to load."""
    parser = Parser(add_help=False)
    parser.add_argument("--cores", type=int)
    parser.add_argument("--configfile", nargs="+", type=Path)
    parser.add_argument("--snakefile")
    parser.add_argument("targets", nargs="*")
    try:
        options = parser.parse_args(list(arguments))
    except UserError:
        return None
    for name in ("jobs", "local_cores", "executor", "profile", "directory", "config"):
        setattr(options, name, None)
    positive = options.cores is None or options.cores > 0
    return options if positive and "SNAKEMAKE_PROFILE" not in os.environ else None


@cache
def _parsed(arguments: tuple[str, ...]) -> Any:
    check_home()
    from snakemake.cli import get_argument_parser  # noqa: PLC0415
    from snakemake.exceptions import CliException, WorkflowError  # noqa: PLC0415

    try:
        return raising(get_argument_parser(), "snakemake").parse_args(list(arguments))
    except (CliException, WorkflowError) as error:
        raise UserError(" ".join(str(getattr(error, "msg", error)).split())) from error


def check_cores(options: Any) -> None:
    """Refuse a call that does not give a number of cores, or gives none."""
    if not says_cores(options):
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


def check_executor(options: Any) -> None:
    """Refuse the Slurm executor, named or from a profile, if Slurm is not installed."""
    named = ["--executor slurm"] * (options.executor == "slurm")
    for name in () if options.executor else options.profile or []:
        paths = [path for path in Path(name).glob("*.yaml") if path.stem in ("profile", "config")]
        named += [f"--profile {name}" for path in paths if (read_yaml(path) or {}).get("executor") == "slurm"]
    if named:
        refuse_without_slurm(named[0])


def refuse_without_slurm(named: str) -> None:
    """Refuse Slurm's executor, as it was named, if Slurm is not installed."""
    if find_spec("snakemake_executor_plugin_slurm") is None:
        raise UserError(f"{named}: needs a package; pip install 'snakemake-executor-plugin-slurm>=2.8,<3'")
    if shutil.which("sbatch") is None:
        remedy = f"give this command on the cluster's login node, or without {named.split(maxsplit=1)[0]}"
        raise UserError(f"{named}: no Slurm is here (sbatch is not found); {remedy}")


def check_files(default: Path, files: Sequence[Path], changes: Mapping[str, Any]) -> None:
    """Check each file by itself, and the result of merging them."""
    values: dict[str, Any] = {}
    where = ""
    for path in [*([default] if default.is_file() else []), *(path for path in files if path != default)]:
        content = read_yaml(path)
        if not isinstance(content, dict):
            raise UserError(f"{path}: must be a mapping of keys, such as `campaign: mine`")
        values, where = laid_over(values, content), str(path)
    if changes:
        where = f"{where} with --config"
        with suppress(UserError):  # the files are correct, so the fault is in the changes
            check_campaign(values, "")
            where = "--config"
    if where:
        check_campaign(laid_over(values, changes), where)


def check_notes(folder: Path) -> None:
    """Refuse a folder in which Snakemake cannot keep its metadata, which even a dry run writes."""
    notes = folder / ".snakemake"
    place = notes if notes.is_dir() else folder
    if not os.access(place, os.W_OK | os.X_OK):
        raise UserError(
            f"{place}: cannot be written, and Snakemake keeps notes there even in a dry run; "
            "make the folder writable, or look in a copy"
        )


def check_home() -> None:
    """Refuse a user without a home directory, as in a container that runs under an arbitrary user id."""
    if os.path.expanduser("~") == "~":  # noqa: PTH111 - Path's raises here
        raise UserError("HOME is not set, and Snakemake reads its profiles there; set HOME to a folder of yours")


def check_cache() -> None:
    """Refuse a cache folder that Snakemake could not make."""
    check_home()
    path = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "snakemake")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{path}: cannot be made ({error.strerror}), and Snakemake keeps its cache there; "
            "set XDG_CACHE_HOME to a folder that can be written"
        ) from error


def check_folders(folder: Path) -> None:
    """Write a few bytes into each output folder that exists."""
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
