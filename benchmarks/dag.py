"""The cost of Snakemake itself: time and memory of a dry run of the paper's campaign, by its number of jobs.

    python -m benchmarks.dag

Each line is one dry run in an empty folder: planning, the graph and its listing, no job. Times are
those of the process's own CPU and of the wall; other work on the machine lengthens the latter only.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from benchmarks.machine import Used, describe, used_by
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign

OUT = ROOT / "benchmarks/results/dag.json"
CASES = {  # seeds and pack size
    "paper": (None, 16),
    "paper, five seeds everywhere": (5, 16),
    "a job a run, 4 seeds": (4, 1),
    "a job a run, 16 seeds": (16, 1),
}


@dataclass(frozen=True)
class Cost:
    """Of one dry run."""

    case: str
    profile: str
    jobs: int
    used: Used


def dry_run(profile: str, campaign: Path) -> list[str]:
    """The dry run, from any folder."""
    profiles = ["--profile", str(ROOT / f"profiles/{profile}"), "--workflow-profile", str(ROOT / "profiles/default")]
    options = ["--snakefile", str(ROOT / "Snakefile"), "--configfile", str(campaign)]
    cores = ["--cores", "8"] if profile == "default" else []
    return [sys.executable, "-m", "snakemake", *profiles, *options, *cores, "-n", "--quiet", "all", "--", "all_tables"]


def measured(case: str, profile: str) -> Cost:
    """Run it in a process of its own, so that its peak is known."""
    seeds, pack_size = CASES[case]
    values = yaml.safe_load((ROOT / "config/paper.yaml").read_text(encoding="utf-8")) | {"pack_size": pack_size}
    values["seeds"] = list(range(seeds)) if seeds else None
    with tempfile.TemporaryDirectory() as folder:
        campaign = Path(folder, "paper.yaml")
        campaign.write_text(yaml.safe_dump(values), encoding="utf-8")
        plan = Plan(load_campaign(campaign))
        needed = plan.manifests_of(*(name for name in plan.campaign.experiments if not name.startswith("figure_")))
        return Cost(case, profile, len(needed), used_by(dry_run(profile, campaign), Path(folder)))


def main() -> None:
    """Measure every case with both profiles and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=CASES, help="which to measure")
    parser.add_argument("--profiles", nargs="+", default=["default", "slurm"], choices=["default", "slurm"])
    options = parser.parse_args()
    costs = []
    for case in options.cases:
        for profile in options.profiles:
            costs.append(cost := measured(case, profile))
            print(f"{cost.case}, {cost.profile}: {cost.jobs} training jobs, {cost.used}", flush=True)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({"machine": describe(), "costs": [asdict(cost) for cost in costs]}, indent=1) + "\n")


if __name__ == "__main__":
    main()
