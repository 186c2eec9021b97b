"""The command `run`: Snakemake on a campaign, with short names and one progress display.

    tf4ctr run small table_4
    tf4ctr run paper all_tables --cores 8 --resources gpu=1

The campaign and its targets come first; the options that follow are passed to Snakemake unchanged.
"""
# ruff: noqa: PLC0415

import argparse
import re
import shlex
import sys
from collections.abc import Sequence
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.cli.common import (
    Add,
    campaign_in,
    campaign_path,
    campaigns,
    data_warnings,
    place,
    refuse_unready,
    usable_cores,
)
from workflow.cli.shim import freed
from workflow.cli.targets import experiments_behind, files_of, is_document, no_target
from workflow.errors import UserError, nearest, shortened
from workflow.plan.places import IS_INSTALLED, ROOT

if TYPE_CHECKING:
    from workflow.plan.config import CampaignConfig

DEFAULT_TARGET = "all"


def add_to(add: Add) -> None:
    """Add the command. Its options are passed to Snakemake, so it has none of its own."""
    sub = add("run", run_campaign)
    sub.set_defaults(configfile=None)
    sub.usage = "tf4ctr run CAMPAIGN [TARGET ...] [options of Snakemake]"
    sub.add_argument("campaign", nargs="?", help=f"one of {', '.join(campaigns())}, or a file")
    sub.add_argument(
        "words",
        nargs=argparse.REMAINDER,
        metavar="TARGET",
        help="all (default), tables, figures, audit, report, table_4, figure_6, a file; then options of Snakemake",
    )


def run_campaign(options: argparse.Namespace) -> int:
    """Make tables, figures or everything of a campaign with Snakemake, and show the progress."""
    from workflow.plan.campaign import Plan
    from workflow.train.choice import with_stand_ins

    names, given = divided(options.words)
    refuse_other_order(options, names)
    path = campaign_path(place(options.campaign))
    if not any(
        word.startswith(("--config", "-C")) for word in given
    ):  # a mistake needs no Snakemake, which loads slowly
        targets_of(campaign_in(path), path, names)
    from workflow.cli.preflight import examine, options_of, starts_jobs

    parsed = options_of(given)
    if parsed.configfile:
        raise UserError(
            f"--configfile: campaign {options.campaign!r} is named as well, and the two contradict; drop one"
        )
    campaign = campaign_in(path, parsed.config)
    targets = targets_of(campaign, path, names) or [DEFAULT_TARGET]
    arguments = snakemake_arguments(path, targets, given)
    plan, folder = with_stand_ins(Plan(campaign)), Path(parsed.directory or ".")
    folder.mkdir(parents=True, exist_ok=True)
    with chdir(folder):
        refuse_unready(plan)
    examine(arguments)
    print(f"$ {shlex.join(['snakemake', *arguments])}", flush=True)
    if not starts_jobs(parsed):  # its own output is wanted, so nothing else is displayed
        from workflow.cli import shim

        sys.argv = ["snakemake", *arguments]
        shim.main()
    from workflow.cli.watch import watched

    command = [sys.executable, "-m", "workflow.cli.shim", *arguments]
    here = Path.cwd()
    with chdir(folder):  # the log and the records exist now
        status = watched(command, plan, experiments_behind(campaign, targets), here)
        for line in data_warnings(plan):
            print(line)
        return status


def divided(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Targets and options: targets come before the first option, or where an option would take them as a value."""
    first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    options = freed(words[first:])
    at = options.index("--") if "--" in options else len(options)
    return [*words[:first], *options[at + 1 :]], options[:at]


def refuse_other_order(options: argparse.Namespace, targets: Sequence[str]) -> None:
    """Refuse a campaign that is missing, comes after a target, or is named by an option."""
    name, known = options.campaign, campaigns()
    if options.configfile is not None:
        meant = " ".join([str(options.configfile), *([name] if name else []), *targets])
        raise UserError(f"--campaign: the first word after `run` is the campaign; write `tf4ctr run {meant}`")
    if name is None:
        raise UserError(f"name a campaign: tf4ctr run CAMPAIGN [TARGET ...]; there are {', '.join(known)}")
    behind = next((target for target in targets if target in known), None)
    if name not in known and behind is not None:
        meant = " ".join([behind, name, *(target for target in targets if target != behind)])
        raise UserError(f"{name}: is not a campaign, and the campaign comes first: `tf4ctr run {meant}`")


def targets_of(campaign: "CampaignConfig", path: Path, names: Sequence[str]) -> list[str]:
    """Snakemake's names of targets."""
    return [target_of(campaign, path, name) for name in names]


def target_of(campaign: "CampaignConfig", path: Path, name: str) -> str:
    """Snakemake's name of a target: a rule, or a table's or figure's file."""
    rules, files = rules_by_name(), files_of(campaign)
    if name in rules:
        return rules[name]
    if name in files:
        return files[name]
    if "/" in name:
        if is_document(campaign, name) is False:
            raise no_target(campaign, name, rules)
        return name  # of other folders, Snakemake knows whether a rule makes it
    from workflow.plan.config import available

    if name in available("experiments"):
        raise UserError(f"campaign {campaign.campaign} has no {name}; add it to `experiments` in {path}")
    nearest_ = nearest(name, [*rules, *files])
    raise UserError(f"no target {shortened(name)!r} in campaign {campaign.campaign}; {nearest_}")


def rules_by_name() -> dict[str, str]:
    """Rules that are targets, by the names that users give them."""
    found = re.findall(r"^rule (\w+):", (ROOT / "Snakefile").read_text(encoding="utf-8"), re.MULTILINE)
    names = {name: name for name in (*found, "audit", "html_report", "timing")}
    return names | {"report": "html_report", "tables": "all_tables", "figures": "all_figures"}


def snakemake_arguments(path: Path, targets: Sequence[str], given: Sequence[str]) -> list[str]:
    """The command line behind `snakemake`."""
    from workflow.cli.preflight import options_of, says_cores

    cores = [] if says_cores(options_of(given)) else ["--cores", str(usable_cores())]
    if IS_INSTALLED:
        cores = ["--snakefile", str(ROOT / "Snakefile"), *cores]
    return [*cores, *given, "--configfile", str(path), "--", *targets]
