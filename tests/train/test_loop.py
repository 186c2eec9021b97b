"""The protocol: against a plain re-implementation, and step by step."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from models import build_model
from models.embedding import embedding_parameters
from tests.train.conftest import CPU, run, trace
from tests.train.prepared import DATASET, run_spec
from workflow.settings import DNN, TF4CTR, FocalLoss, RCELoss, TwinFocusLoss
from workflow.spec import Optimizer, Probes
from workflow.train import loop
from workflow.train.checkpoint import Progress
from workflow.train.loop import follow_monitor
from workflow.train.record import Metrics
from workflow.train.resident import Resident, batches

PROBES = Probes(sample_classes=True)


def test_learns_what_is_there(data: Resident) -> None:
    result = run(run_spec(max_epochs=15), data)
    assert result.test is not None
    assert result.test.auc > 0.75
    assert result.epochs[-1].train_loss < result.epochs[0].train_loss
    assert result.best_epoch is not None
    assert result.valid == result.epochs[result.best_epoch - 1].valid


def test_same_spec_same_numbers_and_another_seed_others(data: Resident) -> None:
    first, again, other = (run(run_spec(seed=seed), data) for seed in (1, 1, 2))
    assert trace(first) == trace(again)
    assert trace(first) != trace(other)


def test_equals_a_plain_loop_with_the_penalty_in_the_loss(data: Resident) -> None:
    """The oracle adds (λ/2)·ΣW² to the loss and lets autograd differentiate it."""
    spec = run_spec(model=DNN(hidden_units=(16,), dropout=0.0), optimizer=Optimizer(embedding_l2=0.05), max_epochs=2)
    torch.manual_seed(spec.seed)
    model = build_model("DNN", data.features, spec.model.model_dump())
    tables = [weight for name, weight in model.named_parameters() if "embedding" in name]
    assert tables
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    shuffle = torch.Generator().manual_seed(spec.seed)
    losses = []
    for _ in range(2):
        total = 0.0
        for rows in torch.randperm(data.train.rows, generator=shuffle).split(100):
            loss = binary_cross_entropy_with_logits(model(data.train.x_NC[rows]).z_B, data.train.y_N[rows])
            total += loss.item() * len(rows)
            optimizer.zero_grad()
            (loss + 0.05 / 2 * sum(table.square().sum() for table in tables)).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimizer.step()
        losses.append(total / data.train.rows)
    ours = [epoch.train_loss for epoch in run(spec, data).epochs]
    assert ours == pytest.approx(losses, rel=1e-5)


@pytest.mark.parametrize("loss", [FocalLoss(), RCELoss(beta=0.2), TwinFocusLoss(alpha=0.3, c=0.8, gamma=2)])
def test_every_loss_trains_the_paper_model(data: Resident, loss: FocalLoss | RCELoss | TwinFocusLoss) -> None:
    model = TF4CTR(simple_units=(8,), complex_units=(16, 8), dropout=0.1)
    result = run(run_spec(model=model, loss=loss, max_epochs=6), data)
    assert result.failure is None
    assert result.epochs[-1].train_loss < result.epochs[0].train_loss


def metrics(auc: float, gauc: float = 0.5) -> Metrics:
    return Metrics(auc=auc, gauc=gauc, logloss=0.5)


def follow(values: list[float], **training: Any) -> list[tuple[bool, int, float]]:
    spec = run_spec(**training)
    progress = Progress(learning_rate=1e-3)
    out = []
    for value in values:
        better = follow_monitor(spec, progress, metrics(value))
        out.append((better, progress.strikes, progress.learning_rate))
    return out


def test_a_drop_costs_a_strike_and_a_tenth_at_once_and_improvement_clears_it() -> None:
    steps = follow([0.6, 0.59, 0.7, 0.7, 0.6])
    assert [better for better, _, _ in steps] == [True, False, True, False, False]
    assert [strikes for _, strikes, _ in steps] == [0, 1, 0, 1, 2]
    assert [rate for _, _, rate in steps] == pytest.approx([1e-3, 1e-4, 1e-4, 1e-5, 1e-6])


def test_an_improvement_below_one_millionth_is_none_and_the_rate_has_a_floor() -> None:
    steps = follow([0.6, 0.6000005, 0.6000005, 0.6000005, 0.6000005], patience=9)
    assert [better for better, _, _ in steps] == [True] + [False] * 4
    assert [rate for _, _, rate in steps][-2:] == pytest.approx([1e-6, 1e-6])


def test_the_monitor_is_the_sum_of_its_metrics() -> None:
    progress = Progress(learning_rate=1e-3)
    follow_monitor(run_spec(monitor=("auc", "gauc")), progress, metrics(0.6, 0.7))
    assert progress.best == pytest.approx(1.3)
    progress = Progress(learning_rate=1e-3)
    follow_monitor(run_spec(monitor=("auc",)), progress, metrics(0.6, 0.7))
    assert progress.best == pytest.approx(0.6)


def test_log_loss_is_monitored_by_its_negative() -> None:
    assert run_spec(monitor=["logloss"]).training.monitor == ("neg_logloss",)
    assert Metrics(auc=0.5, gauc=None, logloss=0.25).neg_logloss == -0.25
    with pytest.raises(ValueError, match="monitor"):
        run_spec(monitor=["accuracy"])


def test_stops_after_two_strikes_and_restores_the_best(data: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    real = loop.measure
    values = iter([0.6, 0.7, 0.65, 0.64, 0.99])
    monkeypatch.setattr(
        loop, "measure", lambda split, scores: metrics(next(values)) if split is data.valid else real(split, scores)
    )
    result = run(run_spec(max_epochs=50), data)
    assert len(result.epochs) == 4
    assert result.best_epoch == 2
    rates = [epoch.learning_rate for epoch in result.epochs]
    assert rates == pytest.approx([0.01, 0.01, 0.01, 0.001])
    # The weights restored are those after epoch 2: a run limited to two epochs predicts the same.
    values = iter([0.6, 0.7, 0.99])
    assert run(run_spec(max_epochs=2), data).test == result.test


@pytest.mark.parametrize(("rows", "size"), [(10, 3), (10, 5), (7, 100), (2, 1), (11, 5), (6, 5), (1, 5)])
def test_batches_cover_all_rows_once_and_leave_no_single_row(rows: int, size: int) -> None:
    parts = list(batches(torch.arange(rows), size))
    assert torch.cat(parts).tolist() == list(range(rows))
    if size > 1 and rows > 1:
        assert min(len(part) for part in parts) > 1


def test_scores_of_a_finished_run_are_those_of_its_metrics(data: Resident) -> None:
    kept = run(run_spec(max_epochs=2), data)
    assert set(kept.scores) == {"valid", "test"}
    assert kept.scores["test"].dtype == np.float32
    assert loop.measure(data.test, kept.scores["test"]) == kept.test


def test_nan_is_a_failure_that_says_where_and_keeps_no_scores(data: Resident) -> None:
    result = run(run_spec(optimizer=Optimizer(learning_rate=1e38), max_epochs=4), data)
    assert result.failure is not None
    assert "in epoch" in result.failure or "NaN" in result.failure
    assert "learning_rate" in result.failure
    assert (result.test, result.scores) == (None, {})


def test_what_may_change_a_number_is_part_of_the_identity_where_it_is_on() -> None:
    """One thread and two round differently, so neither may stand for the other."""
    plain = run_spec()
    others = run_spec(threads=2), run_spec(cuda_graph=True), plain.model_copy(update={"probes": PROBES})
    assert len({one.id for one in (plain, *others)}) == 4
    assert "cuda_graph" not in plain.canonical()["training"]


def test_the_spec_says_how_many_threads_compute(data: Resident) -> None:
    for threads in (2, 1):
        run(run_spec(threads=threads, max_epochs=1), data)
        assert torch.get_num_threads() == threads


def test_l2_penalty_is_half_lambda_times_the_squares(data: Resident) -> None:
    state = loop.start(run_spec(), data, CPU)
    tables = embedding_parameters(state.model)
    expected = sum(float((table.detach().double() ** 2).sum()) for table in tables) * 0.25
    assert loop.l2_penalty(tables, 0.5) == pytest.approx(expected)
    assert math.isfinite(expected)


def test_bf16_runs_and_stays_close(data: Resident) -> None:
    exact, half = (run(run_spec(precision=precision, max_epochs=6), data) for precision in ("fp32", "bf16"))
    assert exact.test is not None
    assert half.test is not None
    assert abs(exact.test.auc - half.test.auc) < 0.05
    assert trace(exact) != trace(half)


def test_dataset_name_is_in_the_progress_line(data: Resident) -> None:
    lines: list[str] = []
    run(run_spec(max_epochs=1), data, lines.append)
    assert lines[0].startswith(f"{DATASET.name} DNN ")
    assert "valid AUC" in lines[0]
