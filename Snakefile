# Targets only. The rules that make them are in workflow/rules/.
from snakemake.utils import min_version

min_version("9.19")


configfile: "config/paper.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/timing.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/report.smk"


onstart:
    take_over(PLAN, workflow.executor_plugin.name)


# On a cluster these run where Snakemake runs: jobs that only read records, and those that need the internet.
localrules:
    fetch,
    table,
    figure,
    audit,
    html_report,
    collect,
    choose,
    all_tables,
    all_figures,
    all_data,
    all_runs,
    runs,
    all,


rule all_tables:
    """All tables, as text, LaTeX and data."""
    input:
        expand(
            f"paper_tables/{CAMPAIGN}/{{table}}.{{kind}}",
            table=RENDERED,
            kind=["md", "tex", "csv"],
        ),


rule all_figures:
    """All figures, as PDF, PNG, SVG and data."""
    input:
        expand(
            f"figures/{CAMPAIGN}/{{figure}}.{{kind}}",
            figure=FIGURES,
            kind=["pdf", "png", "svg", "csv"],
        ),


rule all_data:
    """All datasets, prepared."""
    input:
        [dataset.meta_path for dataset in PLAN.datasets],


rule all_runs:
    """All runs, without tables."""
    input:
        lambda wildcards: manifests(*PLAN.campaign.experiments),


rule runs:
    """One table of all runs."""
    input:
        f"results/{CAMPAIGN}/runs.parquet",


rule all:
    """Everything: tables, figures, the audit and the report."""
    default_target: True
    input:
        rules.all_tables.input,
        rules.all_figures.input,
        [] if only_own(PLAN.campaign) else rules.audit.output,
        rules.html_report.output,
        rules.runs.input,


if workflow.is_main_process:
    check_targets(PLAN, workflow.rules, sys.argv[1:])
