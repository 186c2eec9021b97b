"""Commands about archives of finished runs: export, restore, merge, verify."""
# ruff: noqa: PLC0415

import argparse
import sys
from functools import partial
from pathlib import Path

from workflow.cli.common import Add, flushed, place, plan_of


def add_to(add: Add) -> None:
    """Add the commands."""
    wrap = add("export", run_export)
    wrap.add_argument("--out", type=place, help="the folder to write (default: results/<campaign>)")
    wrap.add_argument("--force", action="store_true", help="overwrite an archive there that has more")
    unwrap = add("restore", run_restore)
    unwrap.add_argument("archive", type=place, help="a folder that `export` wrote")
    join = add("merge", run_merge)
    join.add_argument("archives", type=place, nargs="+", help="folders that `export` wrote")
    join.add_argument("--out", type=place, required=True, help="the folder to write")
    join.add_argument("--force", action="store_true", help="overwrite an archive there that has more")
    check = add("verify", run_verify)
    check.add_argument("archive", type=place, help="a folder that `export` wrote")
    check.add_argument("--strict", action="store_true", help="a cell that lacks seeds is a fault, too")
    check.add_argument("--retrain", type=int, default=0, metavar="N", help="train N of its runs again and compare")
    check.add_argument("--seed", type=int, default=0, help="draws those N (default: %(default)s)")


def run_export(options: argparse.Namespace) -> None:
    """Write the campaign's finished runs as an archive: to publish, to merge, to verify."""
    from workflow.archive.export import export

    plan = plan_of(options)
    out = options.out or Path("results", plan.campaign.campaign)
    for path in export(plan, out, force=options.force, say=partial(print, file=sys.stderr)):
        print(path)


def run_restore(options: argparse.Namespace) -> None:
    """Put an archive's runs where training leaves them, so that a campaign goes on from them."""
    from workflow.archive.export import restore
    from workflow.archive.layout import RunArchive

    print(f"{len(restore(RunArchive(options.archive)))} runs restored from {options.archive}")


def run_merge(options: argparse.Namespace) -> None:
    """Join archives of one campaign; the same run twice is compared."""
    from workflow.archive.layout import RunArchive
    from workflow.archive.merge import merge

    for twice in merge([RunArchive(folder) for folder in options.archives], options.out, force=options.force):
        print(f"{twice.key}: {twice.how}")
    print(f"{options.out} written")


def run_verify(options: argparse.Namespace) -> None:
    """Say whether an archive can be believed: seals, protocol, possible numbers, runs trained again."""
    from workflow.archive.layout import RunArchive
    from workflow.archive.verify import check

    check(RunArchive(options.archive), options.retrain, options.seed, strict=options.strict, say=flushed)
