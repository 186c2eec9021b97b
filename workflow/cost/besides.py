"""What a campaign takes on this machine besides training: starting jobs, preparing data, timing, rendering."""

from collections.abc import Collection

from workflow.cost.epochs import Basis, data_of
from workflow.cost.requests import PREPARE_S
from workflow.plan.campaign import Plan
from workflow.plan.places import is_figure

# Seconds of one core for a job of each kind, imports included, and for Snakemake itself, as measured on two cores.
SNAKEMAKE_S = 5.0
JOB_S = {"twin": 2.0, "prepare": 2.0, "train": 4.0, "table": 2.0, "figure": 4.0, "timing": 4.0}
NEXT_S = {"table": 0.3, "figure": 1.0}  # each further one, where a job renders all
PAGES_S = 20.0  # the audit, the report and the table of runs


def besides_s(plan: Plan, left: Collection[str], cores: int, device: str) -> float:
    """Seconds until all is rendered, beyond training the runs that are left, on so many cores.

    Nothing where no run is left: what is rendered already stands.

    Parameters
    ----------
    plan : Plan
        The campaign.
    left : collection of str
        Keys of the runs that are still to be trained.
    cores : int
        Cores that jobs may use.
    device : str
        cpu or cuda.
    """
    if not left:
        return 0.0
    names = plan.campaign.experiments
    figures = sum(map(is_figure, names))
    packs = sum(any(run.key in left for run in pack.runs) for pack in plan.packs)
    busy_s = JOB_S["train"] * packs + PAGES_S
    for kind, count in (("figure", figures), ("table", len(names) - figures + 1)):
        next_s = (NEXT_S if plan.campaign.packs == "datasets" else JOB_S)[kind]
        busy_s += JOB_S[kind] + next_s * (count - 1) if count else 0.0
    for _, spec in {spec.id: source for source in plan.sources for spec in source[1:]}.values():
        if not spec.is_prepared:
            data = data_of(spec)
            twin_s = JOB_S["twin"] if spec.preparation.twin else 0.0
            busy_s += JOB_S["prepare"] + twin_s + data.rows * data.columns * PREPARE_S
    return SNAKEMAKE_S + busy_s / max(1, cores) + timing_s(plan, Basis(device, here=False))


def timing_s(plan: Plan, basis: Basis) -> float:
    """Seconds of the job that times models, with the machine to itself; 0 where none is or it is done."""
    if not plan.timed or plan.timing_path.is_file():
        return 0.0
    runs = [cell.runs[0] for name in plan.timed for cell in plan.timed_cells_of(name)]
    rounds = plan.campaign.timing.repeats + 1
    return JOB_S["timing"] + 2 * rounds * sum(basis.epoch_s(run) or 0.0 for run in runs)
