# One rule per pack, because a pack's records are its outputs and have no common wildcard.

for pack in PLAN.packs:

    rule:
        name:
            f"train_{pack.name}"
        input:
            campaign=ancient(CAMPAIGN_FILE),
            meta=meta_file(pack.dataset),
        output:
            pack.records,
        params:
            pack=pack.name,
            code=sorted({training_code(run.model.name) for run in pack.runs}),
        log:
            f"logs/{CAMPAIGN}/train/{pack.name}.log",
        threads: PLAN.campaign.threads
        resources:
            gpu=1 if has_cuda(PLAN.campaign.device) else 0,
        conda:
            "../../environment.yml"
        shell:
            "{CLI} train {params.pack} --configfile {input.campaign} --threads {threads} > {log} 2>&1"
