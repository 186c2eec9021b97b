# Table VI, timed with the machine to itself, and the cost table.


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
        "python -m workflow time > {log} 2>&1"


rule table_6:
    """Render Table VI, from its timing."""
    input:
        paper=ROOT / "paper/tables.yaml",
        timing=TIMING,
    output:
        md=report(
            f"paper_tables/{CAMPAIGN}/table_6.md",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "table_6", "kind": "text"},
        ),
        csv=report(
            f"paper_tables/{CAMPAIGN}/table_6.csv",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "table_6", "kind": "data"},
        ),
        tex=f"paper_tables/{CAMPAIGN}/table_6.tex",
    log:
        f"logs/{CAMPAIGN}/table_6.log",
    conda:
        "../../environment.yml"
    params:
        code=code_fingerprint("workflow.analysis.tables.table_6"),
    shell:
        "python -m workflow render table_6 > {log} 2>&1"


rule cost:
    """Render what each model costs: parameters, memory, time."""
    input:
        logs=ROOT / "paper/author_logs.csv",
        packs=COSTED_MANIFESTS,
    output:
        md=report(
            f"paper_tables/{CAMPAIGN}/cost.md",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "cost", "kind": "text"},
        ),
        csv=report(
            f"paper_tables/{CAMPAIGN}/cost.csv",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "cost", "kind": "data"},
        ),
        tex=f"paper_tables/{CAMPAIGN}/cost.tex",
    log:
        f"logs/{CAMPAIGN}/cost.log",
    conda:
        "../../environment.yml"
    params:
        code=code_fingerprint("workflow.analysis.tables.cost"),
        records=lambda wildcards: digest_of(COSTED_MANIFESTS),
    shell:
        "python -m workflow render cost > {log} 2>&1"


ruleorder: table_6 > table
