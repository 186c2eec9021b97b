"""Probes: what they record, against plain re-computation; that they change nothing; a kill."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models import build_model
from models.losses import log_loss, twin_focus_loss
from tests.train.conftest import CPU, killed_in, run, trace
from tests.train.prepared import run_spec
from workflow.settings import DNN, TF4CTR, DualMLP, LogLoss, LossSettings, ModelSettings, TwinFocusLoss
from workflow.spec import Probes, RunSpec
from workflow.train.probes import class_counts, gradient_norm, histogram, random_state_kept, shortest
from workflow.train.record import ProbeData
from workflow.train.resident import Resident

ALL = Probes(histogram_epochs=(1, 3), gradient_norm_epochs=(1, 2), sample_classes=True)
# Draws Gumbel noise in evaluation too, so that a careless probe would shift the generator.
NOISY = TF4CTR(dfm="VF", noise_at_eval=True, simple_units=(8,), complex_units=(8,), dropout=0.2)


def spec_with(probes: Probes, model: ModelSettings, loss: LossSettings | None = None, **training: Any) -> RunSpec:
    return run_spec(model=model, loss=loss, **training).model_copy(update={"probes": probes})


def f32(values: Sequence[float]) -> npt.NDArray[np.float32]:
    return np.asarray(values, dtype=np.float32)


@pytest.mark.parametrize(
    ("model", "loss"),
    [
        (NOISY, TwinFocusLoss()),
        (TF4CTR(dfm="CF", simple_units=(8,), complex_units=(8,)), LogLoss()),
        (DualMLP(simple_units=(8,), complex_units=(8,), dropout=0.1), TwinFocusLoss()),
    ],
)
def test_the_training_is_the_same_bit_for_bit(data: Resident, model: ModelSettings, loss: LossSettings) -> None:
    plain = run(spec_with(Probes(), model, loss), data)
    probed = run(spec_with(ALL, model, loss), data)
    assert trace(probed) == trace(plain)
    assert plain.probes == ProbeData()
    assert probed.probes != ProbeData()


def test_what_is_recorded_is_what_was_asked(data: Resident) -> None:
    probes = run(spec_with(ALL, DualMLP(simple_units=(8,), complex_units=(8,))), data).probes
    assert [(h.epoch, h.split) for h in probes.histograms] == [(1, "train"), (1, "valid"), (3, "train"), (3, "valid")]
    assert [(g.epoch, len(g.simple), len(g.complex)) for g in probes.gradient_norms] == [(1, 12, 12), (2, 12, 12)]
    assert [(c.epoch, c.split) for c in probes.class_counts] == [
        (epoch, split) for epoch in (1, 2, 3, 4) for split in ("valid", "test")
    ]
    for counts in probes.histograms:
        split = getattr(data, counts.split)
        assert sum(counts.positives) == int(split.labels_N.sum())
        assert sum(counts.positives) + sum(counts.negatives) == split.rows


def test_counts_are_those_of_the_scores(data: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run ends at its best epoch, and the scores that it keeps are those of that epoch."""
    spec = spec_with(ALL, DNN(hidden_units=(8,)), max_epochs=1, keep_scores=True)
    spec = spec.model_copy(update={"probes": ALL.model_copy(update={"gradient_norm_epochs": ()})})
    result = run(spec, data)
    for counts in result.probes.class_counts:
        y_N, score_N = getattr(data, counts.split).labels_N, result.scores[counts.split]
        p_t_N = np.where(y_N == 1, score_N, 1 - score_N)
        for label, found in ((1, counts.positives), (0, counts.negatives)):
            own = p_t_N[y_N == label]
            assert found == (int((own < 0.3).sum()), int(((own >= 0.3) & (own < 0.6)).sum()), int((own >= 0.6).sum()))


def test_gradient_norms_equal_those_of_the_formula(data: Resident) -> None:
    """At the first step: d loss/d z of each sample alone, from a graph of its own."""
    loss = TwinFocusLoss(alpha=0.3, c=0.8, gamma=2)
    spec = spec_with(ALL, DualMLP(simple_units=(8,), complex_units=(8,)), loss, max_epochs=1)
    norms = run(spec, data).probes.gradient_norms[0]
    torch.manual_seed(spec.seed)
    model = build_model("DualMLP", data.features, spec.model.model_dump(exclude={"name"}))
    rows_B = torch.randperm(data.train.rows, generator=torch.Generator().manual_seed(spec.seed))[:100]
    logits = model(data.train.x_NC[rows_B])
    assert logits.z_s_B is not None
    assert logits.z_c_B is not None
    gradients = []
    for z_s, z_c, y in zip(logits.z_s_B.detach(), logits.z_c_B.detach(), data.train.y_N[rows_B], strict=True):
        s, c = (z.reshape(1).requires_grad_() for z in (z_s, z_c))
        value = log_loss(s + c, y.reshape(1)) + twin_focus_loss(s, c, y.reshape(1), alpha=0.3, c=0.8, gamma=2)
        gradients.append([gradient.abs().item() for gradient in torch.autograd.grad(value, [s, c])])
    simple, complex_ = np.mean(gradients, axis=0)
    assert norms.simple[0] == pytest.approx(simple, rel=1e-4)
    assert norms.complex[0] == pytest.approx(complex_, rel=1e-4)
    assert norms.simple[0] != norms.complex[0]


def test_with_log_loss_and_a_sum_both_branches_get_the_same_gradient(data: Resident) -> None:
    """It is the gradient of the one fused logit: nothing else can come out of Figure 5 (b)."""
    norms = run(spec_with(ALL, DualMLP(simple_units=(8,), complex_units=(8,))), data).probes.gradient_norms[0]
    assert norms.simple == norms.complex
    assert min(norms.simple) > 0


def test_a_branch_that_does_not_reach_the_loss_has_no_gradient(data: Resident) -> None:
    """CF fuses the encoders, not the heads: without L_TF the heads are not trained."""
    model = TF4CTR(dfm="CF", simple_units=(8,), complex_units=(8,))
    norms = run(spec_with(ALL, model, LogLoss(), max_epochs=1), data).probes.gradient_norms[0]
    assert set(norms.simple) == set(norms.complex) == {0.0}
    assert gradient_norm(torch.ones(3)).item() == 0.0


@pytest.mark.parametrize("epoch", [2, 4])
def test_a_killed_run_goes_on_to_the_same_result_and_keeps_what_was_recorded(data: Resident, epoch: int) -> None:
    spec = spec_with(ALL, NOISY, TwinFocusLoss())
    whole = run(spec, data)
    with killed_in(epoch):
        run(spec, data)
    assert Path("run.state").is_file()
    lines: list[str] = []
    resumed = run(spec, data, lines.append)
    assert f"goes on after epoch {epoch - 1}" in lines[0]
    assert resumed.probes == whole.probes
    assert trace(resumed) == trace(whole)
    assert not Path("run.state").exists()


def test_class_bounds_belong_to_the_higher_class() -> None:
    """Also for negatives, where p_t = 1 - ŷ is computed."""
    scores = f32([0.3, 0.6, 0.29999998, 0.59999996])
    assert class_counts(1, "valid", np.ones(4, np.float32), scores).positives == (1, 2, 1)
    scores = f32([0.7, 0.4, 0.70000005, 0.40000004])
    assert class_counts(1, "valid", np.zeros(4, np.float32), scores).negatives == (1, 2, 1)


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), max_size=60))
def test_every_row_is_counted_once(rows: list[tuple[float, bool]]) -> None:
    scores, labels = (f32([row[part] for row in rows]) for part in (0, 1))
    bins = histogram(1, "train", labels, scores)
    classes = class_counts(1, "test", labels, scores)
    assert sum(bins.positives) == sum(classes.positives) == int(labels.sum())
    assert sum(bins.negatives) == sum(classes.negatives) == int((1 - labels).sum())


@given(st.lists(st.floats(0, 1024, width=32)))
def test_short_numbers_give_the_same_float32(values: list[float]) -> None:
    array = f32(values)
    assert np.array_equal(f32(shortest(array)), array)
    assert all(len(repr(value)) <= 15 for value in shortest(array))


def test_random_numbers_go_on_as_if_nothing_was_drawn() -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    with random_state_kept(CPU):
        torch.rand(7)
    assert torch.equal(torch.rand(4), expected)


def test_one_branch_has_no_branch_gradients() -> None:
    values = run_spec().canonical() | {"probes": {"gradient_norm_epochs": [1]}}
    with pytest.raises(ValidationError, match="two branches"):
        RunSpec.model_validate(values)
