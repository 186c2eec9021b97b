"""Printed cells beside the authors' own logs: support, selection, repeated seeds."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from workflow.analysis.claims.cases import LOGS
from workflow.analysis.claims.results import Item, Outcome, listing
from workflow.analysis.claims.terms import decimals, truncated
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.evidence.cells import SCORES
from workflow.analysis.paper.facts import Coordinates, Fact, Frame, label

# A log's settings as its columns; two logs with the same differ in chance only.
SETTINGS = (
    *("model", "SSM", "DFM", "alpha", "c", "gamma", "easy_hidden_units", "hard_hidden_units", "batch_norm"),
    *("net_dropout", "embedding_regularizer", "net_regularizer", "learning_rate", "batch_size", "embedding_dim"),
    *("early_stop_patience", "min_categr_count", "monitor", "data_dir"),
)
AUC = {"auc": "test_auc"}  # a cell's metric → a log's column
AUC_AND_GAUC = {"auc": "test_auc", "gauc": "test_gauc"}
LogsOf = Callable[[Coordinates], Coordinates | None]  # what a cell's logs have besides its dataset; None: it has none
Cut = Callable[[Fraction, int], Fraction]


def cells_of(frame: Frame, prints: Iterable[Fact], logs_of: LogsOf) -> Iterator[tuple[dict[str, Fact], list[Fact]]]:
    """The printed numbers of each cell by metric, with the AUC of each log that may be the cell's."""
    cells: dict[frozenset[tuple[str, str]], dict[str, Fact]] = defaultdict(dict)
    for fact in prints:
        cells[frozenset(fact.at.items())][fact.metric] = fact
    for cell in cells.values():
        at = next(iter(cell.values())).at
        logs = logs_of(at)
        yield cell, [] if logs is None else frame.select("test_auc", source="log", dataset=at["dataset"], **logs)


def prints_so(
    frame: Frame, cell: Mapping[str, Fact], log: Fact, columns: Mapping[str, str], cut: Cut = truncated
) -> bool:
    """Whether a log's values, in points and truncated as in the paper, are those of a cell."""

    def agrees(metric: str, fact: Fact) -> bool:
        found = frame.beside_or_none(log, columns[metric])
        scale = 100 if metric in SCORES else 1  # to points
        return found is not None and cut(found.number * scale, decimals(fact.text)) == fact.value

    return all(agrees(metric, fact) for metric, fact in cell.items())


def name_of(cell: Mapping[str, Fact]) -> str:
    """Where a cell is, for readers."""
    return label(next(iter(cell.values())).at)


def coverage(
    frame: Frame, prints: Iterable[Fact], logs_of: LogsOf, columns: Mapping[str, str] = AUC, cut: Cut = truncated
) -> Outcome:
    """Whether a released log gives the numbers of each printed cell.

    `columns` maps a cell's metrics to a log's columns, and `cut` makes numbers as the paper prints them.
    """
    items = []
    for cell, logs in cells_of(frame, prints, logs_of):
        exact = [log for log in logs if prints_so(frame, cell, log, columns, cut)]
        finding = Finding.UNSUPPORTED if not logs else Finding.SUPPORTED if exact else Finding.CONTRADICTED
        shown = exact or logs
        measured = listing([_values(frame, log, columns.values()) for log in shown], 3) or "no log"
        printed = "/".join(fact.text for fact in cell.values())
        names = tuple(f"log {log.key}" for log in shown)
        items.append(Item(name_of(cell), Verdict(finding), measured, printed, names))
    counts, total = Counter(item.verdict.finding for item in items), len(items)
    supported, against = counts[Finding.SUPPORTED], counts[Finding.CONTRADICTED]
    overall = Finding.CONTRADICTED if against else Finding.UNSUPPORTED
    if supported:
        overall = Finding.SUPPORTED if supported == total else Finding.PARTLY
    text = (
        f"{supported} of {total} cells have a log with the same numbers; for {against} the released logs of the "
        f"cell give other numbers; {counts[Finding.UNSUPPORTED]} have no log."
    )
    if named := [f"{one.label} ({one.measured})" for one in items if one.verdict.finding is Finding.CONTRADICTED]:
        text += f" Other numbers: {listing(named)}."
    names = tuple(dict.fromkeys(name for item in items for name in item.evidence))
    return Outcome(Verdict(overall), f"{supported} of {total}", f"all {total}", text, names, tuple(items))


def selection(frame: Frame, prints: Iterable[Fact], logs_of: LogsOf, columns: Sequence[str]) -> Outcome:
    """Whether, in each cell with several logs, the printed one is the best by `columns`."""
    cases = []
    for cell, logs in cells_of(frame, prints, logs_of):
        published = [log for log in logs if prints_so(frame, cell, log, AUC_AND_GAUC)]
        if len(logs) < 2 or len(published) != 1:
            continue
        best = max(logs, key=lambda log: sum(frame.beside(log, name).number for name in columns))
        found = f"published is log {published[0].key}, the best of {len(logs)} by {'+'.join(columns)} is log {best.key}"
        names = tuple(f"log {log.key}" for log in logs)
        cases.append(LOGS.item(name_of(cell), best.key == published[0].key, found, "the same log", names))
    return LOGS.many(cases, extra="Cells with several released logs, one of which is the printed run.")


def repeats(frame: Frame, logs: Sequence[Fact], seeds: int, least: int = 1) -> Outcome:
    """Whether at least `least` configurations were logged with `seeds` or more seeds."""
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for log in logs:
        settings = (frame.beside_or_none(log, column) for column in SETTINGS)
        found[tuple(fact.text if fact else "" for fact in settings)].add(frame.beside(log, "seed").text)
    repeated = sum(len(one) >= seeds for one in found.values())
    text = (
        f"{len(found)} configurations in {len(logs)} logs; {repeated} have {seeds} or more seeds, and none has more "
        f"than {max(map(len, found.values()), default=0)}."
    )
    verdict = Verdict(Finding.SUPPORTED if repeated >= least else Finding.UNSUPPORTED)
    names = tuple(f"log {log.key}" for log in logs[:12])
    return Outcome(verdict, f"{repeated} configurations", f"at least {least}", text, names)


def _values(frame: Frame, log: Fact, columns: Iterable[str]) -> str:
    values = [fact for column in columns if (fact := frame.beside_or_none(log, column))]
    return "/".join(f"{float(fact.number):.6g}" for fact in values) + f" in log {log.key}"
