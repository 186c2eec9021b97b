# Training: a job per pack. Its records are no outputs, which Snakemake deletes when a job fails
# or starts again; the manifest that it writes last is.


rule train:
    """Train the runs of a pack that are not finished, and write its manifest."""
    input:
        meta=lambda wildcards: replanned().pack(wildcards.pack).dataset.meta_path,
    output:
        "results/packs/{pack}.json",
    log:
        f"logs/{CAMPAIGN}/train/{{pack}}.log",
    priority: lambda wildcards: replanned().priorities[wildcards.pack]
    conda:
        "../../environment.yml"
    threads: PLAN.campaign.threads * PLAN.campaign.pack_workers
    resources:
        mem_mb=lambda wildcards, attempt: asks_of(wildcards.pack).mem_mb(attempt),
        runtime=lambda wildcards, attempt: asks_of(wildcards.pack).runtime(attempt),
        gpu=GPU,
    params:
        code=lambda wildcards: CODES.of_pack(replanned().pack(wildcards.pack)),
    shell:
        f"python -m workflow train --configfile {RESOLVED} {{wildcards.pack:q}} {ONLY} > {{log:q}} 2>&1"


checkpoint choose:
    """Choose by validation which settings of a tuned experiment are trained further."""
    input:
        candidates,
    output:
        f"results/choices/{CAMPAIGN}/{{experiment}}-{{stage}}.json",
    log:
        f"logs/{CAMPAIGN}/choose/{{experiment}}-{{stage}}.log",
    wildcard_constraints:
        experiment="|".join(PLAN.tuned_experiments) or "none",
        stage="trial|finalist",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        records=candidate_records,
    shell:
        f"python -m workflow choose --configfile {RESOLVED} {{wildcards.experiment:q}} {{wildcards.stage:q}} > {{log:q}} 2>&1"
