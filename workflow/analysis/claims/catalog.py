"""Every claim's checks by its id: in the paper itself, the authors' logs, our runs and what others published."""

from collections.abc import Mapping

from workflow.analysis.claims import (
    mechanisms,
    modules,
    published,
    setup,
    sweeps,
    table_1,
    table_2,
    table_3,
    table_4,
    table_5,
    table_6,
    theory,
    versions,
)
from workflow.analysis.claims.cases import Check
from workflow.analysis.claims.weigh import RunCheck

ON_PAPER: Mapping[str, Check] = {
    **modules.ON_PAPER,
    **theory.ON_PAPER,
    **table_1.ON_PAPER,
    **table_2.ON_PAPER,
    **table_3.ON_PAPER,
    **table_4.ON_PAPER,
    **table_5.ON_PAPER,
    **table_6.ON_PAPER,
    **sweeps.ON_PAPER,
    **versions.ON_PAPER,
}
ON_LOGS: Mapping[str, Check] = {
    **modules.ON_LOGS,
    **setup.ON_LOGS,
    **table_1.ON_LOGS,
    **table_2.ON_LOGS,
    **table_3.ON_LOGS,
    **table_4.ON_LOGS,
    **table_5.ON_LOGS,
    **table_6.ON_LOGS,
    **sweeps.ON_LOGS,
}
ON_PUBLISHED: Mapping[str, Check] = published.ON_PUBLISHED
ON_RUNS: Mapping[str, RunCheck] = {
    **table_2.ON_RUNS,
    **table_3.ON_RUNS,
    **table_4.ON_RUNS,
    **table_5.ON_RUNS,
    **table_6.ON_RUNS,
    **sweeps.ON_RUNS,
    **mechanisms.ON_RUNS,
}
