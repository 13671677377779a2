"""The tree the arguments hang on: its parser, its commands, and what all of them share."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.problems import Refused
from backend_client.domain.texts import clean_text
from tui.first_options import DIGITS, GLOBAL_FLAGS, GLOBAL_OPTIONS
from tui.text.wording import Wording

LONGEST_MISTAKE = 1_000
LONGEST_GIVEN = 60
"""As much of what was typed is said again."""
NEAR = 0.5
"""How much two names have in common before one may be meant by the other."""
SHORTEST = 2
"""So many letters are a hint of what was meant."""
VALUE = re.compile(r"[^-]|-?$|-[0-9]")
"""What argparse takes for no option; "-" is standard input."""


class Parser(argparse.ArgumentParser):
    """An argparse parser whose mistakes are refusals: masked, inert, from the one catalogue."""

    def __init__(self, *, wording: Wording, **settings: Any) -> None:
        super().__init__(**settings, allow_abbrev=False, add_help=False)
        self._wording = wording
        self.has_commands = False

    def error(self, message: str) -> NoReturn:
        detail = clean_text(mask_card_numbers(message), LONGEST_MISTAKE)
        raise Refused("usage", detail=detail, command=self.prog)

    def mistaken(self, key: str, given: str, choices: Iterable[str], **values: object) -> NoReturn:
        """Say that it is none of these, and which of them may be meant."""
        given = clean_text(given, LONGEST_GIVEN)
        nearest = _nearest(given, list(choices))
        say = self._wording.text
        meant = say("command.usage.meant", nearest=nearest) if nearest else ""
        self.error(say(f"command.usage.{key}", given=given, **values) + meant)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str], namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """An unknown option is told of first: what else is missing may be what it was to say."""
        known = self._option_string_actions
        stranger = self._first_unknown(args, known)
        if stranger:
            self.mistaken("unknown_option", stranger, known)
        found, rest = super().parse_known_args(args, namespace)
        if rest and not self.has_commands:
            self.error(self._wording.text("command.usage.too_much", given=" ".join(rest)))
        return found, rest

    def _first_unknown(self, args: Sequence[str], known: dict[str, argparse.Action]) -> str:
        """What looks like an option and is none of these; before the commands, where there are
        any: what stands behind one is for its own parser."""
        rest = iter(args)
        for argument in rest:
            name, equals, _ = argument.partition("=")
            if argument == "--":
                break
            if VALUE.match(argument) or " " in argument:
                if self.has_commands:
                    break
                continue
            if name not in known:
                return name
            if not equals and known[name].nargs is None:
                next(rest, None)
        return ""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Instead of argparse's own words, which name every command there is."""
        if action.choices is None or value in action.choices:
            return
        choices = list(map(str, action.choices))
        if action.dest == "command":
            self.mistaken("unknown_command", str(value), choices)
        name = "/".join(action.option_strings) or action.metavar or action.dest
        self.mistaken("none_of", str(value), choices, name=name, known=", ".join(choices))


def _nearest(given: str, choices: Sequence[str]) -> str:
    """The one that begins so, else the one that looks most like it; empty where none does."""
    from difflib import get_close_matches

    if len(given.strip("-")) < SHORTEST:
        return ""
    begun = [one for one in choices if one.startswith(given)]
    alike = get_close_matches(given.casefold(), choices, 1, NEAR)
    return next(iter((*begun, *alike)), "")


class Tree:
    """Adds subcommands, each with the global options and its help from the catalogue."""

    def __init__(self, parser: Parser, wording: Wording) -> None:
        self._wording = wording
        parser.has_commands = True
        self._commands = parser.add_subparsers(
            dest="command", metavar="COMMAND", title=wording.text("command.help.commands")
        )

    def command(self, name: str) -> Parser:
        words = self._wording.text(f"command.help.{name}.about")
        parser: Parser = self._commands.add_parser(
            name, wording=self._wording, help=words, description=words
        )
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
