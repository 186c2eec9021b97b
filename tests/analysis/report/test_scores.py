"""Which of a user's models is best: the sentence for each outcome."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import yaml

from workflow.analysis.compare.gains import Gain, gain, opposite
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Ground, Obstacle, Standing
from workflow.analysis.report.scores import Ranking, Scored, best_sentence, of_own
from workflow.plan.campaign import Plan

OWN = Ground(None, Standing.OWN)
SEEDS = (0.0002, -0.0002, 0.0001, -0.0001, 0.0)
BEATEN, TIED, UNSETTLED = 0.01, 0.0, 0.0004


def over(points: float, spread: float = 1.0) -> Gain:
    """A gain of this AUC; its metric has no error over test sets."""
    first = Sample(tuple(0.8 + points + spread * each for each in SEEDS), OWN, metric="other", key="first")
    return gain(first, Sample(tuple(0.8 - spread * each for each in SEEDS), OWN, metric="other", key="second"))


def ranking(**gains: Gain | None) -> Ranking:
    models = [Scored(name, ("80.00", "–", "0.4"), (), found) for name, found in gains.items()]
    return Ranking("mine", "Mine", "table_4", (Scored("A", ("81.00", "–", "0.3"), ()), *models), ())


def test_the_gains_have_the_words_that_their_names_say() -> None:
    found = [over(BEATEN), over(TIED), over(UNSETTLED, 5.0)]
    assert [one.verdict.finding for one in found] == [Finding.GAIN, Finding.EQUAL, Finding.OPEN]


@pytest.mark.parametrize(
    ("gains", "sentence"),
    [
        ({}, "A is the only model that has finished on Mine: AUC 81.00."),
        (
            {"B": None},
            "A has the highest AUC on Mine, before B; more than 40 models are not compared with each other.",
        ),
        ({"B": over(BEATEN)}, "A is the best model on Mine: it leads B, by +1.00 ["),
        ({"B": over(BEATEN), "C": over(BEATEN)}, "A is the best model on Mine: it leads B and 1 more model"),
        ({"B": over(TIED)}, "A has the highest AUC on Mine: it is tied with B."),
        ({"B": over(TIED), "C": over(BEATEN)}, "A has the highest AUC on Mine: it beats C, by +1.00 ["),
        ({"B": over(UNSETTLED, 5.0)}, "A has the highest AUC on Mine: its lead over B, by +0.04 ["),
        ({"B": None, "C": over(BEATEN)}, "; B cannot be compared yet."),
        ({name: over(TIED) for name in "BCDEF"}, "it is tied with B, C and 3 more."),
    ],
)
def test_the_sentence_says_what_is_best_and_what_is_tied(gains: dict[str, Gain | None], sentence: str) -> None:
    text = best_sentence(ranking(**gains))
    assert sentence in text
    assert text.endswith(".")
    assert text.count("  ") == 0


def test_a_comparison_from_its_other_side_has_the_other_sign_and_the_same_p() -> None:
    found = over(BEATEN)
    turned = opposite(found)
    assert turned.mean == pytest.approx(-0.01)
    assert turned.p == found.p
    assert turned.interval is not None
    assert found.interval is not None
    assert (turned.interval.low, turned.interval.high) == pytest.approx((-found.interval.high, -found.interval.low))
    assert turned.verdict.finding is Finding.LOSS
    assert opposite(turned).ours == found.ours


@pytest.fixture
def own(config: Path, make_plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """Return a function that plans the user's experiments, of three models each, on the paper's Frappe."""
    for name in ("mine", "second"):
        arms = [{"label": label, "model": {"name": label}, "loss": {"name": "log"}} for label in ("DNN", "DCN", "EDCN")]
        values = {
            "name": name,
            "title": f"Title of {name}",
            "at": {"table": name},
            "datasets": ["frappe"],
            "arms": arms,
        }
        (config / "experiments" / f"{name}.yaml").write_text(yaml.safe_dump(values))
    return partial(make_plan, datasets=["frappe"], seeds=[1, 2, 3])


def filled(plan: Plan, put: Callable[..., Path], failed: str = "", missing: str = "") -> Evidence:
    """Runs in which DNN is the best; the first run of one model failed, and two of another are missing."""
    for cell in plan.cells:
        for place, run in enumerate(cell.runs):
            if cell.label != missing or place == 0:
                auc = 0.98 + 0.01 * (cell.label == "DNN") + 0.02 * (cell.label == missing)
                put(run, auc=auc + 1e-4 * place, failure="no" if cell.label == failed and place == 0 else None)
    return Evidence.load(plan)


def test_a_users_own_models_have_a_word_under_any_protocol(own: Callable[..., Plan], put: Callable[..., Path]) -> None:
    plan = own(experiments=["mine"], limits={"training": {"max_epochs": 3}, "network": {}})
    (found,) = of_own(filled(plan, put))
    assert [one.gain.ground.standing for one in found.models if one.gain] == [Standing.OTHER_PROTOCOL] * 2
    assert [one.verdict.finding for one in found.models if one.verdict] == [Finding.GAIN] * 2
    assert "DNN is the best model on Frappe" in best_sentence(found)


def test_models_that_lack_runs_come_last_and_hide_no_other(own: Callable[..., Plan], put: Callable[..., Path]) -> None:
    (found,) = of_own(filled(own(experiments=["mine"]), put, missing="EDCN"))
    assert [(one.label, bool(one.lacks)) for one in found.models] == [("DNN", False), ("DCN", False), ("EDCN", True)]
    sentence = best_sentence(found)
    assert "of the models with all their runs: it beats DCN" in sentence
    assert "EDCN cannot be compared yet" in sentence
    (found,) = of_own(filled(own(experiments=["mine"]), put, missing="EDCN", failed="DCN"))
    assert (
        best_sentence(found) == "DNN is the only model with all its runs on Frappe; of EDCN 1 of 3 runs have finished."
    )
    (found,) = of_own(filled(own(experiments=["mine"]), put, failed="DNN"))
    assert [one.label for one in found.models] == ["DCN", "EDCN", "DNN"]


def test_two_experiments_on_one_dataset_are_told_apart(own: Callable[..., Plan], put: Callable[..., Path]) -> None:
    found = of_own(filled(own(experiments=["mine", "second"]), put))
    assert [one.title for one in found] == ["Frappe (Title of mine)", "Frappe (Title of second)"]


def test_what_has_not_run_is_not_beaten() -> None:
    waiting = replace(over(BEATEN), ground=Ground(Obstacle.INCOMPLETE, Standing.OWN), p=None)
    assert "B cannot be compared yet" in best_sentence(ranking(B=waiting, C=over(BEATEN)))
    assert best_sentence(Ranking("mine", "Mine", "table_4", (), ("A",))) == "No model has finished on Mine yet."
