"""The audit's own error rate."""

import json

from workflow.analysis.claims.audit import audit_prints
from workflow.analysis.claims.recheck import drawn, load_recheck
from workflow.analysis.claims.write import audit_json, audit_md


def test_the_sample_is_the_seeds_and_the_audit_says_what_was_derived_now_that_disagreements_are_settled() -> None:
    rows = load_recheck()
    assert sorted({row.claim for row in rows}) == drawn()
    assert len(drawn()) == 60
    found = [row for row in audit_prints(only=drawn()).rows if row.layer != "published"]
    assert {(row.claim, row.layer): row.derived for row in rows} == {
        (row.claim.id, row.layer): row.verdict.word for row in found
    }
    assert all(row.agrees or row.settled for row in rows)


def test_the_audit_states_the_share_its_seed_and_each_disagreement() -> None:
    result, rows = audit_prints(), load_recheck()
    data, text = json.loads(audit_json(result))["recheck"], audit_md(result)
    apart = [row for row in rows if row.derived != row.audit]
    assert (data["agree"], data["total"], data["seed"]) == (len(rows) - len(apart), len(rows), 2405)
    assert [one["claim"] for one in data["disagreements"]] == [row.claim for row in apart] == ["P54"]
    # not misreadings: what such a share does not show
    needed = (
        f"{data['agree']} of {data['total']} verdicts",
        "seed 2405",
        "not misreadings",
        *(row.settled for row in apart),
    )
    assert [words for words in needed if words not in text] == []
