"""Table VI: times of the first epoch and of inference, and their ratios to the DNN."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Ground
from workflow.analysis.pages.document import Document, Field, Section, table_of
from workflow.analysis.pages.notes import data_line, limits_notes
from workflow.analysis.tables.page import long_data, source_line
from workflow.plan.config import load_dataset, load_experiment
from workflow.train.timing_record import Timed, TimingRecord

BASE = "DNN (Base)"
CLOSE = 0.10  # of the paper's ratio
LEGEND = (
    "Ours is the median over rounds, with the smallest and the largest. Δ is our ratio to the DNN against the paper's, "
    f"relative; a ratio is consistent where it is at most {CLOSE:.0%} from the print."
)
BUSY = 0.05  # share of all cores used by other processes, above which a warning is shown
PARTS = {"train": "Training, first epoch", "infer": "Inference on validation"}


@dataclass(frozen=True)
class Reading:
    """One model and part: seconds and ratios to the base of the same round."""

    timed: Timed
    ground: Ground
    seconds: tuple[float, ...]
    ratios: tuple[float, ...]
    rows: int
    paper_s: Decimal | None
    paper_ratio: float | None

    @property
    def difference(self) -> float | None:
        """Our median ratio against the paper's, relative."""
        return None if self.paper_ratio is None else median(self.ratios) / self.paper_ratio - 1

    @property
    def verdict(self) -> Verdict:
        """Consistent where the ratio is at most 10 % from the printed one."""
        if self.difference is None:
            return verdict(self.ground, Finding.NONE)
        if abs(self.difference) <= CLOSE:
            return verdict(self.ground, Finding.CONSISTENT)
        return verdict(self.ground, Finding.LOWER if self.difference > 0 else Finding.HIGHER)


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare timing with the paper's Table VI: a table per part, sizes, and on what it was measured."""
    timing, paper = evidence.timing, evidence.paper
    title, source = load_experiment(experiment).title, source_line(paper, "6")
    readings = readings_of(evidence, experiment)
    if timing is None or not readings:
        missing = Section("Times", ("Not timed yet: run `python -m workflow time` or ask for this table.",))
        return Document(experiment, title, (source,), (missing,), number=paper.name_of("6"))
    return Document(
        name=experiment,
        number=paper.name_of("6"),
        title=title,
        lines=(source, _data_of(evidence, timing), LEGEND),
        sections=(*(_section(part, name, readings) for part, name in PARTS.items()), _sizes(timing)),
        notes=tuple(_notes(evidence, experiment, timing)),
        data=long_data(evidence, experiment, _data(timing, readings)),
    )


def readings_of(evidence: Evidence, experiment: str) -> Mapping[str, Mapping[str, Reading]]:
    """By model and part, of what was timed. Ratios are taken within a round, where the machine was the same."""
    timed = [one for one in evidence.cells(experiment) if one.timed]
    base = next((one for one in timed if one.at["model"] == BASE), None)
    if base is None:
        return {}
    return {one.at["model"]: {part: _reading(evidence, one, base, part) for part in PARTS} for one in timed}


def _reading(evidence: Evidence, one: Observed, base: Observed, part: str) -> Reading:
    assert evidence.timing is not None
    assert one.timed is not None
    seconds = one.values(f"{part}_s")
    ratios = tuple(own / other for own, other in zip(seconds, base.values(f"{part}_s"), strict=True))
    ratio, paper_s = (evidence.print_of(one.cell.print_at, f"{part}_{what}") for what in ("ratio", "s"))
    rows = evidence.timing.train_rows if part == "train" else evidence.timing.valid_rows
    prints = (paper_s.points if paper_s else None, float(ratio.number) if ratio else None)
    return Reading(one.timed, one.ground, seconds, ratios, rows, *prints)


def _data_of(evidence: Evidence, timing: TimingRecord) -> str:
    config = load_dataset("kkbox")
    rows, published = timing.train_rows + timing.valid_rows, config.published.rows
    full = published.get("train", 0) + published.get("valid", 0)
    share = f"; {100 * rows / full:.2g} % of KKBox's rows in these two splits" if full and rows != full else ""
    standing, reason = evidence.timing_data()
    used = data_line(config.title, [(str(standing), reason, timing.data_note)])
    return f"{used} {timing.train_rows:,} rows trained, {timing.valid_rows:,} predicted{share}."


def _section(part: str, name: str, readings: Mapping[str, Mapping[str, Reading]]) -> Section:
    apart = [abs(of_model[part].difference or 0.0) for of_model in readings.values() if of_model[part].paper_ratio]
    line = f"{sum(each <= CLOSE for each in apart)} of {len(apart)} ratios are at most 10 % from the printed ones."
    rows = [_row(label, of_model[part]) for label, of_model in readings.items()]
    return Section(name, (line,), (table_of(f"{name}: median and range over rounds", rows),))


def _row(label: str, own: Reading) -> Mapping[str, Field]:
    return {
        "Model": label,
        "Paper, s": "–" if own.paper_s is None else str(own.paper_s),
        "Ours, s": spread(own.seconds, seconds_text),
        "Rows/s": f"{own.rows / median(own.seconds):,.0f}",
        "Paper, × DNN": "–" if own.paper_ratio is None else f"{own.paper_ratio:.2f}",
        "Ours, × DNN": "1" if label == BASE else spread(own.ratios, lambda value: f"{value:.2f}"),
        "Δ": "–" if own.difference is None else f"{100 * own.difference:+.0f} %".replace("-", "−"),
        "Finding": "–" if own.difference is None else own.verdict,
    }


def spread(values: tuple[float, ...], text: Callable[[float], str]) -> str:
    """The median, and the smallest and largest where there are several."""
    low, middle, high = min(values), median(values), max(values)
    return text(middle) if len(values) == 1 else f"{text(middle)} ({text(low)} to {text(high)})"


def seconds_text(value: float) -> str:
    """Seconds with three significant digits."""
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def _sizes(timing: TimingRecord) -> Section:
    rows = [
        {
            "Model": timed.label,
            "Parameters": f"{timed.parameters.total:,}",
            "of them in embeddings": f"{timed.parameters.embedding:,}",
            "Peak memory, MiB": f"{timed.peak_memory_bytes / 2**20:,.0f}",
        }
        for timed in timing.models
    ]
    kind = "allocated on the GPU" if timing.device == "cuda" else "resident in the process, data included"
    return Section("Size and memory", tables=(table_of(f"Parameters, and memory {kind}", rows),))


def _notes(evidence: Evidence, experiment: str, timing: TimingRecord) -> list[str]:
    rounds, precision = len(timing.models[0].train_s), timing.models[0].spec.training.precision
    notes = [
        f"Measured on {timing.hardware} ({timing.device}, {timing.threads} threads, {precision}) in {rounds} rounds; "
        "in each round every model trains its first epoch once, in an order that moves by one. "
        "A warm-up is not counted, and a ratio is taken within its round.",
        "The paper names neither its hardware nor how often it measured: only ratios compare models. "
        "Its ratios are truncated and rest on whole seconds, so an inference ratio of 1.33 is 4 s against 3 s.",
    ]
    if timing.others_share > BUSY:
        notes.append(f"Other processes used {100 * timing.others_share:.0f} % of the machine's cores meanwhile.")
    notes += limits_notes(evidence.plan.campaign.limits, [experiment])
    return notes


def _data(timing: TimingRecord, readings: Mapping[str, Mapping[str, Reading]]) -> Iterator[dict[str, object]]:
    for model, parts in readings.items():
        for part, own in parts.items():
            yield {
                "model": model,
                "part": part,
                "paper_s": own.paper_s,
                "ours_s": median(own.seconds),
                "low_s": min(own.seconds),
                "high_s": max(own.seconds),
                "rounds": len(own.seconds),
                "paper_ratio": own.paper_ratio,
                "ratio": median(own.ratios),
                "low_ratio": min(own.ratios),
                "high_ratio": max(own.ratios),
                "relative_difference": own.difference,
                "finding": own.verdict,
                "standing": own.verdict.standing,
                "rows_per_s": own.rows / median(own.seconds),
                "peak_memory_bytes": own.timed.peak_memory_bytes,
                "parameters": own.timed.parameters.total,
                "device": timing.device,
                "data": timing.data_origin,
            }
