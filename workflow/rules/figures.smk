# Figures, from records only.


rule figure:
    """Draw figures, from the records of the runs that they need."""
    input:
        prints=ROOT / "paper/prints.csv",
        look=ROOT / "workflow/analysis/figures/house.mplstyle",
        known=lambda wildcards: known_behind(*FIGURE.of(wildcards)),
        packs=lambda wildcards: manifests_behind(*FIGURE.of(wildcards)),
    output:
        [
            report(
                f"figures/{CAMPAIGN}/{name}.{suffix}",
                caption=figure_caption(name),
                category="Figures",
                labels=figure_labels(name, kind),
            )
            for name in FIGURE.patterns
            for suffix, kind in (("pdf", "PDF"), ("png", "PNG"), ("csv", "data"))
        ],
        [f"figures/{CAMPAIGN}/{name}.svg" for name in FIGURE.patterns],
    log:
        f"logs/{CAMPAIGN}/{FIGURE.log}.log",
    wildcard_constraints:
        figure="|".join(FIGURES) or "none",
    priority: 1
    conda:
        "../../environment.yml"
    threads: 2 if FIGURE.together else 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=lambda wildcards: CODES.of(*code_of_figure(*FIGURE.of(wildcards))),
        records=lambda wildcards: digest(*FIGURE.of(wildcards)),
    shell:
        f"python -m workflow render --configfile {RESOLVED} {FIGURE.words} --processes {{threads}} > {{log:q}} 2>&1"
