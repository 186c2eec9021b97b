"""Data for figures, recorded while a run trains without changing its results.

Shapes: N rows of a split, B batch, S steps of an epoch.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.logits import Logits
from workflow.spec import Probes
from workflow.train.record import (
    HISTOGRAM_BINS,
    MISCLASSIFIED_BELOW,
    WELL_FROM,
    ClassCounts,
    GradientNorms,
    Histogram,
    ProbeData,
)
from workflow.train.resident import Resident, ResidentSplit

Scores = npt.NDArray[np.float32]
Predict = Callable[[ResidentSplit], Scores]


class Recorder:
    """The probes of one run. Methods return at once if nothing was requested."""

    def __init__(self, asked: Probes, data: Resident, device: torch.device) -> None:
        self.asked = asked
        self.data = data
        self.device = device
        self.histograms: list[Histogram] = []
        self.gradient_norms: list[GradientNorms] = []
        self.class_counts: list[ClassCounts] = []
        self._steps: list[Tensor] = []

    def watches_gradients(self, epoch: int) -> bool:
        """Whether each step of this epoch is to be shown to `watch` and `note_gradients`."""
        return epoch in self.asked.gradient_norm_epochs

    def watch(self, logits: Logits) -> None:
        """Keep the gradients of both branch logits; call before the backward pass."""
        assert logits.z_s_B is not None
        assert logits.z_c_B is not None
        for z_B in (logits.z_s_B, logits.z_c_B):
            z_B.retain_grad()

    def note_gradients(self, logits: Logits) -> None:
        """Note the mean norms of a step; they stay on the device until the epoch ends."""
        norms = [gradient_norm(z_B) for z_B in (logits.z_s_B, logits.z_c_B) if z_B is not None]
        self._steps.append(torch.stack(norms))

    def end_epoch(self, epoch: int, valid_N: Scores, predict: Predict) -> None:
        """Record the probes of an epoch; `valid_N` are the scores that its metrics used."""
        if self._steps:
            simple_S, complex_S = torch.stack(self._steps).T.cpu().numpy()
            self.gradient_norms.append(
                GradientNorms(epoch=epoch, simple=shortest(simple_S), complex=shortest(complex_S))
            )
            self._steps = []
        if epoch in self.asked.histogram_epochs:
            self.histograms += [
                histogram(epoch, "train", self.data.train.labels_N, self._aside(predict, self.data.train)),
                histogram(epoch, "valid", self.data.valid.labels_N, valid_N),
            ]
        if self.asked.sample_classes:
            self.class_counts += [
                class_counts(epoch, "valid", self.data.valid.labels_N, valid_N),
                class_counts(epoch, "test", self.data.test.labels_N, self._aside(predict, self.data.test)),
            ]

    def _aside(self, predict: Predict, split: ResidentSplit) -> Scores:
        with random_state_kept(self.device):
            return predict(split)

    def content(self) -> ProbeData:
        """All that was recorded so far."""
        return ProbeData(
            histograms=tuple(self.histograms),
            gradient_norms=tuple(self.gradient_norms),
            class_counts=tuple(self.class_counts),
        )

    def state(self) -> dict[str, object]:
        """What a resumed run needs, as plain types."""
        return self.content().model_dump(mode="json")

    def resume(self, state: dict[str, object]) -> None:
        """Go on from what `state` returned."""
        saved = ProbeData.model_validate(state)
        self.histograms = list(saved.histograms)
        self.gradient_norms = list(saved.gradient_norms)
        self.class_counts = list(saved.class_counts)


def gradient_norm(z_B: Tensor) -> Tensor:
    """Mean over the batch of ‖∂ℓ_i/∂z_i‖, the loss of one sample against its own logit.

    The training loss is the mean of the ℓ_i, so its gradient carries 1/B. Summing |∂L/∂z_i|
    takes that out again: the value does not depend on the batch size.
    """
    if z_B.grad is None:  # this branch has no effect on the loss
        return torch.zeros((), device=z_B.device)
    return z_B.grad.float().abs().sum()


@contextmanager
def random_state_kept(device: torch.device) -> Iterator[None]:
    """Leave all generators as they were: some models draw numbers when they predict, too."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield


def shortest(values_S: npt.NDArray[np.float32]) -> tuple[float, ...]:
    """Float32 numbers with the fewest digits that give them back, so that records stay small."""
    return tuple(float(np.format_float_scientific(value)) for value in values_S)


def histogram(epoch: int, split: str, y_N: npt.NDArray[np.float32], score_N: Scores) -> Histogram:
    """Counts of ŷ per label in `HISTOGRAM_BINS` equal bins of [0, 1].

    Examples
    --------
    >>> counts = histogram(1, "valid", np.float32([1, 0]), np.float32([0.99, 0.01]))
    >>> counts.positives[-1], counts.negatives[0]
    (1, 1)
    """
    positives, negatives = (
        np.histogram(score_N[y_N == label].astype(np.float64), HISTOGRAM_BINS, (0.0, 1.0))[0].tolist()
        for label in (1, 0)
    )
    return Histogram(epoch=epoch, split=split, positives=positives, negatives=negatives)  # pyright: ignore[reportArgumentType]


def class_counts(epoch: int, split: str, y_N: npt.NDArray[np.float32], score_N: Scores) -> ClassCounts:
    """Counts of misclassified, poorly and well classified rows per label.

    Examples
    --------
    >>> class_counts(1, "valid", np.float32([1, 1, 0]), np.float32([0.2, 0.9, 0.5])).positives
    (1, 0, 1)
    """
    p_t_N = np.where(y_N == 1, score_N, 1 - score_N)  # in float32, like ŷ itself
    bounds = np.asarray([MISCLASSIFIED_BELOW, WELL_FROM], dtype=np.float32)
    class_N = np.searchsorted(bounds, p_t_N, side="right")
    positives, negatives = (tuple(np.bincount(class_N[y_N == label], minlength=3).tolist()) for label in (1, 0))
    return ClassCounts(epoch=epoch, split=split, positives=positives, negatives=negatives)  # pyright: ignore[reportArgumentType]
