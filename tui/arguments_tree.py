"""The tree the arguments hang on: its parser, its commands, and what all of them share."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.problems import Refused
from backend_client.domain.texts import clean_text
from tui.first_options import DIGITS, GLOBAL_FLAGS, GLOBAL_OPTIONS
from tui.text.wording import Wording

LONGEST_MISTAKE = 1_000
"""As long as the list of all commands, which is named where an unknown one was given."""


class Parser(argparse.ArgumentParser):
    """An argparse parser whose mistakes are refusals: masked, inert, from the one catalogue."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, allow_abbrev=False, add_help=False)

    def error(self, message: str) -> NoReturn:
        detail = clean_text(mask_card_numbers(message), LONGEST_MISTAKE)
        raise Refused("usage", detail=detail, command=self.prog)


class Tree:
    """Adds subcommands, each with the global options and its help from the catalogue."""

    def __init__(self, parser: Parser, wording: Wording) -> None:
        self._wording = wording
        self._commands = parser.add_subparsers(
            dest="command", metavar="COMMAND", title=wording.text("command.help.commands")
        )

    def command(self, name: str) -> Parser:
        words = self._wording.text(f"command.help.{name}.about")
        parser: Parser = self._commands.add_parser(name, help=words, description=words)
        self.option(parser, "-h", "--help", name="help", action="help")
        global_options(parser, self._wording)
        return parser

    def json(self, parser: argparse._ActionsContainer) -> None:
        self.option(parser, "--json", name="json", action="store_true")

    def option(
        self, parser: argparse._ActionsContainer, *flags: str, name: str = "", **settings: Any
    ) -> None:
        """An argument whose help is `command.help.<name>`."""
        parser.add_argument(*flags, help=self._wording.text(f"command.help.{name}"), **settings)


def global_options(parser: Parser, wording: Wording) -> None:
    """The options that stand before or behind every command."""
    group = parser.add_argument_group(wording.text("command.help.global_options"))
    for option, metavar in GLOBAL_OPTIONS:
        words = wording.text(f"command.help.global.{option[2:]}")
        # No default: a subcommand's would overwrite what stood before the subcommand.
        group.add_argument(option, metavar=metavar, help=words, default=argparse.SUPPRESS)
    for option in GLOBAL_FLAGS:
        words = wording.text(f"command.help.global.{option[2:]}")
        group.add_argument(option, action="store_true", help=words, default=argparse.SUPPRESS)


def whole_number(text: str) -> int:
    """Digits alone; int() takes signs and underscores too."""
    if not DIGITS.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)
