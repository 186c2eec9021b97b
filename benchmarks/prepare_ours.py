"""Our preparation of one archive, in a process of its own; prints seconds and peak memory."""

import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.prepare_data import criteo
from workflow.data.prepare import prepare


def main(archive: Path, out: Path, rows: int) -> None:
    """Prepare the twin in `archive`."""
    config, spec = criteo(rows)
    start_s = time.perf_counter()
    meta = prepare(config, spec, archive, out)
    wall_s = time.perf_counter() - start_s
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sizes = {field.name: field.vocab_size for field in meta.fields}
    print(json.dumps({"wall_s": wall_s, "peak_bytes": peak_bytes, "vocabulary": sizes}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
