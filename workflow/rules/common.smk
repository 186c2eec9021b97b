# What all rules need: the checked campaign and its plan.
import sys
from pathlib import Path

ROOT = Path(str(workflow.current_basedir)).parents[
    1
]  # also where another Snakefile includes this one
sys.path.insert(0, str(ROOT))

from workflow.analysis.paper.prints import only_own
from workflow.cost.requests import Asks
from workflow.data.sources import raw_archive
from workflow.files import sha256_file
from workflow.plan.places import is_figure
from workflow.rules.codes import Codes
from workflow.rules.support import (
    Rendering,
    age_unfinished,
    asked,
    check_targets,
    code_of_figure,
    code_of_page,
    code_of_table,
    experiments_of,
    runs_behind,
    figure_caption,
    figure_labels,
    note_changes,
    note_of,
    plan_of,
    take_over,
    use_this_python,
)
from workflow.train.choice import Replanned, on_disk
from workflow.train.keep import has_cuda
from workflow.train.manifest import digest_of, drop_stale

# First, because it names the nearest key where one is misspelt.
PLAN = plan_of(
    config, workflow.config_settings.config or {}, main=workflow.is_main_process
)
replanned = Replanned(
    PLAN, on_disk
)  # stages of tuned experiments become known on the way
use_this_python()
CODES = Codes()
CAMPAIGN = PLAN.campaign.campaign
TIMING = PLAN.timing_path.as_posix()
FIGURES = [name for name in PLAN.campaign.experiments if is_figure(name)]
TABLES = [name for name in PLAN.campaign.experiments if name not in FIGURES]
# A pack may hold runs of many experiments; it is asked for those of the call's targets only.
ARGUMENTS = sys.argv[1:] if workflow.is_main_process else None
ASKED = asked(PLAN, ARGUMENTS)
WANTED = PLAN.keys_of(*ASKED)
ONLY = "" if WANTED == PLAN.runs.keys() else f"--only {' '.join(ASKED)}"
RENDERED = [*TABLES, "cost"]
TABLE = Rendering(PLAN, "table", RENDERED, ARGUMENTS)
FIGURE = Rendering(PLAN, "figure", FIGURES, ARGUMENTS)
# What the audit and the report read of the paper and of others.
PRINTS = [
    ROOT / "paper" / name
    for name in (
        "prints.csv",
        "claims.yaml",
        "comparisons.yaml",
        "author_logs.csv",
        "published.csv",
    )
]
# The configuration as merged, which each job reads. Its name has an alphabet that needs no quotes. It is no
# parameter, because jobs that campaigns share would run again for another campaign.
RESOLVED = PLAN.resolved
# Only where jobs are sent away does anything wait for what they ask for; `--jobs` says that they are.
AWAY = workflow.is_main_process and workflow.resource_settings.nodes is not None
ASKS = Asks(PLAN, WANTED, away=AWAY)
GPU = 1 if has_cuda(PLAN.campaign.device) else 0
if not AWAY and "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", 1)  # else all training jobs would start at once


def digest(*documents):
    """One digest over the records that decide the content of documents, or over all, before the job."""
    plan = replanned()
    every = plan.campaign.experiments
    keys = runs_behind(plan, every, *documents) if documents else plan.keys_of(*every)
    return digest_of(plan.packs, keys)


def staged(*experiments):
    """The plan once every stage of these experiments is known."""
    for name in experiments:
        if name in PLAN.tuned_experiments:
            checkpoints.choose.get(experiment=name, stage="finalist")
    return replanned()


def manifests(*experiments):
    """Manifests of the packs that experiments read."""
    return staged(*experiments).manifests_of(*experiments)


def manifests_behind(*documents):
    """Manifests of the packs with the runs that decide the content of the requested documents."""
    if not experiments_of(PLAN, *documents):
        return []
    plan = staged(*ASKED)
    return plan.manifests_behind(runs_behind(plan, ASKED, *documents))


def known_behind(*documents):
    """The manifests that are known from the start: their packs train while others are tuned."""
    known = [name for name in ASKED if name not in PLAN.tuned_experiments]
    return PLAN.manifests_behind(runs_behind(PLAN, known, *documents))


def asks_of(pack):
    """Resources of a pack's job."""
    if pack in {one.name for one in PLAN.packs}:
        return ASKS.training(pack)
    plan = replanned()
    return Asks(plan, plan.keys_of(*ASKED), away=AWAY).training(pack)


def candidates(wildcards):
    """Manifests of the packs with the runs behind a choice of a tuned experiment."""
    if wildcards.stage == "finalist":
        checkpoints.choose.get(experiment=wildcards.experiment, stage="trial")
    plan = replanned()
    return plan.manifests_behind(
        plan.candidates_of(wildcards.experiment, wildcards.stage)
    )


def candidate_records(wildcards):
    """One digest over the records behind a choice, before the job."""
    plan = replanned()
    return digest_of(
        plan.packs, plan.candidates_of(wildcards.experiment, wildcards.stage)
    )


def rests_on(wildcards):
    """Input of tables besides packs: printed numbers, logs, and the data and timing that they show."""
    paper = ("prints.csv", "comparisons.yaml", "author_logs.csv")
    found = {"paper": [ROOT / "paper" / name for name in paper]}
    names = experiments_of(PLAN, *TABLE.of(wildcards))
    found["metas"] = sorted({meta for name in names for meta in PLAN.metas_of(name)})
    if set(names) & set(PLAN.timed):
        found["timing"] = TIMING
    return found


if workflow.is_main_process:
    note_changes(PLAN)
    drop_stale(PLAN.packs, WANTED)  # before Snakemake looks which of them stand
    age_unfinished(PLAN, ASKED)
