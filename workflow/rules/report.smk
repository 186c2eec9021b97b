# The report: one HTML file with everything. Called html_report, as `report` is Snakemake's own word.


rule html_report:
    """Write the report: tables, figures, claims, and the runs behind them."""
    input:
        paper=PRINTS,
        page=[
            ROOT / "workflow/analysis/report/report.css",
            ROOT / "workflow/analysis/report/report.js",
            *sorted((ROOT / "workflow/analysis/report/templates").glob("*.html")),
        ],
        metas=[dataset.meta_path for dataset in PLAN.datasets],
        packs=lambda wildcards: manifests(*PLAN.campaign.experiments),
        timing=TIMING if PLAN.timed else [],
        figures=expand(f"figures/{CAMPAIGN}/{{figure}}.svg", figure=FIGURES),
    output:
        # Snakemake's report shows HTML, pictures and PDF in place; text it only offers to save.
        report(
            f"results/{CAMPAIGN}/report.html",
            caption="../captions/html_report.rst",
            category="All on one page",
            labels={"page": "tables, figures and claims"},
        ),
        report(
            f"figures/{CAMPAIGN}/gains.svg",
            caption="../captions/gains.rst",
            category="All on one page",
            labels={"page": "the paper's gains beside ours"},
        ),
    log:
        f"logs/{CAMPAIGN}/report.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=CODES.of(*code_of_page(RENDERED)),
        records=lambda wildcards: digest(),
    shell:
        f"python -m workflow report --configfile {RESOLVED} > {{log:q}} 2>&1"
