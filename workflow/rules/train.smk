# One rule per pack, because a pack's records are its outputs and have no common wildcard.

for pack in PLAN.packs:

    rule:
        name:
            f"train_{pack.name}"
        input:
            meta=pack.dataset.meta_path,
        output:
            pack.records,
        log:
            f"logs/{CAMPAIGN}/train/{pack.name}.log",
        conda:
            "../../environment.yml"
        threads: PLAN.campaign.threads
        resources:
            gpu=1 if has_cuda(PLAN.campaign.device) else 0,
        params:
            pack=pack.name,
            code=sorted({training_code(run.model) for run in pack.runs}),
        shell:
            "python -m workflow train {params.pack} > {log} 2>&1"
