# The audit: every claim of the paper with its verdicts, from records and the paper's own prints.


rule audit:
    input:
        paper=[
            ROOT / "paper/tables.yaml",
            ROOT / "paper/claims.yaml",
            ROOT / "paper/author_logs.csv",
        ],
        records=[record for pack in PLAN.packs for record in pack.records],
    output:
        report(
            f"paper_tables/{CAMPAIGN}/audit.md",
            caption="../report/audit.rst",
            category="Audit",
            labels={"kind": "all claims"},
        ),
        multiext(f"paper_tables/{CAMPAIGN}/audit", ".csv", ".json"),
    log:
        f"logs/{CAMPAIGN}/audit.log",
    conda:
        "../../environment.yml"
    params:
        code=code_fingerprint("workflow.analysis.claims.write"),
    shell:
        "python -m workflow audit --write > {log} 2>&1"
