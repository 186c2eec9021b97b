"""Commands about archives of finished runs: export, restore, merge, verify."""
# ruff: noqa: PLC0415

import argparse
import sys
from functools import partial
from pathlib import Path

from workflow.cli.common import Add, add_campaign, count, flushed, made_otherwise, place, plan_of

ARCHIVE = "a folder that `export` wrote, or the campaign whose archive is results/CAMPAIGN"


def add_to(add: Add) -> None:
    """Add the commands."""
    wrap = add("export", run_export)
    add_campaign(wrap)
    wrap.add_argument("--out", type=place, help="the folder to write (default: results/<campaign>)")
    wrap.add_argument("--force", action="store_true", help="overwrite an archive there that has more runs")
    unwrap = add("restore", run_restore)
    unwrap.add_argument("archive", type=archive_place, help=ARCHIVE)
    join = add("merge", run_merge)
    join.add_argument("archives", type=archive_place, nargs="+", help=ARCHIVE)
    join.add_argument("--out", type=place, required=True, help="the folder to write")
    join.add_argument("--force", action="store_true", help="overwrite an archive there that has more runs")
    check = add("verify", run_verify)
    check.add_argument("archive", type=archive_place, help=ARCHIVE)
    check.add_argument("--strict", action="store_true", help="also report cells that lack seeds as faults")
    check.add_argument("--retrain", type=count, default=0, metavar="N", help="train N of its runs again and compare")
    check.add_argument("--seed", type=int, default=0, help="of the draw of those N (default: %(default)s)")


def archive_place(text: str) -> Path:
    """The folder of an archive, by its path or by its campaign's name."""
    path, own = place(text), Path("results", text)
    return path if path.exists() or Path(text).name != text or not own.is_dir() else own


def run_export(options: argparse.Namespace) -> None:
    """Write the campaign's finished runs as an archive to publish, merge or verify."""
    from workflow.archive.export import export

    plan = plan_of(options)
    for line in made_otherwise(plan):
        print(line, file=sys.stderr)
    out = options.out or Path("results", plan.campaign.campaign)
    for path in export(plan, out, force=options.force, say=partial(print, file=sys.stderr)):
        print(path)


def run_restore(options: argparse.Namespace) -> None:
    """Put an archive's runs where training writes them, so that a campaign continues from them."""
    from workflow.archive.export import restore
    from workflow.archive.layout import RunArchive

    archive = RunArchive(options.archive)
    restored = len(restore(archive))
    there = len(archive.records) - restored
    print(f"{options.archive}: {restored} of {len(archive.records)} runs restored, {there} were here already")


def run_merge(options: argparse.Namespace) -> None:
    """Join archives, comparing runs that are in several. The result has the campaign of the first."""
    from workflow.archive.layout import RunArchive
    from workflow.archive.merge import merge

    archives = [RunArchive(folder) for folder in options.archives]
    merged = merge(archives, options.out, force=options.force)
    for key, how in merged.twice.items():
        print(f"{key}: {how}")
    for archive in archives:
        print(f"{archive.folder}: {len(archive.records)} runs")
    others = f"; {merged.left_out} of no campaign but their own are left out" if merged.left_out else ""
    print(f"{options.out}: {merged.runs} runs written, {len(merged.twice)} of them in more than one archive{others}")


def run_verify(options: argparse.Namespace) -> None:
    """Verify an archive: seals, protocol, whether its numbers are possible, and runs trained again."""
    from workflow.archive.layout import RunArchive
    from workflow.archive.verify import check

    check(RunArchive(options.archive), options.retrain, options.seed, strict=options.strict, say=flushed)
