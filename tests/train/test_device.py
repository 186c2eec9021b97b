"""Choosing a device: what must be set before CUDA starts."""

import os

import pytest
import torch

from workflow.errors import UserError
from workflow.train.device import choose_device


def test_determinism_is_set_before_cuda_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    found = []

    def available() -> bool:
        found.append(os.environ.get("CUBLAS_WORKSPACE_CONFIG"))
        return False

    monkeypatch.setattr(torch.cuda, "is_available", available)
    assert choose_device("auto") == torch.device("cpu")
    with pytest.raises(UserError, match="device: cuda is configured"):
        choose_device("cuda")
    assert set(found) == {":4096:8"}
