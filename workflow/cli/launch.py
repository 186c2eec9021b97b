"""Start the command line: the right Python, with its packages, in the right folder.

Only the standard library is imported here, and the syntax is that of old Pythons, so that a system
Python gets one line and not a traceback.
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
OLDEST = (3, 11)


def fault(error):
    # type: (Exception) -> str | None
    """Why this Python cannot run the project, and the remedy; None if the error is ours."""
    remedy = "install the wheel with its dependencies: pip install"
    if os.path.isfile(os.path.join(ROOT, "tf4ctr")):  # noqa: PTH113, PTH118
        remedy = f"use ./tf4ctr in {ROOT}; `make install` there makes its Python"
    if sys.version_info < OLDEST:
        return f"{sys.executable} is Python {sys.version_info[0]}.{sys.version_info[1]}, 3.11 is needed; {remedy}"
    name = (getattr(error, "name", None) or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or name in ("", "models", "workflow"):
        return None
    return f"{sys.executable} lacks the module {name}; {remedy}"


def main(entering=False):
    # type: (bool) -> int
    """Run one command in the working directory, as `python -m workflow` does."""
    try:
        if entering:
            enter()
        from workflow.cli.main import main as command_line  # noqa: PLC0415

        return command_line()  # imports only what its command needs
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except (ImportError, SyntaxError) as error:
        told = fault(error)
        if told is None:
            raise
        sys.stderr.write(f"error: {told}\n")
        return 1


def console():
    # type: () -> int
    """Run one command: `tf4ctr`."""
    return main(entering=True)


def enter():
    # type: () -> None
    """Change to the working directory: the checkout, or for a wheel the folder of the call."""
    from workflow.plan.places import IS_INSTALLED, use_own_config  # noqa: PLC0415

    try:
        os.environ["TF4CTR_CALLED_FROM"] = os.getcwd()  # noqa: PTH109
    except FileNotFoundError:
        sys.exit("error: the folder that this was called in was removed; change to another")
    if IS_INSTALLED:
        use_own_config()
    else:
        os.chdir(ROOT)


if __name__ == "__main__":
    sys.exit(console())
