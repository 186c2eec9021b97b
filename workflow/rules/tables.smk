# Tables: documents of the evidence.


rule table:
    """Render a table, from what it rests on: records, prepared data or timing."""
    input:
        unpack(rests_on),
    output:
        md=report(
            f"paper_tables/{CAMPAIGN}/{{table}}.md",
            caption="../captions/table.rst",
            category="Tables",
            labels={"table": "{table}", "kind": "text"},
        ),
        csv=report(
            f"paper_tables/{CAMPAIGN}/{{table}}.csv",
            caption="../captions/table.rst",
            category="Tables",
            labels={"table": "{table}", "kind": "data"},
        ),
        tex=f"paper_tables/{CAMPAIGN}/{{table}}.tex",
    log:
        f"logs/{CAMPAIGN}/{{table}}.log",
    wildcard_constraints:
        table="|".join(RENDERED),
    conda:
        "../../environment.yml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=lambda wildcards: CODES.of(*code_of_table(wildcards.table)),
        records=lambda wildcards: digest(*experiments_of(PLAN, wildcards.table)),
    shell:
        f"python -m workflow render --configfile {RESOLVED} {{wildcards.table:q}} > {{log:q}} 2>&1"


rule collect:
    """Gather all records into one table of runs."""
    input:
        packs=lambda wildcards: manifests(*PLAN.campaign.experiments),
    output:
        f"results/{CAMPAIGN}/runs.parquet",
    log:
        f"logs/{CAMPAIGN}/collect.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=CODES.of("workflow.analysis.evidence.collect"),
        records=lambda wildcards: digest(*PLAN.campaign.experiments),
    shell:
        f"python -m workflow collect --configfile {RESOLVED} > {{log:q}} 2>&1"
