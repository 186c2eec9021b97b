"""What commands share: how they are added, the campaign that they are about, and how they print."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from workflow.config import CAMPAIGN_VARIABLE, CampaignConfig, load_campaign
from workflow.plan import Plan

if TYPE_CHECKING:
    from workflow.analysis.evidence.load import Evidence

Command = Callable[[argparse.Namespace], None]
DATA = Path("data")


class Add(Protocol):
    """Adds a command under a name; its docstring is its help."""

    def __call__(self, name: str, command: Command) -> argparse.ArgumentParser:
        """Return the command's own parser."""
        ...


def adder(top: argparse.ArgumentParser) -> Add:
    """Give what adds commands to `top`."""
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        sub.set_defaults(command=command)
        default = Path(os.environ.get(CAMPAIGN_VARIABLE, "config/paper.yaml"))
        sub.add_argument("--configfile", type=Path, default=default, help="the campaign (default: %(default)s)")
        return sub

    return add


def campaign_of(options: argparse.Namespace) -> CampaignConfig:
    """The campaign that the command is about."""
    return load_campaign(options.configfile)


def plan_of(options: argparse.Namespace) -> Plan:
    """That campaign, expanded."""
    return Plan(campaign_of(options))


def evidence_of(options: argparse.Namespace, wanted: Callable[[Plan], list[str]] | None = None) -> "Evidence":
    """What the command looks at: records of the working directory, or an archive with its own campaign."""
    from workflow.analysis.evidence.load import Evidence  # noqa: PLC0415
    from workflow.archive.layout import Archive  # noqa: PLC0415

    source = Archive(options.source) if options.source else None
    plan = Plan(source.campaign) if source else plan_of(options)
    return Evidence.load(plan, wanted(plan) if wanted else None, source=source)


def flushed(line: str) -> None:
    """Print at once: a log is read while it grows."""
    print(line, flush=True)
