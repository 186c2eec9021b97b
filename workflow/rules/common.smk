# What every rule needs: the checked campaign, its plan, and the command line.
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT))

from workflow.config import check_campaign
from workflow.data.sources import raw_archive
from workflow.errors import UserError
from workflow.files import canonical_json
from workflow.plan import Plan
from workflow.provenance import code_fingerprint
from workflow.train.keep import has_cuda, training_code

validate(config, str(ROOT / "workflow/schemas/campaign.schema.json"), set_default=False)
try:
    PLAN = Plan(check_campaign(config, "configuration"))
    PLAN.packs
except UserError as error:
    raise WorkflowError(str(error)) from None

CAMPAIGN = PLAN.campaign.campaign
CAMPAIGN_FILE = f"results/{CAMPAIGN}/campaign.json"
TABLES = [name for name in PLAN.campaign.experiments if name.startswith("table_")]
CLI = f"PYTHONPATH={shlex.quote(str(ROOT))} {shlex.quote(sys.executable)} -m workflow"


def meta_file(dataset):
    return str(dataset.prepared_dir / "meta.json")


def table_files(name):
    return multiext(f"paper_tables/{CAMPAIGN}/{name}", ".md", ".tex", ".csv")


localrules:
    campaign,
    all,
    all_tables,
    all_data,
    all_runs,
    runs,


# The configuration as Snakemake merged it, for the commands and for the reader. Jobs take
# it as `ancient`: what of it matters to a job is in that job's files and params.
rule campaign:
    output:
        CAMPAIGN_FILE,
    params:
        values=canonical_json(config),
    log:
        f"logs/{CAMPAIGN}/campaign.log",
    conda:
        "../../environment.yml"
    shell:
        "{CLI} resolve {params.values:q} --out {output} > {log} 2>&1"
