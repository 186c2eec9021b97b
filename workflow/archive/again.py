"""Train one run from its specification alone, in a process and a folder of its own: see `workflow.archive.retrain`."""

import sys
from pathlib import Path

from workflow.errors import UserError
from workflow.spec import RunSpec
from workflow.train.pack import train_pack, trainer


def main(spec: str, device: str) -> int:
    """Leave the run's record below the working directory; a user's mistake is one line and status 1."""
    run = RunSpec.model_validate_json(Path(spec).read_bytes())
    try:
        train_pack((run,), trainer(device, 1, 30.0))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
