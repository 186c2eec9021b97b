# The audit: every claim of the paper with its verdicts, from records and the paper's own prints.


rule audit:
    """Audit every claim of the paper."""
    input:
        paper=PRINTS,
        packs=lambda wildcards: manifests(*PLAN.campaign.experiments),
        metas=[dataset.meta_path for dataset in PLAN.datasets],
        timing=TIMING if PLAN.timed else [],
    output:
        report(
            f"paper_tables/{CAMPAIGN}/audit.md",
            caption="../captions/audit.rst",
            category="Audit",
            labels={"kind": "all claims"},
        ),
        multiext(f"paper_tables/{CAMPAIGN}/audit", ".csv", ".json"),
    log:
        f"logs/{CAMPAIGN}/audit.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=CODES.of("workflow.analysis.claims.write"),
        records=lambda wildcards: digest(),
    shell:
        f"python -m workflow audit --configfile {RESOLVED} --write > {{log:q}} 2>&1"
