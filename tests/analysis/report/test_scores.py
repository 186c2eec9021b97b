"""Which of a user's models is best: the sentence for each outcome."""

from dataclasses import replace

import pytest

from workflow.analysis.compare.gains import Gain, gain, opposite
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.standing import Ground, Obstacle, Standing
from workflow.analysis.report.scores import Ranking, Scored, best_sentence

OWN = Ground(None, Standing.OWN)
SEEDS = (0.0002, -0.0002, 0.0001, -0.0001, 0.0)
BEATEN, TIED, UNSETTLED = 0.01, 0.0, 0.0004


def over(points: float, spread: float = 1.0) -> Gain:
    """A gain of so much AUC; its metric has no error over test sets."""
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
            "A has the highest AUC on Mine, before B; a comparison needs at least 3 finished seeds of each",
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


def test_what_has_not_run_is_not_beaten() -> None:
    waiting = replace(over(BEATEN), ground=Ground(Obstacle.INCOMPLETE, Standing.OWN), p=None)
    assert "B cannot be compared yet" in best_sentence(ranking(B=waiting, C=over(BEATEN)))
    assert best_sentence(Ranking("mine", "Mine", "table_4", (), ("A",))) == "No model has finished on Mine yet."
