"""Printed cells against the authors' own logs: support, selection, repeated seeds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from workflow.analysis.claims import checks
from workflow.analysis.claims.evaluate import Scope, decimals, rounded, truncated
from workflow.analysis.claims.expressions import Selector
from workflow.analysis.claims.facts import Coordinates, Fact, Value, label
from workflow.analysis.claims.results import AuditItem, Outcome, listing
from workflow.analysis.evidence.verdict import Finding, Verdict

# A log's settings as its columns; two logs with the same differ in chance only.
SETTINGS_COLUMNS = (
    *("model", "SSM", "DFM", "alpha", "c", "gamma", "easy_hidden_units", "hard_hidden_units", "batch_norm"),
    *("net_dropout", "embedding_regularizer", "net_regularizer", "learning_rate", "batch_size", "embedding_dim"),
    *("early_stop_patience", "min_categr_count", "monitor", "data_dir"),
)

TABLE_3 = {"auc": "test_auc", "gauc": "test_gauc"}  # a cell's metric → a log's column
OF_CELL = Selector.model_validate(
    {"source": "logs", "model": "TF4CTRv2", "dataset": "$dataset", "ssem": "$ssem", "dfm": "$dfm"}
)


@dataclass(frozen=True)
class _Printed:
    """A printed cell: its coordinates without the metric, and its prints by metric."""

    at: Coordinates
    facts: Mapping[str, Fact]

    @property
    def label(self) -> str:
        return label(self.at)

    @property
    def shown(self) -> str:
        return "/".join(fact.text for fact in self.facts.values())


@dataclass(frozen=True)
class _Log:
    """A log's columns."""

    name: str
    columns: Mapping[str, Value]

    def number(self, column: str) -> Fraction:
        """A column that must be a number."""
        value = self.columns[column]
        assert isinstance(value, Fraction)
        return value


def coverage(scope: Scope, check: checks.Coverage) -> Outcome:
    """Say of every printed cell whether a released log gives its numbers."""
    items = [_cover(scope, check, cell) for cell in _cells(scope, check.cells, check.metrics)]
    counts = Counter(item.verdict.finding for item in items)
    supported, total = counts[Finding.SUPPORTED], len(items)
    against, without = counts[Finding.CONTRADICTED], counts[Finding.UNSUPPORTED]
    text = (
        f"{supported} of {total} cells have a log that prints the same; for {against} the released logs of the "
        f"cell give other numbers; {without} have no log."
    )
    named = [item for item in items if item.verdict.finding is Finding.CONTRADICTED]
    if named:
        text += f" Other numbers: {listing([f'{item.label} ({item.measured})' for item in named])}."
    evidence = tuple(dict.fromkeys(name for item in items for name in item.evidence))
    return Outcome(
        Verdict(_overall(supported, against, total)),
        f"{supported} of {total}",
        f"all {total}",
        text,
        evidence,
        tuple(items),
    )


def selection(scope: Scope, columns: tuple[str, ...]) -> Outcome:
    """Ask, in each cell of Table III with several logs, whether the published run is the best by `columns`."""
    items, both = [], "+".join(columns)
    for cell in _cells(scope, Selector.model_validate({"table": "3"}), TABLE_3):
        logs = _logs(scope, OF_CELL, cell.at)
        published = [log for log in logs if _prints(log, cell, TABLE_3, Fraction(100), "truncate")]
        if len(logs) < 2 or len(published) != 1:
            continue
        score = {log.name: sum((log.number(column) for column in columns), Fraction(0)) for log in logs}
        best = max(score, key=lambda name: score[name])
        holds = best == published[0].name
        items.append(
            AuditItem(
                cell.label,
                Verdict(Finding.SUPPORTED if holds else Finding.CONTRADICTED),
                f"published is log {published[0].name}, the best of {len(logs)} by {both} is log {best}",
                "the same log",
                tuple(f"log {log.name}" for log in logs),
            )
        )
    failing = [item.label for item in items if item.verdict.finding is Finding.CONTRADICTED]
    holding = len(items) - len(failing)
    text = f"In {holding} of {len(items)} contested cells the published run is the best of the released by {both}."
    text += f" Not in: {listing(failing)}." if failing else ""
    finding = Finding.SUPPORTED if items and not failing else Finding.CONTRADICTED
    evidence = tuple(dict.fromkeys(name for item in items for name in item.evidence))
    shown = f"{holding} of {len(items)}"
    return Outcome(Verdict(finding if items else Finding.UNSUPPORTED), shown, "all", text, evidence, tuple(items))


def repeats(scope: Scope, selector: Selector, seeds: int, count: int = 1) -> Outcome:
    """Count the configurations that were logged with at least `seeds` seeds; `count` of them are needed."""
    found: dict[tuple[Value, ...], set[Value]] = defaultdict(set)
    logs = _logs(scope, selector, {})
    for log in logs:
        found[tuple(log.columns.get(column, "") for column in SETTINGS_COLUMNS)].add(log.columns["seed"])
    repeated = [one for one in found.values() if len(one) >= seeds]
    most = max(map(len, found.values()), default=0)
    return Outcome(
        Verdict(Finding.SUPPORTED if len(repeated) >= count else Finding.UNSUPPORTED),
        f"{len(repeated)} configurations",
        f"at least {count}",
        f"{len(found)} configurations in {len(logs)} logs; {len(repeated)} have {seeds} or more seeds, "
        f"and none has more than {most}.",
        tuple(f"log {log.name}" for log in logs[:12]),
    )


# -- parts ----------------------------------------------------------------------------


def _cover(scope: Scope, check: checks.Coverage, cell: _Printed) -> AuditItem:
    logs = [log for rule in check.logs if _inside(scope, rule, cell) for log in _logs(scope, rule.logs, cell.at)]
    scale = Fraction(check.scale)
    exact = [log for log in logs if _prints(log, cell, check.metrics, scale, check.rule)]
    verdict = Finding.UNSUPPORTED
    if logs:
        verdict = Finding.SUPPORTED if exact else Finding.CONTRADICTED
    shown = exact or logs
    measured = listing([_values(log, check.metrics) for log in shown], 3) or "no log"
    return AuditItem(cell.label, Verdict(verdict), measured, cell.shown, tuple(f"log {log.name}" for log in shown))


def _inside(scope: Scope, rule: checks.LogRule, cell: _Printed) -> bool:
    fact = next(iter(cell.facts.values()))
    return any(found.at == fact.at for found in scope.select(rule.cells, {}))


def _cells(scope: Scope, selector: Selector, metrics: Iterable[str]) -> list[_Printed]:
    grouped: dict[tuple[tuple[str, str], ...], dict[str, Fact]] = {}
    for fact in scope.select(selector, {}):
        if fact.at["metric"] in metrics:
            at = tuple((key, value) for key, value in fact.at.items() if key != "metric")
            grouped.setdefault(at, {})[fact.at["metric"]] = fact
    return [_Printed(dict(at), facts) for at, facts in grouped.items()]


def _logs(scope: Scope, selector: Selector, item: Coordinates) -> list[_Log]:
    named = selector.model_copy(update={"metric": "test_auc"})  # every log has one
    names = dict.fromkeys(fact.at["log"] for fact in scope.facts.select(named, item))
    return [_Log(name, scope.facts.logs[name]) for name in names]


def _prints(log: _Log, cell: _Printed, metrics: Mapping[str, str], scale: Fraction, rule: str) -> bool:
    cut = truncated if rule == "truncate" else rounded
    for metric, fact in cell.facts.items():
        value = log.columns.get(metrics[metric])
        if not isinstance(value, Fraction) or cut(value * scale, decimals(fact.text)) != fact.value:
            return False
    return True


def _values(log: _Log, metrics: Mapping[str, str]) -> str:
    values = [log.columns.get(column) for column in metrics.values()]
    return "/".join(f"{float(value):.6g}" for value in values if isinstance(value, Fraction)) + f" in log {log.name}"


def _overall(supported: int, against: int, total: int) -> Finding:
    if supported == total:
        return Finding.SUPPORTED
    if supported:
        return Finding.PARTLY
    return Finding.CONTRADICTED if against else Finding.UNSUPPORTED
