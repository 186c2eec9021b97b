"""What starts the command line: the right Python, with its packages, in the right folder.

Only the standard library is imported here, and the syntax is that of old Pythons, so that a system
Python gets one line and not a traceback.
"""

import os
import sys
from importlib.util import find_spec

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
OLDEST = (3, 11)
IMPORTED_AS = {"pyyaml": "yaml"}  # where a package's module has another name, hyphens apart


def fault():
    # type: () -> str | None
    """Why this Python cannot run the project, and the remedy; None where it can."""
    remedy = remedy_of()
    if sys.version_info < OLDEST:
        return f"{sys.executable} is Python {sys.version_info[0]}.{sys.version_info[1]}, 3.11 is needed; {remedy}"
    missing = [name for name in dependencies() if find_spec(IMPORTED_AS.get(name, name.replace("-", "_"))) is None]
    if missing:
        shown = ", ".join(missing[:4]) + ", …" * (len(missing) > 4)
        return f"{sys.executable} lacks the package{'s' * (len(missing) > 1)} {shown}; {remedy}"
    return None


def absent(error):
    # type: (Exception) -> str | None
    """What to tell of a module that a package of ours needs and that is not there; None of our own modules."""
    name = (getattr(error, "name", None) or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or name in ("", "models", "workflow"):
        return None
    return f"{sys.executable} lacks the module {name}; {remedy_of()}"


def remedy_of():
    # type: () -> str
    """What gives a Python that has all."""
    if not os.path.isfile(os.path.join(ROOT, "tf4ctr")):  # noqa: PTH113, PTH118
        return "install the wheel with its dependencies: pip install"
    return f"use ./tf4ctr in {ROOT}; `make install` there makes its Python"


def dependencies():
    # type: () -> list[str]
    """Names of the packages that pyproject.toml asks for."""
    import re  # noqa: PLC0415
    import tomllib  # noqa: PLC0415

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as stream:  # noqa: PTH118, PTH123
        entries = tomllib.load(stream)["project"]["dependencies"]
    return [re.split(r"[^A-Za-z0-9._-]", entry)[0] for entry in entries]


def main():
    # type: () -> int
    """Run one command in the working directory: `python -m workflow`."""
    try:
        from workflow.cli.main import main as command_line  # noqa: PLC0415

        return command_line()  # it imports what its command needs
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except (ImportError, SyntaxError) as error:
        told = fault() or absent(error)
        if told is None:
            raise
        sys.stderr.write(f"error: {told}\n")
        return 1


def console():
    # type: () -> int
    """Run one command: `tf4ctr`."""
    try:
        enter()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    return main()


def enter():
    # type: () -> None
    """Go where the command works: a checkout in itself, wherever it is called from; a wheel where it is called."""
    from workflow.plan.places import IS_INSTALLED, use_own_config  # noqa: PLC0415

    os.environ["TF4CTR_CALLED_FROM"] = os.getcwd()  # noqa: PTH109
    if IS_INSTALLED:
        use_own_config()
    else:
        os.chdir(ROOT)


if __name__ == "__main__":
    sys.exit(console())
