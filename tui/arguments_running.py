"""The arguments of mass runs, beside those of all other commands in `tui.arguments`."""

from __future__ import annotations

import argparse
import csv
from typing import TYPE_CHECKING

from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.run_parameters import CreditMode
from backend_client.domain.texts import clean_text
from tui.first_options import DIGITS

if TYPE_CHECKING:
    from tui.arguments_tree import Parser, Tree

LONGEST_NAME = 80
LARGEST_BATCH = 9_999_999


def add_running(tree: Tree) -> None:
    """`cancel-performance`, `dispatch`, `runs`, `performances`."""
    _cancel_performance(tree)
    _dispatch(tree)
    runs = tree.command("runs")
    tree.option(runs, "run", name="runs.run", metavar="ID", nargs="?", type=number)
    form = runs.add_mutually_exclusive_group()
    tree.json(form)
    tree.option(form, "--csv", name="runs.csv", action="store_true")
    act = runs.add_mutually_exclusive_group()
    for name in ("stop", "resume", "end", "approve"):
        tree.option(act, f"--{name}", name=f"runs.{name}", action="store_true")

    performances = tree.command("performances")
    tree.option(
        performances, "text", name="performances.text", metavar="TEXT", nargs="*", default=[]
    )
    tree.json(performances)


def _cancel_performance(tree: Tree) -> None:
    cancel = tree.command("cancel-performance")
    name = "cancel-performance.{}".format
    tree.option(
        cancel,
        "performances",
        name=name("performances"),
        metavar="PERFORMANCE",
        nargs="*",
        default=[],
    )
    tree.option(cancel, "--reason", name=name("reason"), metavar="TEXT")
    for flag, field in (
        ("contingent", "contingents"),
        ("category", "categories"),
        ("tariff", "tariffs"),
        ("file", "files"),
        ("except-contact", "contacts"),
    ):
        value = flag.rpartition("-")[2].upper()
        _listed(tree, cancel, f"--{flag}", field, name(flag), value)
    _sold_through(tree, cancel)
    paid = cancel.add_mutually_exclusive_group()
    for flag in ("paid-by", "not-paid-by"):
        tree.option(
            paid,
            f"--{flag}",
            name=name(flag),
            dest=flag.replace("-", "_"),
            metavar="METHOD,…",
            action="extend",
            type=_methods,
        )
    _either(tree, cancel, "charges", name("charges"))
    _either(tree, cancel, "shipment", name("shipment"))
    tree.option(cancel, "--retain", name=name("retain"), metavar="MINOR|per-ticket:N|percent:P")
    _either(tree, cancel, "block", name("block"))
    _end(tree, cancel)


def _dispatch(tree: Tree) -> None:
    dispatch = tree.command("dispatch")
    tree.option(dispatch, "--from", name="dispatch.from", dest="first", metavar="DAY")
    tree.option(dispatch, "--to", name="dispatch.to", dest="last", metavar="DAY")
    modes = [mode.value.replace("_", "-") for mode in CreditMode]
    tree.option(dispatch, "--credit", name="dispatch.credit", choices=modes)
    _sold_through(tree, dispatch)
    _either(tree, dispatch, "email", "dispatch.email")
    _end(tree, dispatch)


def _sold_through(tree: Tree, parser: Parser) -> None:
    _listed(tree, parser, "--sold-through", "sold_through", "run.sold-through", "CHANNEL")


def _listed(tree: Tree, parser: Parser, flag: str, field: str, name: str, value: str) -> None:
    tree.option(
        parser,
        flag,
        name=name,
        dest=field,
        metavar=f"{value},…",
        action="extend",
        type=_list,
    )


def _either(tree: Tree, parser: Parser, field: str, name: str) -> None:
    """Yes or no in so many words; neither leaves it as it is without them."""
    both = parser.add_mutually_exclusive_group()
    for flag, value in ((f"--{field}", True), (f"--no-{field}", False)):
        tree.option(
            both,
            flag,
            name=f"{name}.{'yes' if value else 'no'}",
            dest=field,
            action="store_const",
            const=value,
            default=None,
        )


def _end(tree: Tree, parser: Parser) -> None:
    """What both kinds of runs are told last: where, how many, and which step this is."""
    tree.option(parser, "--through", name="run.through", metavar="CHANNEL")
    tree.option(parser, "--batch", name="run.batch", metavar="N", type=_batch)
    step = parser.add_mutually_exclusive_group(required=True)
    for flag in ("simulate", "live", "unattended"):
        tree.option(step, f"--{flag}", name=f"run.{flag}", action="store_true")
    tree.option(parser, "--simulation", name="run.simulation", metavar="ID", type=number)
    tree.json(parser)


def number(text: str) -> int:
    """The number of a run."""
    if not DIGITS.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a run")
    return int(text)


def _batch(text: str) -> int:
    """At least one: nothing given means all, so a nought would be taken for that."""
    size = int(text) if DIGITS.fullmatch(text) else 0
    if not 1 <= size <= LARGEST_BATCH:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 1 and {LARGEST_BATCH}")
    return size


def _list(text: str) -> list[str]:
    """`a,b` as its parts; one that has a comma itself stands in double quotes. Nothing is no list:
    a filter that is empty means all."""
    row = next(csv.reader([clean_text(text, len(text))], skipinitialspace=True), [])
    parts = [clean_text(part, LONGEST_NAME) for part in row]
    if not parts or not all(parts):
        raise argparse.ArgumentTypeError(f"{text!r} names nothing")
    return parts


def _methods(text: str) -> list[PaymentMethod]:
    known = {method.value.replace("_", "-"): method for method in PaymentMethod}
    named = [part.lower().replace("_", "-").replace(" ", "-") for part in _list(text)]
    for one in named:
        if one not in known:
            raise argparse.ArgumentTypeError(f"{one!r} is none of {', '.join(known)}")
    return [known[one] for one in named]
