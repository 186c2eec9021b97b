"""Faults of a command line, ours or Snakemake's, each in one line instead of the whole usage text."""

import argparse
import re
from typing import Any, NoReturn

from workflow.errors import UserError, nearest, shortened

MANY = 12  # options listed by a message if none is near


class Parser(argparse.ArgumentParser):
    """A parser that takes options exactly as written, and raises errors."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **{**settings, "allow_abbrev": False})

    def parse_known_args(self, *arguments: Any, **named: Any) -> Any:
        """Refuse unknown words here, where this command's options are known."""
        found, rest = super().parse_known_args(*arguments, **named)
        if rest:
            raise fault_of(self, f"unrecognized arguments: {' '.join(rest)}")
        return found, rest

    def error(self, message: str) -> NoReturn:
        """Raise it."""
        raise fault_of(self, message)


def raising(parser: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser:
    """The parser of a program called `name`, which now raises errors instead of printing its usage."""
    parser.prog = name

    def error(message: str) -> NoReturn:
        raise fault_of(parser, message)

    parser.error = error
    return parser


def fault_of(parser: argparse.ArgumentParser, message: str) -> UserError:
    """A message for argparse's error: the option, and the nearest known one."""
    if found := re.match(r"unrecognized arguments: (.+)", message, re.DOTALL):
        word = found[1].split()[0].partition("=")[0]
        if not word.startswith("-"):
            return UserError(f"unexpected argument {shortened(word)!r}; see {parser.prog} --help")
        options = [name for action in parser._actions for name in action.option_strings if name.startswith("--")]
        hint = nearest(word, options)
        listed = hint.startswith("(") and len(options) > MANY
        remedy = f"{parser.prog} --help lists them" if listed else hint
        return UserError(f"{shortened(word)}: no such option; {remedy}")
    told = " ".join(message.removeprefix("argument ").split())
    return UserError(f"{shortened(told, 300)}; {parser.prog} --help says what is expected")
