"""Every claim's checks by its id: in the paper itself, the authors' logs, our runs and what others published."""

from collections.abc import Mapping

from workflow.analysis.claims import (
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
from workflow.analysis.claims.ours import mechanisms
from workflow.analysis.claims.ours import sweeps as our_sweeps
from workflow.analysis.claims.ours import table_2 as our_table_2
from workflow.analysis.claims.ours import table_3 as our_table_3
from workflow.analysis.claims.ours import table_4 as our_table_4
from workflow.analysis.claims.ours import table_6 as our_table_6
from workflow.analysis.claims.ours.weigh import OnRuns
from workflow.analysis.claims.published import PublishedCheck

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
ON_PUBLISHED: Mapping[str, PublishedCheck] = published.ON_PUBLISHED
ON_RUNS: Mapping[str, OnRuns] = {
    **our_table_2.ON_RUNS,
    **our_table_3.ON_RUNS,
    **our_table_4.ON_RUNS,
    **our_table_6.ON_RUNS,
    **our_sweeps.ON_RUNS,
    **mechanisms.ON_RUNS,
}
