# Figures, from records only. One rule each, because each has a caption of its own.

for figure in FIGURES:

    rule:
        name:
            figure
        input:
            stated=ROOT / "paper/figures.yaml",
            records=PLAN.records_of(figure),
        output:
            pdf=report(
                f"figures/{CAMPAIGN}/{figure}.pdf",
                caption=f"../report/{figure}.rst",
                category="Figures",
                labels={"figure": figure.replace("figure_", "Figure "), "kind": "PDF"},
            ),
            png=report(
                f"figures/{CAMPAIGN}/{figure}.png",
                caption=f"../report/{figure}.rst",
                category="Figures",
                labels={"figure": figure.replace("figure_", "Figure "), "kind": "PNG"},
            ),
            csv=report(
                f"figures/{CAMPAIGN}/{figure}.csv",
                caption=f"../report/{figure}.rst",
                category="Figures",
                labels={
                    "figure": figure.replace("figure_", "Figure "),
                    "kind": "data",
                },
            ),
        log:
            f"logs/{CAMPAIGN}/{figure}.log",
        conda:
            "../../environment.yml"
        params:
            figure=figure,
            code=code_fingerprint("workflow.analysis.figures"),
        shell:
            "python -m workflow render {params.figure} > {log} 2>&1"
