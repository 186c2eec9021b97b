# Tables, from records only.


rule table:
    """Render a table, from the records of the runs that it needs."""
    input:
        paper=ROOT / "paper/tables.yaml",
        metas=lambda wildcards: PLAN.metas_of(wildcards.table),
        packs=lambda wildcards: PLAN.manifests_of(wildcards.table),
    output:
        md=report(
            f"paper_tables/{CAMPAIGN}/{{table}}.md",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "{table}", "kind": "text"},
        ),
        csv=report(
            f"paper_tables/{CAMPAIGN}/{{table}}.csv",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "{table}", "kind": "data"},
        ),
        tex=f"paper_tables/{CAMPAIGN}/{{table}}.tex",
    log:
        f"logs/{CAMPAIGN}/{{table}}.log",
    wildcard_constraints:
        table="table_[a-z0-9_]+|selection",
    conda:
        "../../environment.yml"
    params:
        code=code_fingerprint("workflow.analysis.tables.render"),
        records=lambda wildcards: digest_of(PLAN.manifests_of(wildcards.table)),
    shell:
        "python -m workflow render {wildcards.table} > {log} 2>&1"


rule collect:
    """Gather all records into one table of runs."""
    input:
        packs=MANIFESTS,
    output:
        f"results/{CAMPAIGN}/runs.parquet",
    log:
        f"logs/{CAMPAIGN}/collect.log",
    conda:
        "../../environment.yml"
    params:
        code=code_fingerprint("workflow.analysis.evidence.collect"),
        records=lambda wildcards: digest_of(MANIFESTS),
    shell:
        "python -m workflow collect > {log} 2>&1"
