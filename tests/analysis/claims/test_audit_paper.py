"""Layer one: what the paper's own tables and formulas say about its claims."""

from pathlib import Path

import numpy as np
import pytest

from tests.analysis.claims.audit_help import row
from tests.analysis.prints_help import reprinted
from workflow.analysis.claims.audit import audit_prints
from workflow.analysis.claims.method import compared, other_versions
from workflow.analysis.claims.results import AuditResult, Outcome
from workflow.analysis.claims.table_4 import implied_sd
from workflow.analysis.claims.theory import P_GRID, numeric_gradient, smallest_c
from workflow.analysis.evidence.formulas import Head, slope, term
from workflow.analysis.paper.prints import load_paper

CONSISTENT, INCONSISTENT = "consistent", "inconsistent"


@pytest.fixture(scope="module")
def whole() -> AuditResult:
    return audit_prints()


@pytest.fixture(scope="module")
def found(whole: AuditResult) -> dict[str, Outcome]:
    return {one.claim.id: one.outcome for one in whole.rows if one.layer == "paper"}


@pytest.mark.parametrize(
    ("claim", "measured", "named"),
    [
        ("T2.mean_gain", "17 of 18", "Table II DCN rce mean_gain: -0.02, expected = +0.02"),
        ("T2.sign", "-0.0004", ""),
        ("T2.mean_of_gains", "9 of 18", "0.1575, expected truncated to +0.16"),
        ("T2.logloss", "0 printed", "logloss_gain"),
        ("P14", "16 of 24", "criteo DeepFM"),
        ("P21.rce", "11 of 24", ""),
        ("P25.cells", "34 of 40", "SER+VF"),
        ("P26.gauc", "2 of 3", "98.21"),
        ("P26.alone", "2 of 3", "shared with Table III frappe SER+Sum auc"),
        ("P30.auc", "2 of 4", "frappe GM+CF auc: 98.41, expected > 98.51"),
        ("P31.gauc", "21 of 48", ""),
        ("P31.ml-tag", "3 of 12", ""),
        ("P31.kkbox", "4 of 12", ""),
        ("P31.without-ser", "10 of 32", ""),
        ("P31.with-sum.gauc", "26 of 60", ""),
        ("P33.best-gauc", "0.23", ""),
        ("P35.dfm", "1 of 4", "frappe SER+Sum auc: 0,"),
        ("P37", "0 of 2", "0.32"),
        ("P37.scale", "0 of 2", "0.94"),
        ("P46", "4 of 5", "criteo TF4CTR auc: 0.1, expected > 0.1"),
        ("P66.next-best", "0 of 4", "84.24, expected ≥ 84.37"),
        ("P66.rivals", "3 of 4", "criteo TF4CTR auc: 0.02"),
        ("T4.dualmlp-criteo", "3 of 4", "81.4"),
        ("P64.base", "0.2", ""),
        ("P01", "2", "expected = 3"),
        ("P52", "1 of 3", "P52 frappe alpha: 0.45, expected = 0.25"),
        ("P52.low", "0 of 3", "expected = 0.15"),
        ("F8", "c", "γ"),
        ("N01", "MMoE", "MoE"),
        ("T3.print", "9,791", "100"),
        ("T1.ml-1m", "1,006,209", "1,000,209"),
        ("T1.criteo", "5,549,252", "6.09 times"),
        ("T1.criteo-other", "5,549,252", ""),
        ("T2.T3", "0 of 3", "84.29, expected = 84.05"),
        ("E14.simple", "0 of 15", "the gradient at 15 of 15 settings"),
        ("E14.complex", "0 of 15", "the gradient at 15 of 15 settings"),
        ("E14.distinct", "0 of 2", "equal for every p"),
        ("E15.sign", "0 of 8", ""),
        ("E15.gradient", "0 of 12", "the gradient at 0 of 12 settings"),
        ("E07.simple", "15 of 30", "1: 0.135, 2: 0.446, 3: 0.791, 4: 1.146, 5: 1.506"),
        ("P56.monotone", "8 of 9", "c 0.7, γ 3: rises"),
    ],
)
def test_what_does_not_hold_is_found(found: dict[str, Outcome], claim: str, measured: str, named: str) -> None:
    assert found[claim].verdict.word == INCONSISTENT
    assert found[claim].measured.startswith(measured)
    assert named in found[claim].explanation
    assert found[claim].evidence


@pytest.mark.parametrize(
    ("claim", "measured"),
    [
        ("T2.gain", "72 of 72"),
        ("T4.T3", "4 of 4"),
        ("T2.mean_auc", "24 of 24"),
        ("P20", "24 of 24"),
        ("P21", "1 of 1"),
        ("P21.log", "4 of 4"),
        ("P21.focal", "15 of 24"),
        ("P22.best", "24 of 24"),
        ("P25.mean", "24 of 24"),
        ("P26.auc", "3 of 3"),
        ("P28", "0.11"),
        ("P29", "2 of 2"),
        ("P31.auc", "25 of 48"),
        ("P31.frappe", "8 of 12"),
        ("P31.ml-1m", "10 of 12"),
        ("P31.with-sum", "32 of 60"),
        *((f"P{number}.{metric}", "0.") for number in (32, 33, 34, 35) for metric in ("auc", "gauc")),
        ("P37.criteo", "2 of 2"),
        ("P38", "90.545"),
        ("P39", "0.3425"),
        ("P40", "0.185"),
        *((f"P{number}", "0.") for number in range(41, 46)),
        ("P47", "5 of 5"),
        ("P48", "0.41"),
        ("P49.before", "1 of 1"),
        ("P49.after", "1 of 1"),
        ("P50", "5 of 6"),
        ("T5.gain", "9 of 9"),
        ("T6.train", "6 of 6"),
        ("T6.infer", "6 of 6"),
        ("P64", "0.22"),
        ("E13", "2 of 2"),
        ("E07.complex", "35 of 35"),
        ("P23", "3 of 3"),
    ],
)
def test_what_holds_passes(found: dict[str, Outcome], claim: str, measured: str) -> None:
    assert found[claim].verdict.word == CONSISTENT
    assert found[claim].measured.startswith(measured)


def test_a_suspect_print_is_doubtful_and_no_more(found: dict[str, Outcome]) -> None:
    assert found["T4.edcn"].verdict.word == "doubtful"
    assert found["T4.edcn"].measured == "0.76"


def test_what_the_paper_leaves_out_is_no_contradiction(found: dict[str, Outcome]) -> None:
    assert (found["T4.dualmlp"].verdict.word, found["T4.dualmlp"].measured) == ("omitted", "0 printed")


def test_truncation_tells_itself_from_rounding(found: dict[str, Outcome]) -> None:
    assert "Rounding would give 13 of 24." in found["T2.mean_auc"].explanation
    assert "Rounding would give 3 of 6." in found["T6.train"].explanation


def test_implied_spreads_of_the_p_values(found: dict[str, Outcome]) -> None:
    for sd in ("0.066", "0.137", "0.115", "0.057", "0.020"):
        assert f"pooled sd of {sd}" in found["P47"].explanation
    assert implied_sd(1.0, 0.05, 5) == pytest.approx(1 / (2.306004 * np.sqrt(0.4)), rel=1e-6)


@pytest.mark.parametrize(
    ("claim", "place", "new", "verdict"),
    [
        # of a table
        ("T2.mean_gain", "2 DCN rce mean_gain", "-0.02", CONSISTENT),
        ("P20", "2 kkbox DualMLP twin_focus auc", "84.07", INCONSISTENT),
        ("T2.gain", "2 kkbox DualMLP twin_focus auc", "84.28", INCONSISTENT),
        ("P31.auc", "3 ml-tag SER CF auc", "97.11", INCONSISTENT),
        ("P46", "4 criteo TF4CTR auc", "81.51", CONSISTENT),
        ("P45", "4 criteo TF4CTR auc", "81.51", INCONSISTENT),
        ("T1.ml-1m", "1 ml-1m instances", "1,000,209", CONSISTENT),
        ("P64", "6 kkbox TF4CTR_(SER+MoEF) train_ratio", "1.31x", INCONSISTENT),
        ("T6.train", "6 kkbox CL4CTR train_s", "64", INCONSISTENT),
        ("T4.edcn", "4 ml-tag EDCN auc", "96.93", CONSISTENT),
        ("P47", "4 frappe p_value", "7.26e-2", INCONSISTENT),
        # of the text
        ("P01", "P01 limitations", "3", CONSISTENT),
        ("P34.auc", "P34.auc gain", "0.42", INCONSISTENT),
        ("P38", "P38 auc", "90.55", INCONSISTENT),
        ("P14", "P14 bar", "0.01", CONSISTENT),
        ("P10", "P10 sparsity", "99.9999", INCONSISTENT),
    ],
)
def test_a_changed_digit_changes_the_verdict(tmp_path: Path, claim: str, place: str, new: str, verdict: str) -> None:
    changed = reprinted(tmp_path, {tuple(part.replace("_(", " (") for part in place.split()): new})
    assert row(claim, "paper").verdict.word != verdict
    assert row(claim, "paper", paper=changed).verdict.word == verdict


def test_the_optima_are_compared_with_the_alpha_of_the_text(tmp_path: Path) -> None:
    changed = reprinted(tmp_path, {("P24", "alpha"): "0.45"})
    items = row("P52", "paper", paper=changed).items
    assert [item.label for item in items if item.verdict.word == CONSISTENT] == ["P52 frappe alpha"]
    assert {item.expected for item in items} == {"= 0.45"}


# -- other versions -------------------------------------------------------------------


def test_what_changed_between_versions_is_named_with_both_prints(tmp_path: Path) -> None:
    """A second version, made up from the first by changing a print."""
    assert other_versions(tmp_path) == ()
    reprinted(tmp_path, {("3", "frappe", "SER", "WSF", "auc"): "98.73"}, "prints.v9.csv")
    (other,) = other_versions(tmp_path)
    found = compared(load_paper(), [other])
    assert (other.about.version, found.verdict.word) == ("v9", "changed between versions")
    (item,) = found.items
    assert (item.expected, item.measured) == ("98.72", "98.73 in v9")
    assert "frappe" in item.label
    assert "v1 beside" in found.explanation
    assert compared(load_paper(), [load_paper()]).verdict.word == "consistent"
    assert compared(load_paper(), []).verdict.word == "none known"


# -- theory ---------------------------------------------------------------------------


def test_the_numeric_gradient_is_the_derivative_by_hand() -> None:
    c, gamma = 0.8, 2.0
    by_hand_P = (c + P_GRID) * (1 - P_GRID) * (c + P_GRID + gamma * P_GRID * np.log(P_GRID))
    np.testing.assert_allclose(numeric_gradient("simple", P_GRID, c, gamma), by_hand_P, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("head", ["simple", "complex"])
def test_the_closed_gradient_is_the_numeric_one_and_the_other_heads_is_not(head: Head) -> None:
    true_P = numeric_gradient(head, P_GRID, 0.8, 2.0)
    np.testing.assert_allclose(slope(head, P_GRID, 0.8, 2.0), true_P, rtol=1e-7, atol=1e-9)
    other: Head = "simple" if head == "complex" else "complex"
    assert np.abs(slope(other, P_GRID, 0.8, 2.0) - true_P).max() > 0.1


@pytest.mark.parametrize("gamma", [1.0, 2.0, 3.0, 4.0, 5.0])
def test_the_bound_is_the_closed_form_and_the_loss_itself_turns_there(gamma: float) -> None:
    bound = smallest_c("simple", gamma)
    assert bound == pytest.approx(gamma * np.exp(-(1 + 1 / gamma)), abs=1e-6)
    p_P = np.linspace(1e-4, 1 - 1e-4, 20_001)
    assert np.all(np.diff(term("simple", p_P, bound + 0.01, gamma)) < 0)
    assert np.any(np.diff(term("simple", p_P, bound - 0.01, gamma)) > 0)
