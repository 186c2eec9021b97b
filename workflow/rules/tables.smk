# Tables, from records only.


rule table:
    input:
        paper=ROOT / "paper/tables.yaml",
        metas=lambda wildcards: PLAN.metas_of(wildcards.table),
        records=lambda wildcards: PLAN.records_of(wildcards.table),
    output:
        md=report(
            "paper_tables/{campaign}/{table}.md",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "{table}", "kind": "text"},
        ),
        csv=report(
            "paper_tables/{campaign}/{table}.csv",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "{table}", "kind": "data"},
        ),
        tex="paper_tables/{campaign}/{table}.tex",
    log:
        "logs/{campaign}/{table}.log",
    wildcard_constraints:
        table="table_[a-z0-9_]+|selection",
    conda:
        "../../environment.yml"
    params:
        code=code_fingerprint("workflow.analysis.tables.render"),
    shell:
        "python -m workflow render {wildcards.table} > {log} 2>&1"


rule collect:
    input:
        records=[record for pack in PLAN.packs for record in pack.records],
    output:
        "results/{campaign}/runs.parquet",
    log:
        "logs/{campaign}/collect.log",
    conda:
        "../../environment.yml"
    params:
        code=code_fingerprint("workflow.analysis.evidence.collect"),
    shell:
        "python -m workflow collect > {log} 2>&1"
