# Figures, from records only.


rule figure:
    """Draw a figure, from the records of the runs that it needs."""
    input:
        stated=ROOT / "paper/figures.yaml",
        packs=lambda wildcards: manifests(*experiments_of(PLAN, wildcards.figure)),
    output:
        pdf=report(
            f"figures/{CAMPAIGN}/{{figure}}.pdf",
            caption="../captions/figure.rst",
            category="Figures",
            labels=lambda wildcards: {
                "figure": titled(wildcards.figure),
                "kind": "PDF",
            },
        ),
        png=report(
            f"figures/{CAMPAIGN}/{{figure}}.png",
            caption="../captions/figure.rst",
            category="Figures",
            labels=lambda wildcards: {
                "figure": titled(wildcards.figure),
                "kind": "PNG",
            },
        ),
        svg=f"figures/{CAMPAIGN}/{{figure}}.svg",
        csv=report(
            f"figures/{CAMPAIGN}/{{figure}}.csv",
            caption="../captions/figure.rst",
            category="Figures",
            labels=lambda wildcards: {
                "figure": titled(wildcards.figure),
                "kind": "data",
            },
        ),
    log:
        f"logs/{CAMPAIGN}/{{figure}}.log",
    wildcard_constraints:
        figure="|".join(FIGURES) or "none",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=lambda wildcards: CODES.of(*code_of_figure(wildcards.figure)),
        records=lambda wildcards: digest(*experiments_of(PLAN, wildcards.figure)),
    shell:
        f"python -m workflow render --configfile {RESOLVED} {{wildcards.figure:q}} > {{log:q}} 2>&1"
