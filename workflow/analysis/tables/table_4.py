"""Table IV: TF4CTR against ten baselines on five datasets, five seeds each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from workflow.analysis.evidence.gains import GAIN_NOTE, Gain, corrected, gain, gain_data, p_value, power_line, reasons
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.rivals import Contest, contest
from workflow.analysis.pages.document import Document, Entry, Field, Section, Table, without_empty
from workflow.analysis.paper.facts import Except
from workflow.analysis.paper.prints import Paper
from workflow.analysis.stats.permutation import smallest_p
from workflow.analysis.stats.samples import MIN_SEEDS, NoTest
from workflow.analysis.stats.tests import Test
from workflow.analysis.tables.blocks import Block, Row, blocks_of
from workflow.analysis.tables.columns import compared, idle_line, is_idle, told, verdict_counts
from workflow.analysis.tables.frame import document, long_rows

MODEL = "TF4CTR"
CHOICE_NOTE = (
    "The best baseline is known only after the fact. So a gain is shown only if TF4CTR beats every baseline: the p "
    "“against all” is the largest of the single p-values, which needs no further correction. A loss to the best "
    "pays for the choice: its p is multiplied by the number of baselines. Holm's correction over datasets follows."
)
PAIR_NOTE = (
    "Runs of two models with the same seed share the order of batches, but neither initial weights nor dropout, so "
    "they are compared as independent sets; the exact permutation test beside it supposes no distribution."
)


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare the models with the paper's, and TF4CTR with the best and with every other model."""
    paper, blocks = evidence.paper, blocks_of(evidence, experiment)
    gains = {block.dataset: gains_over(block) for block in blocks}
    return document(
        evidence,
        experiment,
        "4",
        blocks,
        sections=(
            *_summary(blocks),
            *([_gain_section(blocks, paper)] if blocks else []),
            *(_section(block, gains[block.dataset]) for block in blocks),
        ),
        notes=(
            "† Settings of this cell come from a log: TF4CTR's from the authors' log that gives the printed value, "
            "EulerNet's from its own authors'. The paper gives no setting of any baseline; their structure, "
            "with its source, stands in the configuration of each dataset.",
            "The paper prints one run per cell (TF4CTR's is seed 2023), ours are means over seeds.",
            GAIN_NOTE,
            CHOICE_NOTE,
            PAIR_NOTE,
        ),
        print_notes=(
            f"{block.title}: {fact.note}"
            for block in blocks
            for fact in paper.frame.select("auc", table="4", dataset=block.dataset)
            if fact.note
        ),
        data=lambda block: _data(evidence, experiment, block, gains[block.dataset]),
    )


def baselines(paper: Paper) -> list[str]:
    """The paper's ten."""
    models = (fact.at["model"] for fact in paper.frame.select("auc", table="4", model=Except([MODEL])))
    return list(dict.fromkeys(models))


def own_row(block: Block) -> Row | None:
    """TF4CTR's row as the paper has it."""
    return block.at({"table": "4", "dataset": block.dataset, "model": MODEL})


def gains_over(block: Block) -> dict[str, Gain]:
    """TF4CTR's gain over every other row of a dataset by label, Holm-corrected over them."""
    own = own_row(block)
    if own is None:
        return {}
    others = [row for row in block.rows if row is not own]
    gains = corrected([gain(own.auc.sample, row.auc.sample) for row in others])
    return dict(zip((row.label for row in others), gains, strict=True))


# -- the answer first -----------------------------------------------------------------


def _summary(blocks: Sequence[Block]) -> list[Section]:
    printed = [(block, [row.auc.verdict for row in block.rows if row.in_paper]) for block in blocks]
    counted = [(block.title, "AUC", verdicts) for block, verdicts in printed if verdicts]
    return [Section("Summary", tables=(verdict_counts(counted),))] if counted else []


def _gain_section(blocks: Sequence[Block], paper: Paper) -> Section:
    ten = baselines(paper)
    rows = [row for block in blocks for row in block.rows if row.at.get("model") != MODEL]
    further = list(dict.fromkeys(row.label for row in rows if row.label not in ten))
    whole = contests_of(blocks, ten)
    families = [
        ("Against the paper's ten baselines", whole, False),
        ("Against those of the ten that have all their runs", finished_of(blocks, ten), True),
    ]
    if further:
        everyone = contests_of(blocks, [*ten, *further])
        families.append((f"Against the ten and {', '.join(further)}", everyone, False))
    tables = [_gain_table(caption, blocks, paper, found, partly) for caption, found, partly in families if found]
    power = (power_line(block.title, whole[block.dataset].gain) for block in blocks if block.dataset in whole)
    lines = [*reasons(each.gain for each in whole.values()), *filter(None, power)]
    seeds = max((row.auc.planned for block in blocks for row in block.rows), default=0)
    if seeds >= MIN_SEEDS:
        lines.append(_floor_line(seeds))
    return Section("TF4CTR against the best baseline", tuple(lines), tuple(tables))


def _floor_line(seeds: int) -> str:
    floor = smallest_p(seeds)
    return (
        f"With {seeds} runs a side no exact permutation test can give a p-value below {p_value(floor)}; "
        "a smaller one, such as the paper's, can only come from a t test and its suppositions."
    )


def contests_of(blocks: Sequence[Block], rivals: Sequence[str]) -> dict[str, Contest]:
    """TF4CTR against the rows with these labels by dataset, Holm-corrected over datasets."""
    return _contests((block, rivals, rivals) for block in blocks)


def finished_of(blocks: Sequence[Block], rivals: Sequence[str]) -> dict[str, Contest]:
    """The same against those that have all their runs, on datasets where some lack some; the paper's gain stays."""
    there = {
        block.dataset: [row.label for row in block.rows if row.label in rivals and is_done(row)] for block in blocks
    }
    partly = [block for block in blocks if 0 < len(there[block.dataset]) < len(rivals)]
    return _contests((block, there[block.dataset], rivals) for block in partly)


def is_done(row: Row) -> bool:
    """Whether every run of it ended with an AUC."""
    return row.auc.sample.ground.obstacle is None


def _contests(met: Iterable[tuple[Block, Sequence[str], Sequence[str]]]) -> dict[str, Contest]:
    """By dataset, TF4CTR against labelled rows; the paper's gain is that over the best it prints of the last."""
    found: dict[str, Contest] = {}
    own_data = set()
    for block, rivals, printed_rivals in met:
        own, samples = own_row(block), {row.label: row.auc.sample for row in block.rows if row.label in rivals}
        if own is not None and samples:
            best = paper_best(block, printed_rivals)
            printed = own.auc.paper_points, best.auc.paper_points if best else None
            claimed = printed[0] - printed[1] if printed[0] is not None and printed[1] is not None else None
            found[block.dataset] = contest(own.auc.sample, samples, claimed)
            own_data |= {block.dataset} if block.own else set()
    return {
        **_holm({name: each for name, each in found.items() if name not in own_data}),
        # a family apart: the paper says nothing of them
        **_holm({name: each for name, each in found.items() if name in own_data}),
    }


def _holm(found: Mapping[str, Contest]) -> dict[str, Contest]:
    judged = corrected([each.gain for each in found.values()])
    return {name: replace(each, gain=after) for (name, each), after in zip(found.items(), judged, strict=True)}


def paper_best(block: Block, rivals: Sequence[str]) -> Row | None:
    """The rival that the paper prints the highest AUC of."""
    printed = [(row.auc.paper_points, row) for row in block.rows if row.label in rivals]
    known = [(points_, row) for points_, row in printed if points_ is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def _gain_table(
    caption: str, blocks: Sequence[Block], paper: Paper, contests: Mapping[str, Contest], partly: bool = False
) -> Table:
    rows = []
    for block in blocks:
        if block.dataset not in contests:
            continue
        each, best = (
            contests[block.dataset],
            paper_best(block, [row.label for row in block.rows if row is not own_row(block)]),
        )
        printed, exact_test = paper.frame.at({"table": "4", "dataset": block.dataset}, "p_value"), each.gain.permutation
        rows.append(
            (
                block.title,
                best.label if best else "–",
                f"{each.best}{f', of {each.rivals}' if partly else ''}" if each.best else "–",
                each.gain.paper,
                each.gain.ours,
                "–" if printed is None else f"{float(printed.number):.2e}",
                p_value(each.p_best),
                p_value(exact_test.p if isinstance(exact_test, Test) else None),
                each.gain.p_text,
                told(each.gain.verdict),
            )
        )
    header = ("Dataset", "Best: paper", "Best: ours", "Gain: paper", "Gain: ours", "p: paper", "p")
    header += ("permutation p", "p against all, Holm", "Finding")
    return without_empty(Table(caption, header, "lllrrrrrrl", tuple(rows)))


# -- a dataset ------------------------------------------------------------------------


def _section(block: Block, gains: Mapping[str, Gain]) -> Section:
    paper = [row for row in block.rows if row.in_paper]
    beyond = [row for row in block.rows if not row.in_paper]
    lines = [block.data_line, *idle_line(paper), *idle_line(beyond, (), f"Not run{block.beyond}")]
    places = {"Model": lambda row: row.label}
    tables = [
        compared("AUC", paper, "auc", places),
        compared(f"AUC{block.beyond}", beyond, "auc", places),
    ]
    auc = {row.label: row.auc for row in block.rows if not is_idle(row)}
    rivals = tuple(
        (label, Entry(auc[label].ours, runs=auc[label].run_keys), *_statistics(each))
        for label, each in gains.items()
        if label in auc
    )
    header = (
        "Model",
        "AUC",
        "TF4CTR's gain [95 %]",
        "Hedges g [95 %]",
        "p of seeds alone",
        "permutation p",
        "Holm",
        "Finding",
    )
    if rivals:
        lines += reasons(gains.values())
        tables.append(without_empty(Table("TF4CTR against every other model that has run", header, "lrrrrrrl", rivals)))
    return Section(block.title, tuple(lines), tuple(table for table in tables if table.rows))


def _statistics(each: Gain) -> tuple[Field, ...]:
    effect = each.effect
    size = "–" if isinstance(effect, NoTest) else f"{effect.value:.1f} [{effect.low:.1f}, {effect.high:.1f}]"
    return (
        each.ours,
        size.replace("-", "−"),
        p_value(None if isinstance(each.seeds, NoTest) else each.seeds.test().p),
        p_value(each.permutation.p if isinstance(each.permutation, Test) else None),
        each.p_text,
        told(each.verdict),
    )


def _data(evidence: Evidence, experiment: str, block: Block, gains: Mapping[str, Gain]) -> list[dict[str, str]]:
    """Long data; a row's gain is TF4CTR's over it."""
    rows = long_rows(evidence, experiment, block)
    return [{**row, **gain_data(gains.get(row["cell"]), row["cell"])} for row in rows]
