"""Where a run computes: device, precision, hardware and memory, for the record."""

import os
import platform
import resource
from contextlib import suppress
from pathlib import Path

import numpy
import torch

from workflow.errors import UserError
from workflow.spec import Precision
from workflow.train.gpus import claim_gpu


def choose_device(wanted: str, gpu: int | None = None) -> torch.device:
    """The device to train on; on a machine with several GPUs, `gpu` or one that no other job has locked.

    Raises
    ------
    UserError
        When CUDA is asked for and not there.
    """
    be_deterministic()  # before CUDA starts, as it reads the environment once
    if wanted == "cpu" or (wanted == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise UserError("device: cuda is configured, but torch sees no CUDA device; set device: auto or cpu")
    return torch.device("cuda", claim_gpu(torch.cuda.device_count()) if gpu is None else gpu)


def set_precision(precision: Precision, device: torch.device, *, cached: bool = True) -> torch.autocast:
    """Set the matrix-product precision and return the context for forward passes.

    `cached: False` converts weights anew at each use, as a captured step must.

    Raises
    ------
    UserError
        When the device cannot compute in this precision.
    """
    if precision == "tf32" and device.type != "cuda":
        raise UserError("precision: tf32 exists on CUDA devices only; choose fp32 or bf16 for a CPU")
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16", cache_enabled=cached)


def be_deterministic() -> None:
    """Same spec, machine and thread count: the same numbers, bit for bit."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_deterministic_debug_mode("warn")  # `use_deterministic_algorithms` would load the compiler, too
    # Filling fresh memory costs time and changes nothing: no operation here reads it unset.
    torch.utils.deterministic.fill_uninitialized_memory = False  # pyright: ignore[reportAttributeAccessIssue]


def synchronize(device: torch.device) -> None:
    """Wait until the device has done all its work, before a clock is read."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def hardware(device: torch.device) -> str:
    """The name of the GPU or of the processor."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{model or platform.machine()}, {os.cpu_count()} cores"


def versions() -> dict[str, str]:
    """Versions of what computes."""
    found = {"python": platform.python_version(), "torch": torch.__version__, "numpy": numpy.__version__}
    return found | ({"cuda": torch.version.cuda} if torch.version.cuda else {})


def reset_peak_memory(device: torch.device) -> None:
    """Start a new reading; on Linux the process's high-water mark can be set back."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return
    with suppress(OSError):  # the reading is then of the whole process
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory_bytes(device: torch.device) -> int:
    """Largest memory since the reset: allocated on the GPU, or resident in the process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
