# Targets only: what can be asked for. The rules that make it are in workflow/rules/.
from snakemake.utils import min_version

min_version("9.19")


configfile: "config/paper.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/tables.smk"


rule all_tables:
    input:
        [table for name in TABLES for table in table_files(name)],


rule all_data:
    input:
        [meta_file(dataset) for dataset in PLAN.datasets],


rule all_runs:
    input:
        [record for pack in PLAN.packs for record in pack.records],


rule runs:
    input:
        f"results/{CAMPAIGN}/runs.parquet",


rule all:
    input:
        rules.all_tables.input,
        rules.runs.input,
    default_target: True
