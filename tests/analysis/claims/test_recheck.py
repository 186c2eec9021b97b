"""The audit's own error rate."""

import json

from workflow.analysis.claims.audit import audit_prints
from workflow.analysis.claims.recheck import drawn, load_recheck
from workflow.analysis.claims.write import audit_json, audit_md


def test_the_claims_are_those_that_the_seed_draws() -> None:
    assert sorted({row.claim for row in load_recheck()}) == drawn()
    assert len(drawn()) == 60


def test_every_layer_of_a_drawn_claim_was_derived() -> None:
    claims = drawn()
    layers = {(row.claim.id, row.layer) for row in audit_prints(only=claims).rows if row.layer != "published"}
    assert {(row.claim, row.layer) for row in load_recheck()} == layers


def test_the_audit_says_what_was_derived_now_that_disagreements_are_settled() -> None:
    found = {(row.claim.id, row.layer): row.verdict.word for row in audit_prints(only=drawn()).rows}
    for row in load_recheck():
        assert found[row.claim, row.layer] == row.derived, row
        assert row.agrees or row.settled


def test_the_audit_states_the_share_its_seed_and_each_disagreement() -> None:
    result, rows = audit_prints(), load_recheck()
    data, text = json.loads(audit_json(result))["recheck"], audit_md(result)
    apart = [row for row in rows if row.derived != row.audit]
    assert (data["agree"], data["total"], data["seed"]) == (len(rows) - len(apart), len(rows), 2405)
    assert [one["claim"] for one in data["disagreements"]] == [row.claim for row in apart] == ["P54"]
    assert f"{data['agree']} of {data['total']} agree" in text
    assert "seed 2405" in text
    for row in apart:
        assert row.settled in text
    assert "not misreadings" in text  # what such a share does not show
