# Seconds of Table VI's models, with the machine to itself.


rule timing:
    """Time the models of Table VI, with the machine to itself."""
    input:
        metas=[meta for name in PLAN.timed for meta in PLAN.metas_of(name)],
    output:
        TIMING,
    log:
        f"logs/{CAMPAIGN}/timing.log",
    conda:
        "../../environment.yml"
    threads: workflow.cores  # all of them: nothing else runs meanwhile
    resources:
        gpu=1 if has_cuda(PLAN.campaign.device) else 0,
    params:
        runs=[
            run.id
            for name in PLAN.timed
            for cell in PLAN.timed_cells_of(name)
            for run in cell.runs
        ],
        repeats=PLAN.campaign.timing.repeats,
        code=code_fingerprint("workflow.train.timing"),
    shell:
        f"python -m workflow time --configfile {RESOLVED} > {{log:q}} 2>&1"
