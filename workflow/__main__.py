"""The command line: `python -m workflow COMMAND`."""

import sys

from workflow.launch import main

if __name__ == "__main__":
    sys.exit(main())
