# Tables: documents of the evidence.


rule table:
    """Render tables from records, prepared data or timing."""
    input:
        unpack(rests_on),
        known=lambda wildcards: known_behind(*TABLE.of(wildcards)),
        packs=lambda wildcards: manifests_behind(*TABLE.of(wildcards)),
    output:
        [
            report(
                f"paper_tables/{CAMPAIGN}/{name}.{suffix}",
                caption="../captions/table.rst",
                category="Tables",
                labels={"table": name, "kind": kind},
            )
            for name in TABLE.patterns
            for suffix, kind in (("md", "text"), ("csv", "data"))
        ],
        [f"paper_tables/{CAMPAIGN}/{name}.tex" for name in TABLE.patterns],
    log:
        f"logs/{CAMPAIGN}/{TABLE.log}.log",
    wildcard_constraints:
        table="|".join(RENDERED),
    conda:
        "../../environment.yml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=lambda wildcards: CODES.of(*code_of_table(*TABLE.of(wildcards))),
        records=lambda wildcards: digest(*TABLE.of(wildcards)),
    shell:
        f"python -m workflow render --configfile {RESOLVED} {TABLE.words} > {{log:q}} 2>&1"


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
        records=lambda wildcards: digest(),
    shell:
        f"python -m workflow collect --configfile {RESOLVED} > {{log:q}} 2>&1"
