# What every rule needs: the checked campaign and its plan.
import sys
from pathlib import Path

from snakemake.utils import validate

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT))

from workflow.cost import COSTED
from workflow.data.sources import raw_archive
from workflow.provenance import code_fingerprint
from workflow.snake import codes_of, plan_of, take_over, titled, use_this_python
from workflow.train.keep import has_cuda
from workflow.train.manifest import digest_of, drop_stale

PLAN = plan_of(config)  # first, because it names the nearest key where one is misspelt
validate(config, str(ROOT / "workflow/schemas/campaign.schema.json"), set_default=False)
use_this_python(PLAN)
CAMPAIGN = PLAN.campaign.campaign
TIMING = f"results/{CAMPAIGN}/timing.json"
FIGURES = [name for name in PLAN.campaign.experiments if name.startswith("figure_")]
TABLES = [name for name in PLAN.campaign.experiments if name not in FIGURES]
MANIFESTS = [pack.manifest for pack in PLAN.packs]
COSTED_MANIFESTS = PLAN.manifests_of(*(name for name in COSTED if name in TABLES))
if workflow.is_main_process:
    drop_stale(PLAN.packs)  # before Snakemake looks which of them stand
