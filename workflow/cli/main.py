"""All commands in one parser, and their exit status."""

import argparse
import sys
from collections.abc import Sequence

from workflow.cli import analysis, archives, audit, check, data, init, plan, run, runs, status
from workflow.cli.arguments import Parser
from workflow.cli.common import Command, adder
from workflow.errors import UserError
from workflow.files import told

TOPICS = (run, init, check, plan, status, data, runs, archives, audit, analysis)


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = Parser(
        prog="tf4ctr",
        description="Snakemake's rules call these commands as `python -m workflow COMMAND`, and so can you.",
    )
    add = adder(top)
    for topic in TOPICS:
        topic.add_to(add)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a user's mistake is one message and status 1, without a traceback."""
    try:
        options = parser().parse_args(arguments)
        command: Command = options.command
        return command(options) or 0
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; finished runs are kept, run the same command again to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output, such as `head`, has ended
        return 0
    except OSError as error:
        print(f"error: {told(error)}", file=sys.stderr)
        return 1
