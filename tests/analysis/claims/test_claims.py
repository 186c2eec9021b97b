"""The registry: what it accepts, and its messages about faults."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow.analysis.claims.audit import ON_FACTS, ON_RUNS, audit_prints
from workflow.analysis.claims.registry import load_claims
from workflow.analysis.paper.author_logs import LOGS_PATH, load_logs
from workflow.errors import UserError
from workflow.plan.config import ROOT

GOOD: dict[str, Any] = {
    "id": "X01",
    "place": "Table II",
    "kind": "count",
    "rank": "secondary",
    "means": "two is two",
}


def _load(tmp_path: Path, *claims: dict[str, Any]) -> Any:
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump({"claims": list(claims)}))
    load_claims.cache_clear()
    return load_claims(path)


def test_the_projects_own_registry_is_valid_and_covers_the_prose_claims() -> None:
    ids = {claim.id.partition(".")[0] for claim in load_claims()}
    # P30 to P67 and the rest of the 67 statements; readings share a number
    assert {f"P{number:02}" for number in range(1, 68)} <= ids
    assert {*ON_RUNS, *(name for checks in ON_FACTS.values() for name in checks)} == {
        claim.id for claim in load_claims()
    }


def test_quotes_are_short() -> None:
    assert all(len(claim.quote.split()) <= 16 for claim in load_claims() if claim.quote)


def test_no_verdict_is_written_into_the_registry() -> None:
    text = (ROOT / "paper" / "claims.yaml").read_text()
    for word_ in ("verdict:", "inconsistent", "contradicted", "refuted", "unsupported"):
        assert word_ not in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quot": "x"}, r"claim X01: quot: unknown key; did you mean 'quote'"),
        ({"id": "x 1"}, r"claim x 1: id: "),
        ({"kind": "countt"}, r"kind: no 'countt'; did you mean 'count'"),
        ({"rank": "centrl"}, r"claim X01: rank: no 'centrl'; did you mean 'central'"),
        ({"means": 2}, r"means: must be text; put it in quotes"),
    ],
)
def test_a_fault_names_claim_and_key(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        _load(tmp_path, {**GOOD, **change})


def test_two_claims_may_not_share_an_id(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="two claims have the id X01"):
        _load(tmp_path, GOOD, GOOD)


def test_a_missing_registry_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        load_claims(tmp_path / "none.yaml")


def test_logs_without_a_needed_column_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "logs.csv"
    path.write_text("dataset,log\nFrappe,a.log\n")
    with pytest.raises(UserError, match="lacks column 'SSM'"):
        load_logs(path)


def test_a_log_with_a_word_for_a_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "logs.csv"
    path.write_text(LOGS_PATH.read_text().replace(",511.79,", ",soon,"))
    with pytest.raises(UserError, match=r"logs\.csv: line 3: train_s_mean: 'soon' is no number; restore it"):
        load_logs(path)


def test_two_quotes_side_by_side_are_not_counted() -> None:
    result = audit_prints()
    quoted = {row.claim.id for row in result.rows if row not in result.computed}
    assert quoted == {"P01", "P02", "P13", "N01", "F8", "T3.print"}
