# The configuration as Snakemake merged it, for the commands and for the reader. Jobs take
# it as `ancient`: what of it matters to a job is in that job's own files and params.


rule campaign:
    output:
        CAMPAIGN_FILE,
    log:
        f"logs/{CAMPAIGN}/campaign.log",
    conda:
        "../../environment.yml"
    params:
        values=canonical_json(config),
    shell:
        "python -m workflow resolve {params.values:q} --out {output} > {log} 2>&1"
