# Seconds of Table VI's models, with the machine to itself.


rule timing:
    """Time the models of Table VI, with the machine to itself."""
    input:
        metas=[meta for name in PLAN.timed for meta in PLAN.metas_of(name)],
    output:
        TIMING,
    log:
        f"logs/{CAMPAIGN}/timing.log",
    priority: 1  # once all cores are free, before jobs that can share them
    conda:
        "../../environment.yml"
    # All of them, so that nothing else runs meanwhile; a cluster gives the node to this job alone.
    threads: workflow.resource_settings.cores or PLAN.campaign.threads
    resources:
        mem_mb=lambda wildcards, attempt: ASKS.timing.mem_mb(attempt),
        runtime=lambda wildcards, attempt: ASKS.timing.runtime(attempt),
        gpu=GPU,
        slurm_extra="--exclusive",
    params:
        runs=[
            run.id
            for name in PLAN.timed
            for cell in PLAN.timed_cells_of(name)
            for run in cell.runs
        ],
        repeats=PLAN.campaign.timing.repeats,
        code=CODES.of("workflow.train.timing"),
    shell:
        f"python -m workflow time --configfile {RESOLVED} > {{log:q}} 2>&1"
