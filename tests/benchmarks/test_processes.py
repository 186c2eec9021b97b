import subprocess
import sys

import pytest

from benchmarks.engine_job import PREFIX
from benchmarks.processes import epochs_an_hour


def process(*seconds: float, status: int = 0) -> subprocess.Popen[str]:
    lines = [f'{PREFIX}{{"train_s": {value}, "eval_s": 1.0}}' for value in seconds]
    code = f"print('noise'); print({chr(10).join(lines)!r}); raise SystemExit({status})"
    return subprocess.Popen([sys.executable, "-c", code], text=True, stdout=subprocess.PIPE)


def test_rates_of_processes_add_up_and_leave_out_the_warm_up() -> None:
    assert epochs_an_hour([process(90.0, 3.0, 5.0, 4.0)]) == pytest.approx(720)
    assert epochs_an_hour([process(90.0, 3.0), process(90.0, 7.0)]) == pytest.approx(900 + 450)


def test_a_process_that_fails_ends_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="status 3"):
        epochs_an_hour([process(1.0, 1.0, status=3)])
