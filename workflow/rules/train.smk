# Training: a job per pack. Its records are no outputs, which Snakemake deletes when a job fails
# or starts again; the manifest that it writes last is.


rule train:
    """Train the runs of a pack that are not finished, and write its manifest."""
    input:
        meta=lambda wildcards: PLAN.pack(wildcards.pack).dataset.meta_path,
    output:
        "results/packs/{pack}.json",
    log:
        f"logs/{CAMPAIGN}/train/{{pack}}.log",
    conda:
        "../../environment.yml"
    threads: PLAN.campaign.threads * PLAN.campaign.pack_workers
    resources:
        mem_mb=lambda wildcards, attempt: ASKS.training(wildcards.pack).mem_mb(attempt),
        runtime=lambda wildcards, attempt: ASKS.training(wildcards.pack).runtime(
            attempt
        ),
        gpu=GPU,
    params:
        code=lambda wildcards: CODES.of_pack(PLAN.pack(wildcards.pack)),
    shell:
        f"python -m workflow train --configfile {RESOLVED} {{wildcards.pack:q}} {ONLY} > {{log:q}} 2>&1"
