"""Checks of our runs that only one claim needs, by name: what `test: function` in the registry means."""

from collections.abc import Callable, Mapping

from workflow.analysis.claims.cells import Runs
from workflow.analysis.claims.evaluate import Scope
from workflow.analysis.claims.results import AuditItem, Outcome, listing, number
from workflow.analysis.claims.runs import counted, keys_of, weigh
from workflow.analysis.evidence.verdict import Finding, joined

RunsCheck = Callable[[Scope, Runs], Outcome]


def fusion_parameters(scope: Scope, runs: Runs) -> Outcome:
    """WSF has as many parameters more than Sum as the claim says; there is no chance in it."""
    wanted = scope.said[scope.claim, "parameters"].value
    rows = []
    for ssem in ("SER", "Share"):
        place = {"table": "3", "dataset": "ml-1m", "ssem": ssem}
        more, less = (runs.target({**place, "dfm": dfm}) for dfm in ("WSF", "Sum"))
        ground = joined((more.ground, less.ground))
        measured, finding = str(ground.obstacle), Finding.INCONCLUSIVE
        if ground.obstacle is None and more.observed and less.observed:
            found = more.observed.finished[0].parameters.total - less.observed.finished[0].parameters.total
            measured, finding = f"{found:+,} parameters", Finding.REPRODUCED if found == wanted else Finding.REFUTED
        verdict, keys = ground.verdict(finding), (*more.keys, *less.keys)
        rows.append(AuditItem(f"{more.label} less {less.label}", verdict, measured, number(wanted), keys))
    text = listing([f"{row.label}: {row.measured}" for row in rows])
    verdict = weigh("all", [row.verdict for row in rows])
    difference = "the printed difference of parameter counts"
    return Outcome(verdict, counted(rows), difference, f"{text}.", keys_of(rows), tuple(rows))


ON_RUNS: Mapping[str, RunsCheck] = {"fusion-parameters": fusion_parameters}
