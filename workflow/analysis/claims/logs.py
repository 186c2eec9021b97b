"""Printed cells against the authors' own logs: support, selection, repeated seeds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from workflow.analysis.claims import checks
from workflow.analysis.claims.evaluate import Scope, decimals, rounded, truncated
from workflow.analysis.claims.expressions import Selector
from workflow.analysis.claims.facts import Coordinates, Fact, Value, label
from workflow.analysis.claims.results import AuditItem, AuditVerdict, Finding, listing

# A log's settings as its columns; two logs with the same differ in chance only.
SETTINGS_COLUMNS = (
    *("model", "SSM", "DFM", "alpha", "c", "gamma", "easy_hidden_units", "hard_hidden_units", "batch_norm"),
    *("net_dropout", "embedding_regularizer", "net_regularizer", "learning_rate", "batch_size", "embedding_dim"),
    *("early_stop_patience", "min_categr_count", "monitor", "data_dir"),
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


def coverage(scope: Scope, check: checks.Coverage) -> Finding:
    """Say of every printed cell whether a released log gives its numbers."""
    items = [_cover(scope, check, cell) for cell in _cells(scope, check.cells, check.metrics)]
    counts = Counter(item.verdict for item in items)
    supported, total = counts[AuditVerdict.SUPPORTED], len(items)
    against, without = counts[AuditVerdict.CONTRADICTED], counts[AuditVerdict.UNSUPPORTED]
    text = (
        f"{supported} of {total} cells have a log that prints the same; for {against} the released logs of the "
        f"cell give other numbers; {without} have no log."
    )
    named = [item for item in items if item.verdict == AuditVerdict.CONTRADICTED]
    if named:
        text += f" Other numbers: {listing([f'{item.label} ({item.measured})' for item in named])}."
    evidence = tuple(dict.fromkeys(name for item in items for name in item.evidence))
    return Finding(
        _overall(supported, against, total), f"{supported} of {total}", f"all {total}", text, evidence, tuple(items)
    )


def selection(scope: Scope, check: checks.Selection) -> Finding:
    """Ask of each contested cell whether the published run is the best by some columns."""
    items, both = [], "+".join(check.columns)
    for cell in _cells(scope, check.cells, check.metrics):
        logs = _logs(scope, check.logs, cell.at)
        published = [log for log in logs if _prints(log, cell, check.metrics, Fraction(check.scale), "truncate")]
        if len(logs) < 2 or len(published) != 1:
            continue
        score = {log.name: sum((log.number(column) for column in check.columns), Fraction(0)) for log in logs}
        best = max(score, key=lambda name: score[name])
        holds = best == published[0].name
        items.append(
            AuditItem(
                cell.label,
                AuditVerdict.SUPPORTED if holds else AuditVerdict.CONTRADICTED,
                f"published is log {published[0].name}, the best of {len(logs)} by {both} is log {best}",
                "the same log",
                tuple(f"log {log.name}" for log in logs),
            )
        )
    holding = sum(item.verdict == AuditVerdict.SUPPORTED for item in items)
    text = f"In {holding} of {len(items)} contested cells the published run is the best of the released by {both}."
    failing = [item.label for item in items if item.verdict == AuditVerdict.CONTRADICTED]
    text += f" Not in: {listing(failing)}." if failing else ""
    verdict = AuditVerdict.SUPPORTED if items and not failing else AuditVerdict.CONTRADICTED
    evidence = tuple(dict.fromkeys(name for item in items for name in item.evidence))
    return Finding(
        verdict if items else AuditVerdict.UNSUPPORTED,
        f"{holding} of {len(items)}",
        "all",
        text,
        evidence,
        tuple(items),
    )


def repeats(scope: Scope, check: checks.Repeats) -> Finding:
    """Count the configurations that were logged with several seeds."""
    seeds: dict[tuple[Value, ...], set[Value]] = defaultdict(set)
    logs = _logs(scope, check.logs, {})
    for log in logs:
        seeds[tuple(log.columns.get(column, "") for column in SETTINGS_COLUMNS)].add(log.columns["seed"])
    repeated = [found for found in seeds.values() if len(found) >= check.seeds]
    most = max(map(len, seeds.values()), default=0)
    return Finding(
        AuditVerdict.SUPPORTED if len(repeated) >= check.count else AuditVerdict.UNSUPPORTED,
        f"{len(repeated)} configurations",
        f"at least {check.count}",
        f"{len(seeds)} configurations in {len(logs)} logs; {len(repeated)} have {check.seeds} or more seeds, "
        f"and none has more than {most}.",
        tuple(f"log {log.name}" for log in logs[:12]),
    )


# -- parts ----------------------------------------------------------------------------


def _cover(scope: Scope, check: checks.Coverage, cell: _Printed) -> AuditItem:
    logs = [log for rule in check.logs if _inside(scope, rule, cell) for log in _logs(scope, rule.logs, cell.at)]
    scale = Fraction(check.scale)
    exact = [log for log in logs if _prints(log, cell, check.metrics, scale, check.rule)]
    verdict = AuditVerdict.UNSUPPORTED
    if logs:
        verdict = AuditVerdict.SUPPORTED if exact else AuditVerdict.CONTRADICTED
    shown = exact or logs
    measured = listing([_values(log, check.metrics) for log in shown], 3) or "no log"
    return AuditItem(cell.label, verdict, measured, cell.shown, tuple(f"log {log.name}" for log in shown))


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


def _overall(supported: int, against: int, total: int) -> AuditVerdict:
    if supported == total:
        return AuditVerdict.SUPPORTED
    if supported:
        return AuditVerdict.PARTLY
    return AuditVerdict.CONTRADICTED if against else AuditVerdict.UNSUPPORTED
