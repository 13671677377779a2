"""The arguments of the commands about who may come in."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from backend_client.domain.caller import PEOPLE
from backend_client.domain.kinds import LineKind
from backend_client.domain.scopes import ScopeWord

if TYPE_CHECKING:
    from tui.arguments_tree import Tree

LONGEST_DAYS = 36_500


def add_access(tree: Tree) -> None:
    operators = tree.command("operators")
    tree.option(
        operators,
        "what",
        name="operators.what",
        choices=("list", "add", "role", "disable", "enable", "reset-pin", "pin"),
    )
    tree.option(operators, "name", name="operators.name", metavar="NAME", nargs="?")
    tree.option(operators, "--role", name="operators.role", choices=[role.value for role in PEOPLE])
    tree.json(operators)

    clients = tree.command("clients")
    tree.option(clients, "what", name="clients.what", choices=("list", "add", "revoke"))
    tree.option(clients, "name", name="clients.name", metavar="NAME", nargs="?")
    tree.option(
        clients,
        "--scope",
        name="clients.scope",
        metavar="WORD,…",
        type=_some_of(ScopeWord),
        default=(),
    )
    for many in ("site", "channel"):
        tree.option(
            clients, f"--{many}", name=f"clients.{many}", action="append", default=[], metavar="KEY"
        )
    tree.option(clients, "--own", name="clients.own", action="store_true")
    tree.option(
        clients,
        "--part",
        name="clients.part",
        metavar="PART,…",
        type=_some_of(LineKind),
        default=(),
    )
    tree.option(clients, "--limit", name="clients.limit", metavar="MINOR")
    tree.option(clients, "--expires", name="clients.expires", metavar="DAYS", type=_days)
    tree.json(clients)


def _some_of(known: Iterable[str]) -> Callable[[str], tuple[str, ...]]:
    """`a,b` of words there are, each once."""
    words = tuple(str(one) for one in known)

    def read(text: str) -> tuple[str, ...]:
        given = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
        for one in given:
            if one not in words:
                raise argparse.ArgumentTypeError(f"{one!r} is none of {', '.join(words)}")
        return given

    return read


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= LONGEST_DAYS):
        raise argparse.ArgumentTypeError(f"{text!r} is not from 0 to {LONGEST_DAYS} days")
    return int(text)
