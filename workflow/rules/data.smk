# Raw archives, twins and prepared arrays. They come before training (`priority`), so that faults of data show at once and
# the last datasets to be trained on leave no core idle.


wildcard_constraints:
    archive="[A-Za-z0-9][A-Za-z0-9._-]*",
    dataset="[a-z0-9-]+",
    id="[0-9a-f]{12}",
    pack="[a-z0-9-]+-[0-9a-f]{8}",


rule fetch:
    """Get a dataset's raw archive from a local file, a mirror, or its public source."""
    input:
        note=lambda wildcards: note_of(wildcards.dataset, wildcards.archive),
    output:
        "data/raw/{dataset}/{archive}",
    log:
        "logs/fetch/{dataset}/{archive}.log",
    priority: 1
    retries: 1
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=240,
    shell:
        f"python -m workflow fetch --configfile {RESOLVED} {{wildcards.dataset:q}} > {{log:q}} 2>&1"


rule twin:
    """Write a dataset's synthetic twin, in the archive's format."""
    output:
        "data/raw/{dataset}/{id}/{archive}",
    log:
        "logs/twin/{dataset}/{id}/{archive}.log",
    priority: 1
    conda:
        "../../environment.yml"
    resources:
        mem_mb=lambda wildcards, attempt: ASKS.preparing(wildcards.id).mem_mb(attempt),
        runtime=lambda wildcards, attempt: ASKS.preparing(wildcards.id).runtime(attempt),
    params:
        code=CODES.of("workflow.data.twins.twin"),
        schemas=sha256_file(ROOT / "workflow/data/twins/schemas.yaml"),
    shell:
        f"python -m workflow twin --configfile {RESOLVED} {{wildcards.id:q}} > {{log:q}} 2>&1"


rule prepare:
    """Turn a raw archive into the arrays that runs read."""
    input:
        archive=lambda wildcards: str(raw_archive(*PLAN.prepared(wildcards.id))),
    output:
        "data/prepared/{dataset}/{id}/meta.json",
    log:
        "logs/prepare/{dataset}/{id}.log",
    priority: 1
    conda:
        "../../environment.yml"
    threads: PLAN.campaign.threads
    resources:
        mem_mb=lambda wildcards, attempt: ASKS.preparing(wildcards.id).mem_mb(attempt),
        runtime=lambda wildcards, attempt: ASKS.preparing(wildcards.id).runtime(attempt),
    params:
        code=CODES.of("workflow.data.prepare"),
    shell:
        f"python -m workflow prepare --configfile {RESOLVED} {{wildcards.id:q}} > {{log:q}} 2>&1"
