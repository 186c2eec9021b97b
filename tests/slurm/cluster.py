"""A Slurm of one node on this machine, in a folder of its own, for the length of a test.

munged, slurmctld and slurmd run as root with their own sockets, ports, keys and state, so a Slurm
that the machine may belong to is not touched. The node has a GPU that is none (/dev/null).
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "srun", "sbatch", "squeue", "sinfo")
NODE_MB, CORES = 6000, 4
WAIT_S = 600.0  # a loaded machine is no fault

CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
ReturnToService=2
SlurmdTimeout=5
KillWait=2
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={node_mb} Gres=gpu:1 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str | None:
    """Why no Slurm can be started here, or None."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"no {', '.join(missing)} here; `make test-slurm` installs slurm-wlm and munge where apt-get is"
    if os.geteuid() != 0:
        return "slurmd and munged have to be started by root"
    return None


def wait_for(true: Callable[[], bool], what: str, seconds: float = WAIT_S) -> None:
    """Look four times a second until it is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.25)


class Cluster:
    """Start it by `with`: everything that it started is stopped at the end, jobs first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
        self.env = os.environ | {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": path}
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Cluster":
        try:
            self._configure()
            self._start("munged", "--foreground", "--force", *self._munge())
            wait_for((self.folder / "munge.socket").exists, "munged listens")
            self._start("slurmctld", "-D")
            self.start_node()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Kill all of it: its state ends with it, so that nothing has to be put in order first."""
        for daemon in reversed(self.daemons.values()):
            daemon.kill()
            daemon.wait()
        self._kill(self.node_processes())

    def says(self, *command: str, timeout_s: float = 30) -> str:
        """What a command of Slurm prints."""
        done = subprocess.run(
            command,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout.strip()

    def start_node(self) -> None:
        """Start slurmd and wait until the node takes jobs."""
        self._start("slurmd", "-D")
        wait_for(lambda: self.node_state() in ("idle", "mixed", "allocated"), "the node is up")

    def node_state(self) -> str:
        """The node's state, in one word; empty where the controller does not answer."""
        try:
            return self.says("sinfo", "--noheader", "--format=%T")
        except subprocess.SubprocessError:
            return ""

    def crash_node(self) -> None:
        """Kill slurmd and every process of a job, at once, as a power cut does; wait until Slurm sees it."""
        slurmd = self.daemons.pop("slurmd")
        slurmd.kill()
        slurmd.wait()
        self._kill(self.node_processes())
        wait_for(lambda: self.node_state().startswith("down"), "the node is down")

    def jobs(self, state: str) -> list[str]:
        """Jobs in this state, also those that have ended."""
        return self.says("squeue", "--noheader", "--array", f"--states={state}", "--format=%A").split()

    def node_processes(self) -> list[int]:
        """Processes that this cluster's slurmd started, known by their environment or their file of state."""
        found = []
        mark = f"SLURM_CONF={self.folder}/slurm.conf".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                environ = (process / "environ").read_bytes().split(b"\0")
                started = any(entry.startswith(b"SLURM_JOB_ID=") for entry in environ)
                stepd = b"slurmstepd" in (process / "cmdline").read_bytes()
                if mark in environ and (started or stepd):
                    found.append(int(process.name))
        return found

    def _configure(self) -> None:
        self.folder.chmod(0o755)
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        with socket.socket() as first, socket.socket() as second:
            for one in (first, second):
                one.bind(("127.0.0.1", 0))
            ports = [one.getsockname()[1] for one in (first, second)]
        host = socket.gethostname().partition(".")[0]
        text = CONF.format(folder=self.folder, ports=ports, host=host, cores=CORES, node_mb=NODE_MB)
        (self.folder / "slurm.conf").write_text(text)
        (self.folder / "gres.conf").write_text("Name=gpu File=/dev/null\n")
        # The executor calls srun on the node without SLURM_CONF, as if every Slurm had its file in /etc.
        srun = self.folder / "bin/srun"
        srun.parent.mkdir()
        srun.write_text(f'#!/bin/sh\nSLURM_CONF={self.folder}/slurm.conf exec {shutil.which("srun")} "$@"\n')
        srun.chmod(0o755)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)

    def _munge(self) -> list[str]:
        names = {"socket": "munge.socket", "key-file": "munge.key", "pid-file": "munged.pid", "log-file": "munged.log"}
        names["seed-file"] = "munged.seed"
        return [f"--{option}={self.folder / name}" for option, name in names.items()]

    def _start(self, program: str, *arguments: str) -> None:
        with (self.folder / f"{program}.out").open("ab") as out:
            self.daemons[program] = subprocess.Popen(
                [program, *arguments], env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    @staticmethod
    def _kill(processes: list[int]) -> None:
        for pid in processes:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
