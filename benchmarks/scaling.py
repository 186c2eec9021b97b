"""Time and memory of `audit`, `report` and a dry run, by the number of records.

    python -m benchmarks.scaling [--quick]

The records are made up (`benchmarks.made_records`), one for each run that the paper's campaign plans with so many
seeds. Each command is a process of its own; the figure is its CPU time, because other work lengthens only the wall's.
"""

import argparse
import json
import sys
import tempfile
from contextlib import chdir
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from benchmarks.dag import dry_run
from benchmarks.machine import Used, describe, used_by
from benchmarks.made_records import write_all
from workflow.files import write_text
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign

OUT = ROOT / "benchmarks/results/scaling.json"
SIZES = {  # changes to the paper's campaign
    "265": {"datasets": ["frappe"], "seeds": [1]},
    "2,800": {},
    "20,000": {"seeds": list(range(1, 17))},
}


@dataclass(frozen=True)
class Row:
    """One command on so many records."""

    records: int
    command: str
    used: Used


def main() -> None:
    """Measure every size and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=SIZES, help="which to measure")
    parser.add_argument("--quick", action="store_true", help="without the largest: minutes")
    if "--quick" in sys.argv:
        parser.set_defaults(sizes=list(SIZES)[:-1])
    rows: list[Row] = []
    for size in parser.parse_args().sizes:
        with tempfile.TemporaryDirectory() as name:
            rows += measured(Path(name), SIZES[size])
    write_text(OUT, json.dumps({"machine": describe(), "rows": [asdict(row) for row in rows]}, indent=1) + "\n")


def measured(folder: Path, changes: dict[str, object]) -> list[Row]:
    """Make the records of a campaign in an empty folder, and run each command there."""
    campaign = folder / "paper.yaml"
    values = yaml.safe_load((ROOT / "config/paper.yaml").read_text(encoding="utf-8")) | changes
    campaign.write_text(yaml.safe_dump(values), encoding="utf-8")
    with chdir(folder):
        records = write_all(Plan(load_campaign(campaign)))
    workflow = [sys.executable, "-m", "workflow"]
    commands = {
        "audit": [*workflow, "audit", "--campaign", str(campaign)],
        "report": [*workflow, "report", "--campaign", str(campaign)],
        "dry run": dry_run("default", campaign),
    }
    rows = []
    for name, command in commands.items():
        rows.append(row := Row(records, name, used_by(command, folder)))
        print(f"{records} records, {name}: {row.used}", flush=True)
    return rows


if __name__ == "__main__":
    main()
