"""What commands share: registration, the campaign, and printing."""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.errors import UserError, nearest, shortened
from workflow.plan.places import CAMPAIGN_VARIABLE, campaigns, config_root, default_campaign

if TYPE_CHECKING:
    from rich.table import Table

    from workflow.analysis.evidence.load import Evidence
    from workflow.archive.layout import RunArchive
    from workflow.plan.campaign import Plan
    from workflow.plan.config import CampaignConfig

Command = Callable[[argparse.Namespace], int | None]  # returns its status, if not 0
Add = Callable[
    [str, Command], argparse.ArgumentParser
]  # adds a command, whose docstring is its help; returns its parser
DATA = Path("data")
flushed = partial(print, flush=True)  # as logs are read while they grow
CALLED_FROM = Path(os.environ.pop("TF4CTR_CALLED_FROM", "."))  # `tf4ctr` itself works in the repository


def adder(top: argparse.ArgumentParser) -> Add:
    """Return the function that adds commands to `top`."""
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        sub.set_defaults(command=command, named=False)
        default = Path(os.environ.get(CAMPAIGN_VARIABLE) or default_campaign())
        campaign = ("--configfile", "--campaign")
        told = "a name or a file (default: %(default)s)"
        sub.add_argument(*campaign, type=place, action=_Campaign, default=default, metavar="CAMPAIGN", help=told)
        return sub

    return add


def place(text: str) -> Path:
    """A path relative to where `tf4ctr` was called, or else to the repository."""
    path = Path(text)
    there = Path(os.path.relpath(CALLED_FROM / path)) if not path.is_absolute() and text else path
    if there.is_symlink() and not there.exists():
        raise UserError(f"{there}: is a broken link; correct the link, or name another")
    return path if path.exists() and not there.exists() else there


def add_campaign(sub: argparse.ArgumentParser) -> None:
    """Let a command take its campaign also without an option, and changes to it as in Snakemake."""
    words = "the campaign: a name or a file"
    sub.add_argument("configfile", nargs="?", type=place, action=_Campaign, metavar="CAMPAIGN", help=words)
    changes = "changes to the campaign, as with Snakemake, such as 'seeds=[2023]'"
    sub.add_argument("--config", nargs="+", action="extend", metavar="KEY=VALUE", help=changes)


def after_campaign(options: argparse.Namespace, words: Sequence[str]) -> list[str]:
    """A command's words without the first, if that is its campaign and no option names one."""
    if words and not options.named:
        path = place(words[0])
        if words[0] in campaigns() or path.suffix in (".yaml", ".json"):
            options.configfile, options.named = path, True
            return list(words[1:])
    return list(words)


class _Campaign(argparse.Action):
    """The campaign of a command, named once, with or without the option."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        """Put a name that is given in the place of the default."""
        before = namespace.configfile
        if values is None or values is parser.get_default("configfile"):
            return
        if before is not parser.get_default("configfile"):
            raise UserError(f"two campaigns are named, {before} and {values}; name one of them")
        namespace.configfile, namespace.named = values, True


def campaign_path(given: Path) -> Path:
    """The file of a campaign that is given by its name or by a file."""
    if given.is_file():
        return given
    if given.suffix:
        if not os.path.lexists(given) and given.stem in campaigns():
            raise UserError(
                f"{given}: no such file; the campaign of that name is called {given.stem!r}, without `.yaml`"
            )
        return given
    if given.name not in campaigns():
        raise UserError(f"no campaign {shortened(given.name)!r}; {nearest(given.name, campaigns())}")
    path = config_root() / f"{given.name}.yaml"
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def campaign_in(path: Path, entries: Sequence[str] | None = None) -> "CampaignConfig":
    """The campaign of a file, with the `key=value` entries of `--config` laid over it."""
    from workflow.plan.changes import changes_of, laid_over  # noqa: PLC0415
    from workflow.plan.config import check_campaign, load_campaign  # noqa: PLC0415
    from workflow.plan.reading import read_yaml  # noqa: PLC0415

    campaign = load_campaign(path)
    return check_campaign(laid_over(read_yaml(path), changes_of(entries)), "--config") if entries else campaign


def plan_of(options: argparse.Namespace) -> "Plan":
    """The command's campaign, expanded as far as its choices are made."""
    from workflow.plan.campaign import Plan  # noqa: PLC0415
    from workflow.train.choice import on_disk  # noqa: PLC0415

    return Plan(campaign_in(campaign_path(options.configfile), getattr(options, "config", None)), on_disk)


def count(text: str) -> int:
    """A number of things on the command line."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 on, not {text!r}")
    return int(text)


def refuse_unready(plan: "Plan") -> None:
    """Refuse a campaign that could not be carried out as written, before it starts."""
    from workflow.cli.targets import refuse_unshown  # noqa: PLC0415
    from workflow.data.sources import refuse_absent  # noqa: PLC0415
    from workflow.plan.config import load_experiment  # noqa: PLC0415
    from workflow.train.own_file import refuse_missing  # noqa: PLC0415

    _ = plan.packs
    refuse_unshown(plan)
    trained = [one for one in map(load_experiment, plan.campaign.experiments) if not one.timed]
    if not plan.runs and any(one.arms or one.tuning for one in trained):
        here = f"campaign {plan.campaign.campaign}: no experiment has cells on {' and '.join(plan.campaign.datasets)}"
        raise UserError(f"{here}; add another, or `every_dataset: true`")
    refuse_missing(plan)
    refuse_absent(plan)


def results_of(options: argparse.Namespace) -> "tuple[Plan, RunArchive | None]":
    """The plan that a command shows, and the archive of its runs if `--from` names one."""
    from workflow.archive.layout import RunArchive  # noqa: PLC0415

    source = RunArchive(options.source) if options.source else None
    return (source.plan if source else plan_of(options)), source


def evidence_of(plan: "Plan", source: "RunArchive | None" = None) -> "Evidence":
    """The evidence of a command: records of the working directory, or of an archive with its own campaign."""
    gc.set_threshold(500_000)  # the evidence lives to the end: collecting garbage in it took a tenth of a report
    from workflow.analysis.evidence.load import Evidence  # noqa: PLC0415

    if source is None and not _is_second():
        for line in made_otherwise(plan):
            print(line, file=sys.stderr)
    with working("reading runs"):
        return Evidence.load(plan, source=source)


def _is_second() -> bool:
    """Whether another process of this command says what it does."""
    from multiprocessing import parent_process  # noqa: PLC0415

    return parent_process() is not None


def made_otherwise(plan: "Plan") -> list[str]:
    """Where the runs of the last call with `--config` are, if the campaign of the file has none."""
    from workflow.plan.campaign import Plan  # noqa: PLC0415
    from workflow.plan.config import load_campaign  # noqa: PLC0415
    from workflow.train.choice import on_disk  # noqa: PLC0415

    def count(one: "Plan") -> int:
        return sum(run.record_path.is_file() for run, _ in one.runs.values())

    if count(plan) or not plan.resolved.is_file():
        return []
    try:
        number = count(Plan(load_campaign(plan.resolved), on_disk))
    except UserError:
        return []
    runs = f"the last call made {counted(number, 'run')} with other settings (--config)"
    return [f"{runs}; to see them, name {plan.resolved.as_posix()} as the campaign"] if number else []


def data_warnings(plan: "Plan") -> list[str]:
    """Warnings about a campaign's prepared real data, a line each."""
    prepared = [spec for spec in plan.datasets if spec.preparation.twin is None and spec.is_prepared]
    if not prepared:
        return []
    from workflow.data.description.remarks import warnings_on  # noqa: PLC0415 - loads polars

    return [line for spec in prepared for line in warnings_on(spec)]


@contextmanager
def working(on: str) -> Iterator[None]:
    """Show on a terminal, but not in a log or for a second process, what takes long."""
    if not sys.stderr.isatty() or _is_second():
        yield
        return
    from rich.console import Console  # noqa: PLC0415

    with Console(stderr=True).status(f"{on} …"):
        yield


def grid(title: str | None, columns: Sequence[str], left: int = 1) -> "Table":
    """An empty table for the terminal; all columns but the first `left` are of numbers."""
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(title=title, box=box.SIMPLE, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < left else "right", overflow="fold")
    return table


def clock(seconds: float) -> str:
    """Minutes and seconds, or hours and minutes."""
    whole = round(seconds)
    return f"{whole // 3600} h {whole % 3600 // 60:02d}" if whole >= 3600 else f"{whole // 60}:{whole % 60:02d}"


def counted(number: int, what: str) -> str:
    """A number of things."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
