"""What is read of the arguments before they are parsed, and instead of it where only the window is
asked for: argparse is not loaded for that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import SimpleNamespace

FINGERPRINT = re.compile(r"[0-9a-f]{32}")
DIGITS = re.compile(r"[0-9]{1,9}")
"""ASCII only: `int` would take Arabic digits and underscores too."""
LINE_LIST = re.compile(r"[0-9]{1,3}(,[0-9]{1,3})*")
NUMBER_LISTS = frozenset({"--file", "--except-contact"})
"""Options whose values are numbers of the house, many of them."""
PLACES = frozenset({"--store", "--config", "--dir"})
"""Options that say where the house is; nothing would mean another one."""
GLOBAL_OPTIONS = (
    ("--store", "URL"),
    ("--config", "FILE"),
    ("--operator", "NAME"),
    ("--desk", "NAME"),
    ("--lang", "CODE"),
    ("--theme", "NAME"),
)
GLOBAL_FLAGS = ("--pin-stdin",)


def window_options(argv: Sequence[str]) -> SimpleNamespace | None:
    """What the arguments say when they are global options with plain values and nothing else.

    None for all that needs more thought: a command, a mistake, a value that looks like an option.
    """
    options: dict[str, str | None] = {"command": None}
    known = {option for option, _ in GLOBAL_OPTIONS}
    rest = iter(argv)
    for argument in rest:
        option, equals, value = argument.partition("=")
        if option not in known:
            return None
        if not equals:
            value = next(rest, "")
        if not value or value.startswith("-"):
            return None
        options[option[2:]] = value
    return SimpleNamespace(**options)


def option_before_parsing(argv: Sequence[str], option: str) -> str | None:
    """The value of a global option while the arguments may still be wrong; None without one."""
    for index, argument in enumerate(argv):
        if argument == "--":
            break
        if argument == option:
            return argv[index + 1] if index + 1 < len(argv) else None
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
    return None


def wants_json(argv: Sequence[str]) -> bool:
    """Is a machine reading? Asked before parsing, so that a usage mistake is answered in JSON."""
    ours = argv[: argv.index("--")] if "--" in argv else argv
    return "--json" in ours
