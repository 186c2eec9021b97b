"""Checks that only one claim or two need, by name: what `test: function` in the registry means."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import sqrt

from scipy import special

from workflow.analysis.claims import logs, theory, versions
from workflow.analysis.claims.cells import Runs
from workflow.analysis.claims.evaluate import Evaluated, Scope, evaluate
from workflow.analysis.claims.expressions import Cells, Difference, Selector
from workflow.analysis.claims.relation import Words, many
from workflow.analysis.claims.results import AuditItem, Outcome, listing, number
from workflow.analysis.claims.runs import counted, keys_of, weigh
from workflow.analysis.evidence.verdict import Finding, joined
from workflow.analysis.paper.prints import load_paper

PrintCheck = Callable[[Scope, Words], Outcome]
RunsCheck = Callable[[Scope, Runs], Outcome]
SWEPT_C, USED_C = (0.5, 0.7, 0.8, 0.9, 1.0), (0.7, 0.8, 0.9)
GAMMAS = (1.0, 2.0, 3.0)
STEPS = theory.grid(USED_C, GAMMAS[:-1])  # each γ to the next
P_LIMIT, P_RUNS = Fraction(1, 100), 5  # section 4.2.3: below 0.01, from five runs a side


def p_values(scope: Scope, words: Words) -> Outcome:
    """Say what spread over seeds each p-value of Table IV implies at its gap to the best baseline."""
    rows = []
    for item in scope.items((Selector(table="4", metric="p_value"),)):
        p = Evaluated(item.value, (item,)).exact(scope)
        own = Cells(cells=Selector(table="4", dataset="$dataset", model="TF4CTR", metric="auc"))
        others = {"table": "4", "dataset": "$dataset", "model": {"other_than": ["TF4CTR"]}, "metric": "auc"}
        best = Cells(cells=Selector.model_validate(others), reduce="max")
        gap = evaluate(scope, Difference(minus=(own, best)), item)
        sd = implied_sd(float(gap.exact(scope)), float(p), P_RUNS)
        rows.append(
            AuditItem(
                item.label,
                words.good if p < P_LIMIT and gap.exact(scope) > 0 else words.bad,
                f"p = {item.text} at a gap of {number(gap.exact(scope))} needs a pooled sd of {sd:.3f}",
                "p < 0.01",
                (item.label, *(fact.label for fact in gap.facts)),
            )
        )
    holding = sum(row.verdict == words.good for row in rows)
    extra = f"A two-sided t test of {P_RUNS} + {P_RUNS} runs: {listing([row.measured for row in rows])}."
    return many("all", holding, tuple(rows), words, extra)


def implied_sd(gap: float, p: float, runs: int) -> float:
    """Pooled standard deviation at which `runs` a side give this p-value for this gap.

    Parameters
    ----------
    gap : float
        Difference of the means.
    p : float
        Two-sided p-value of Student's test, in (0, 1).
    runs : int
        Runs on each side.

    Returns
    -------
    float
        In the unit of the gap.

    Examples
    --------
    >>> round(implied_sd(0.26, 2.44e-4, 5), 3)
    0.066
    """
    return gap / (-float(special.stdtrit(2 * runs - 2, p / 2)) * sqrt(2 / runs))


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


ON_PRINTS: Mapping[str, PrintCheck] = {
    "p-values": p_values,
    "eq-13": lambda _, words: theory.fused_gradient(words),
    "eq-14-simple": lambda _, words: theory.gradient("simple", "simple", theory.grid(SWEPT_C, GAMMAS), words),
    "eq-14-complex": lambda _, words: theory.gradient("complex", "complex", theory.grid(SWEPT_C, GAMMAS), words),
    "eq-14-distinct": lambda _, words: theory.forms("simple", "complex", False, theory.grid((0.7, 0.9), (1.0,)), words),
    "eq-15-sign": lambda _, words: theory.forms(
        "simple", "complex", True, theory.grid(SWEPT_C[:-1], GAMMAS[1:]), words
    ),
    "eq-15-gradient": lambda _, words: theory.gradient("complex", "simple", theory.grid(SWEPT_C[:-1], GAMMAS), words),
    "eq-15-simple": lambda _, words: theory.forms("simple", "simple", True, theory.grid(SWEPT_C[:-1], GAMMAS), words),
    "eq-7-simple": lambda _, words: theory.monotone(
        "simple", theory.grid((0.5, 0.6, 0.7, 0.8, 0.9, 1.0), (*GAMMAS, 4.0, 5.0)), words
    ),
    "eq-7-complex": lambda _, words: theory.monotone(
        "complex", theory.grid((0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0), (*GAMMAS, 4.0, 5.0)), words
    ),
    "eq-7-used": lambda _, words: theory.monotone("simple", theory.grid(USED_C, GAMMAS), words),
    # section 3.5 and figure 4: classes by p, at the final values of c, from each γ that the paper selects to the next
    "misclassified-simple": lambda _, words: theory.with_gamma("simple", (0.0, 0.3), False, STEPS, words),
    "others-simple": lambda _, words: theory.with_gamma("simple", (0.3, 1.0), True, STEPS, words),
    "misclassified-complex": lambda _, words: theory.with_gamma("complex", (0.0, 0.3), True, STEPS, words),
    "others-complex": lambda _, words: theory.with_gamma("complex", (0.3, 1.0), False, STEPS, words),
    "crosspoints": lambda _, words: theory.crossing(theory.grid(SWEPT_C[:-1], GAMMAS), words),
    "hard-gradient-simple": lambda _, words: theory.hard_gradient("simple", True, theory.grid(USED_C, GAMMAS), words),
    "hard-gradient-complex": lambda _, words: theory.hard_gradient(
        "complex", False, theory.grid(USED_C, GAMMAS), words
    ),
    "versions": lambda _, __: versions.compared(load_paper(), versions.other_versions()),
    "focal-weight": lambda _, words: theory.weight(1.0, GAMMAS, words),
    "best-on-test": lambda scope, _: logs.selection(scope, ("test_auc", "test_gauc")),
    "best-on-validation": lambda scope, _: logs.selection(scope, ("best_monitor",)),
    "five-seeds-on-five": lambda scope, _: logs.repeats(scope, Selector(source="logs", model="TF4CTRv2"), 5, 5),
    "two-seeds-of-one": lambda scope, _: logs.repeats(scope, Selector(source="logs"), 2),
    "five-seeds-of-one": lambda scope, _: logs.repeats(scope, Selector(source="logs"), 5),
}
ON_RUNS: Mapping[str, RunsCheck] = {"fusion-parameters": fusion_parameters}
