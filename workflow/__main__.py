"""The command line: `python -m workflow COMMAND`."""

import sys

from workflow.cli.launch import main

if __name__ == "__main__":
    sys.exit(main())
