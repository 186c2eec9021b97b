"""The text of a failed run's record: the reason, and what the user can do. Does not load torch."""

import signal

RETRY = "then `tf4ctr retry CAMPAIGN`"
LESS_MEMORY = (
    "lower training.batch_size, compute in precision bf16, or train fewer at once on the device "
    f"(pack_workers), {RETRY}"
)
# Phrases of torch and its libraries for errors without a class of their own.
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "ALLOC_FAILED", "std::bad_alloc")


def failure_of(error: Exception) -> str:
    """The text for a run that ended with this error.

    >>> failure_of(TypeError("forward() takes 1 argument"))
    'TypeError: forward() takes 1 argument; the log of its job says where. Fix it, then `tf4ctr retry CAMPAIGN`'
    """
    said = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}".removesuffix(": ")
    if isinstance(error, MemoryError) or any(words in str(error) for words in OUT_OF_MEMORY):
        return f"not enough memory ({said}): {LESS_MEMORY}"
    return f"{said}; the log of its job says where. Fix it, {RETRY}"


def failure_of_process(exit_code: int | None) -> str:
    """The text for a run whose process ended.

    >>> failure_of_process(-11)
    'its process was ended by SIGSEGV; the log of its job may say more. Fix it, then `tf4ctr retry CAMPAIGN`'
    """
    if exit_code == -signal.SIGKILL:
        return f"its process was killed, as a machine does that runs out of memory: {LESS_MEMORY}"
    ended = f"was ended by {signal.Signals(-exit_code).name}" if exit_code and exit_code < 0 else f"ended ({exit_code})"
    return f"its process {ended}; the log of its job may say more. Fix it, {RETRY}"
