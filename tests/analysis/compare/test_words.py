"""The vocabulary: order of missing runs, standings, the definition of protocol, and agreement of all pages."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.analysis.conftest import CLOSE
from tests.made_records import HEX, made_timing
from workflow.analysis.claims.audit import audit
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.numbers import number
from workflow.analysis.compare.swept import sweeps_of
from workflow.analysis.compare.words import WORDS, Finding, Verdict, verdict
from workflow.analysis.evidence.load import Evidence, record_data
from workflow.analysis.evidence.standing import BEARING, Ground, Obstacle, Standing, data_standing, ground_of, joined
from workflow.analysis.tables.table_6 import readings_of
from workflow.plan.campaign import Plan
from workflow.plan.config import check_campaign, load_dataset, load_experiment
from workflow.spec import RunSpec
from workflow.train.record import read_record
from workflow.train.timing_record import write_timing

MakePlan = Callable[..., Plan]
Put = Callable[..., Path]


def test_every_word_has_a_sign_and_a_tone() -> None:
    assert {word for word in WORDS if not word.sign} == {Finding.NONE}
    assert all(word.tone for word in WORDS)


@pytest.mark.parametrize(("obstacle", "standing"), [*product((None, *Obstacle), (None, *Standing))])
def test_obstacles_come_first_and_only_the_papers_data_show_a_finding(
    obstacle: Obstacle | None, standing: Standing | None
) -> None:
    ground = Ground(obstacle, standing)
    if obstacle is None and standing is None:
        return  # nothing that has run is without a standing
    told = verdict(ground, Finding.HOLDS, weak=True)
    tells = standing in (*BEARING, Standing.OWN)  # on own data of the models, not of the paper
    assert told.shown == (obstacle or (Finding.HOLDS if tells else standing))
    assert ground.bears is (told.finding is Finding.HOLDS and standing is not Standing.OWN)
    assert told.weak is (told.finding is Finding.HOLDS)


@pytest.mark.parametrize(
    ("statuses", "obstacle"),
    [
        (["ok", "ok"], None),
        (["not run", "not run"], Obstacle.NOT_RUN),
        (["ok", "not run"], Obstacle.INCOMPLETE),
        (["ok", "failed", "not run"], Obstacle.FAILED),
        (["failed", "not run"], Obstacle.FAILED),
    ],
)
def test_the_order_of_obstacles(statuses: list[str], obstacle: Obstacle | None) -> None:
    assert ground_of(statuses, [Standing.PUBLISHED]).obstacle is obstacle


def test_the_weakest_standing_decides() -> None:
    found = joined(Ground(None, standing) for standing in (Standing.PUBLISHED, Standing.STAND_IN, Standing.REDRAWN))
    assert verdict(found, Finding.GAIN) == Verdict(None, Standing.STAND_IN)


@pytest.mark.parametrize("standing", Standing)
def test_what_is_not_about_the_paper_has_a_word_on_all_but_synthetic_data(standing: Standing) -> None:
    found = verdict(Ground(None, standing), Finding.GAIN, about_paper=False)
    assert (found.finding is None) == (standing is Standing.SYNTHETIC)


# -- standings of data ----------------------------------------------------------------

MIRROR = {
    "frappe": ("ea21102fd8c7e5cab6ec7c9eefbb4fee27d74c9530cbae36aa620f58b7df2720", Standing.REDRAWN),
    "ml-1m": ("3680814de98322fe18b8ca40d38bb8f2b3337849d416aa5711bc12daaffbcae4", Standing.REDRAWN),
    "ml-tag": ("093b0994e0dc841128b31dc40732910329f925f487dc7411465a5b65ef4eae55", Standing.STAND_IN),
    "kkbox": ("d79284fa15f3321617b886ba386363945bebfe71ac0ca1dfe855f2d4ccafc152", Standing.STAND_IN),
    "criteo": ("32b1237d8ef50685e66df3b02cdd557195a5795164a6331b058b5b07cbf9d988", Standing.STAND_IN),
}


@pytest.mark.parametrize("name", MIRROR)
def test_the_shipped_datasets_list_the_known_archives(name: str) -> None:
    config, (sha256, standing) = load_dataset(name), MIRROR[name]
    found, reason = data_standing(config, "other", {config.source.archive: sha256})
    assert found is standing
    assert reason
    assert data_standing(config, "other", {config.source.archive: HEX})[0] is Standing.STAND_IN  # other bytes
    assert data_standing(config, "twin", {config.source.archive: sha256})[0] is Standing.SYNTHETIC
    best = Standing.REDRAWN if name == "ml-1m" else Standing.PUBLISHED  # whose split was never published
    assert data_standing(config, "published", {config.source.archive: HEX})[0] is best


def test_a_record_quotes_the_reason(make_plan: MakePlan, put: Put) -> None:
    run = make_plan().cells_of("table_3")[0].runs[0]
    record = read_record(put(run, origin="other", archive=CLOSE))
    assert record_data(record) == (Standing.REDRAWN, "train negatives drawn again")


# -- one question, one answer ---------------------------------------------------------

SEEDS = [1, 2, 3, 4, 5]
STATES = {
    # state: changes of the campaign, how runs are written, finished seeds, one failed → what all say, standing
    "published": ({}, {}, 5, False, None, Standing.PUBLISHED),
    "redrawn": ({}, {"origin": "other", "archive": MIRROR["frappe"][0]}, 5, False, None, Standing.REDRAWN),
    "stand-in": ({}, {"origin": "other"}, 5, False, "stand-in", Standing.STAND_IN),
    "twin": ({"twin": {"rows": 500}}, {"origin": "twin"}, 5, False, "synthetic", Standing.SYNTHETIC),
    "limits": ({"limits": {"training": {"max_epochs": 2}}}, {}, 5, False, "other protocol", Standing.OTHER_PROTOCOL),
    "bf16": ({"precision": "bf16"}, {}, 5, False, "other protocol", Standing.OTHER_PROTOCOL),
    "tf32": ({"precision": "tf32"}, {}, 5, False, "other protocol", Standing.OTHER_PROTOCOL),
    "failed seed on other data": ({}, {"origin": "other"}, 5, True, "failed", Standing.STAND_IN),
    "failed seed": ({}, {}, 5, True, "failed", Standing.PUBLISHED),
    "one seed of five": ({}, {}, 1, False, "incomplete", Standing.PUBLISHED),
    "nothing": ({}, {}, 0, False, "not run", None),
}


def _plan(changes: dict[str, Any]) -> Plan:
    values = {"campaign": "state", "datasets": ["frappe"], "experiments": ["table_3", "table_6", "figure_6"]}
    return Plan(check_campaign({**values, "seeds": SEEDS, "preset": "paper", **changes}, "test"))


def _told(evidence: Evidence) -> dict[str, Verdict]:
    """The verdicts of the table, a gain, the sweep, the timing and the audit for the same state."""
    cells = {one.label: one for one in evidence.cells("table_3")}
    rows = audit(evidence, only=["P33.auc", "P33.gauc", "P52"]).rows
    items = {row.claim.id: row.outcome for row in rows if row.layer == "runs"}
    swept = next(item for item in items["P52"].items if "frappe" in item.label)
    told = {
        "table": number(evidence, cells["SER+WSF"], "auc").verdict,
        "gain": comparisons_of(evidence)["pairing:SER+WSF@frappe"].verdict,
        "sweep": sweeps_of(evidence)["figure_6", "frappe"].verdict,
        "audit of a gain": items["P33.auc"].verdict,
        "audit of an optimum": swept.verdict,
    }
    if readings := readings_of(evidence, "table_6"):
        told["timing"] = readings["xDeepFM"]["train"].verdict
    return told


@pytest.mark.parametrize("state", STATES)
def test_every_page_says_the_same_of_the_same_state(
    state: str, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier each of these pages had its own order and definition."""
    monkeypatch.chdir(tmp_path)
    changes, written, finished, failed, word, standing = STATES[state]
    plan = _plan(changes)
    wanted = {("table_3", "SER+WSF"), ("table_3", "Share+Sum")}
    cells = [cell for cell in plan.cells if cell.experiment == "figure_6" or (cell.experiment, cell.label) in wanted]
    for cell in cells:
        for run in cell.runs[:finished]:
            put(run, auc=_score(cell.at, run), **written)
        if failed:
            put(cell.runs[0], failure="no memory", **written)
    if finished == len(SEEDS) and not failed:
        origin = "other" if "archive" in written else written.get("origin", "published")
        made = made_timing(
            plan, lambda place, _: ([place + each for each in (1.0, 1.1, 1.05)], [0.5, 1.0, 0.7]), origin
        )
        write_timing(plan.timing_path, made)
    told = _told(Evidence.load(plan))
    if state == "redrawn":
        del told["timing"]  # whose data are identified by their fingerprint, which no metadata here has
    if word is not None:
        assert {name: verdict.word for name, verdict in told.items()} == dict.fromkeys(told, word)
        assert {verdict.standing for verdict in told.values()} == {standing}
    else:
        assert {name: verdict.standing for name, verdict in told.items()} == dict.fromkeys(told, standing)
        assert {name: verdict.word for name, verdict in told.items() if name != "timing"} == {
            "table": "consistent",
            "gain": "holds",
            "sweep": "seen",
            "audit of a gain": "holds",
            "audit of an optimum": "seen",
        }


def test_another_reading_of_lists_is_another_protocol(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for preset, standing in (("paper", Standing.PUBLISHED), ("bars", Standing.OTHER_PROTOCOL)):
        plan = _plan({"datasets": ["kkbox"], "experiments": ["table_3"], "preset": preset, "seeds": [1]})
        put(plan.cells[0].runs[0])
        assert Evidence.load(plan).cells("table_3")[0].ground == Ground(None, standing)


def test_an_override_cannot_hide_another_precision(config: Path, make_plan: MakePlan, put: Put) -> None:
    """The paper's plan has the same override, so that only the precision itself tells."""
    path = config / "experiments" / "table_3.yaml"
    values = yaml.safe_load(path.read_text())
    place = {"dataset": "frappe", "at": {"model": "DualMLP", "loss": "log"}}
    values["overrides"].append({**place, "source": "test", "set": {"training.precision": "bf16"}})
    path.write_text(yaml.safe_dump(values))
    load_experiment.cache_clear()
    plan = make_plan(experiments=["table_3"], datasets=["frappe"])
    cells = {cell.label: cell for cell in plan.cells}
    for label in ("DualMLP (log loss)", "SER+Sum"):
        put(cells[label].runs[0])
    found = {one.label: one.ground.standing for one in Evidence.load(plan).cells("table_3")}
    assert found["DualMLP (log loss)"] is Standing.OTHER_PROTOCOL
    assert found["SER+Sum"] is Standing.PUBLISHED


def _score(at: Any, run: RunSpec) -> float:
    best = at.get("alpha") == "0.45"  # Figure 6's stated optimum on Frappe
    base = 0.99 if best else 0.9872 if at.get("dfm") == "WSF" or at.get("alpha") == "0.25" else 0.9851
    return base + run.seed / 1e5
