"""The `snakemake` command: `.venv/bin/snakemake`, with which `make install` replaces pip's, starts here.

Snakemake takes every word behind `--resources`, `--config` or `--configfile` for one more value, so that
`--resources gpu=1 all_tables` loses its target. Here such a target is moved behind `--`, a key such as
`limits.training.max_epochs=3` is written as the mapping that it means, and what is wrong with options,
configuration files or folders is said in one line. Nothing else is changed, and nothing at all in other projects.
"""

import gc
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from workflow.plan.places import ROOT

# Options that take `key=value` words until the next option; a word without `=` was meant as a target.
PAIRS = ("--resources", "--res", "--set-threads", "--set-resources", "--set-scatter", "--default-resources")
CONFIG = ("--config", "-C")
FILES = ("--configfile", "--configfiles")
SNAKEFILES = (ROOT / "Snakefile", ROOT / "workflow/Snakefile")


def main() -> None:
    """Start Snakemake in this process with its arguments, and exit with its status."""
    try:
        start(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("interrupted")


def start(arguments: Sequence[str]) -> None:
    """Start Snakemake with these arguments."""
    if not is_ours(arguments):
        sys.path.remove(str(ROOT))  # another project's modules may have the same names
        for name in [name for name in sys.modules if name.partition(".")[0] == "workflow"]:
            del sys.modules[name]
    else:
        from workflow.cli.preflight import check  # noqa: PLC0415

        gc.set_threshold(50_000)  # the graph of jobs lives to the end: collecting it took a fifth of a dry run
        arguments = freed(arguments)
        check(arguments)
    sys.argv = ["snakemake", *arguments]  # from which the Snakefile reads its targets
    # Snakemake leaves its temporary folders to the end of the process, which removes them with a warning.
    warnings.filterwarnings("ignore", "Implicitly cleaning up", ResourceWarning)
    from snakemake.cli import main as snakemake  # noqa: PLC0415

    snakemake(arguments)


def is_ours(arguments: Sequence[str]) -> bool:
    """Whether a call uses this project's Snakefile; without `--snakefile` it is that of the working directory."""
    named = Path("Snakefile")
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        option, _, value = word.partition("=")
        if option in ("--snakefile", "-s"):
            named = Path(value or following)
    return named.resolve() in SNAKEFILES


def freed(arguments: Sequence[str]) -> list[str]:
    """A Snakemake command line in which no option takes a target as its value."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    kept: list[str] = []
    targets: list[str] = []
    option, values = "", 0
    for word in arguments[:at]:
        if word.startswith("-"):
            option, values = word, 0
        elif is_target(word, option, values):
            targets.append(word)
            continue
        else:
            values += 1
        kept.append(nested(word) if option in CONFIG and word != option else word)
    targets += arguments[at + 1 :]
    return [*kept, "--", *targets] if targets else kept


def is_target(word: str, option: str, values: int) -> bool:
    """Whether a word is a target that an option would take as a value; `values` are its earlier values."""
    if option in PAIRS or option in CONFIG:
        return "=" not in word
    return option in FILES and values > 0 and Path(word).suffix not in (".yaml", ".yml", ".json")


def nested(entry: str) -> str:
    """A dotted key of `--config` as a mapping, because Snakemake refuses dots in keys."""
    key, equals, value = entry.partition("=")
    first, *rest = key.split(".")
    return f"{first}={''.join(f'{{{part}: ' for part in rest)}{value}{'}' * len(rest)}" if rest and equals else entry


if __name__ == "__main__":
    main()
