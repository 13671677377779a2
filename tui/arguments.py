"""The command line as a tree of arguments; what the commands do is not known here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial

from backend_client.domain.problems import PROBLEMS
from tui.arguments_access import add_access
from tui.arguments_limits import add_limits
from tui.arguments_running import add_running
from tui.arguments_serving import add_serving
from tui.arguments_tree import Parser, Tree, global_options, whole_number
from tui.first_options import FINGERPRINT
from tui.text.program import PROGRAM, called
from tui.text.wording import Wording

MOST_PRACTICE_BOOKINGS = 10_000_000
LAST_PORT = 65_535


class _Version(argparse.Action):
    """Looks the version up only when it is asked for: that costs more than all other arguments."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        sys.stdout.write(f"{PROGRAM} {version()}\n")
        parser.exit()


def version() -> str:
    """The version installed, or the one in the source tree this runs from."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        import tomllib
        from pathlib import Path

        project = Path(__file__).parent.parent / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


def parse(argv: Sequence[str], wording: Wording) -> argparse.Namespace:
    """What the arguments say."""
    return build_parser(wording).parse_args(argv)


def build_parser(wording: Wording) -> Parser:
    """The whole tree; the words of its help come from the catalogue."""
    parser = Parser(
        wording=wording,
        prog=called(),
        description=wording.text("command.help.program"),
        epilog=wording.text("command.help.exit_codes"),
    )
    parser.add_argument("-h", "--help", action="help", help=wording.text("command.help.help"))
    parser.add_argument(
        "--version",
        action=_Version,
        nargs=0,
        default=argparse.SUPPRESS,
        help=wording.text("command.help.version"),
    )
    global_options(parser, wording)
    tree = Tree(parser, wording)
    _venue(tree)
    _reading(tree)
    _refunding(tree)
    _aftercare(tree)
    add_running(tree)
    add_access(tree)
    add_limits(tree)
    _providers(tree)
    add_serving(tree, _port)
    return parser


def _venue(tree: Tree) -> None:
    demo = tree.command("demo")
    tree.option(demo, "--bookings", name="demo.bookings", metavar="N", type=_practice_size)
    tree.option(demo, "--seed", name="demo.seed", metavar="S", type=whole_number)
    tree.option(demo, "--dir", name="demo.dir", metavar="DIR")
    tree.option(demo, "--dialect", name="demo.dialect", choices=("worldline", "stripe"))
    tree.option(demo, "--faults", name="demo.faults", metavar="NAME=SHARE,…")
    tree.option(demo, "--no-tui", name="demo.no_tui", action="store_true")
    tree.option(demo, "--cases", name="demo.cases", action="store_true")

    bring = tree.command("import")
    tree.option(bring, "files", name="import.files", metavar="FILE", nargs="+")
    tree.option(bring, "--format", name="import.format", choices=("connect", "native"))
    tree.option(bring, "--site", name="import.site", metavar="SITE")
    tree.option(bring, "--currency", name="import.currency", metavar="CODE")
    tree.option(bring, "--zone", name="import.zone", metavar="ZONE")

    schema = tree.command("schema")
    tree.option(schema, "what", name="schema.what", choices=("booking", "plan"))


def _reading(tree: Tree) -> None:
    lookup = tree.command("lookup")
    tree.option(lookup, "text", name="lookup.text", metavar="TEXT", nargs="+")
    tree.json(lookup)

    show = tree.command("show")
    tree.option(show, "what", name="show.what", metavar="BOOKING|REFUND")
    form = show.add_mutually_exclusive_group()
    tree.json(form)
    tree.option(form, "--receipt", name="show.receipt", action="store_true")


def _refunding(tree: Tree) -> None:
    refund = tree.command("refund")
    tree.option(refund, "booking", name="refund.booking", metavar="BOOKING")
    chosen = refund.add_mutually_exclusive_group(required=True)
    tree.option(chosen, "--lines", name="refund.lines", metavar="1,2", type=_sequences)
    tree.option(chosen, "--all", name="refund.all", action="store_true")
    tree.option(refund, "--reason", name="refund.reason", metavar="TEXT", required=True)
    _to(tree, refund, "METHOD[:MINOR][@PAYMENT]", "refund.to")
    tree.option(refund, "--retain", name="refund.retain", metavar="MINOR")
    tree.option(refund, "--reference", name="refund.reference", metavar="REF")
    for option, name, metavar in (
        ("--card-masked", "masked_number", "MASK"),
        ("--card-type", "card_type", "TYPE"),
        ("--card-expiry", "card_expiry", "MM/YY"),
    ):
        tree.option(refund, option, name=f"refund.{name}", dest=name, metavar=metavar)
    _acknowledge(tree, refund, "refund.acknowledge")
    step = refund.add_mutually_exclusive_group(required=True)
    tree.option(step, "--preview", name="refund.preview", action="store_true")
    tree.option(step, "--commit", name="refund.commit", action="store_true")
    tree.option(refund, "--plan", name="refund.plan", metavar="FINGERPRINT", type=_fingerprint)
    tree.json(refund)

    method = tree.command("method")
    tree.option(method, "leg", name="method.leg", metavar="LEG")
    _to(tree, method, "METHOD[:MINOR]", "method.to", required=True)
    tree.option(method, "--reason", name="method.reason", metavar="TEXT", required=True)
    tree.option(method, "--reference", name="method.reference", metavar="REF")
    tree.json(method)

    number = tree.command("number")
    tree.option(number, "leg", name="number.leg", metavar="LEG")
    tree.json(number)

    hand = tree.command("hand-over")
    tree.option(hand, "legs", name="hand-over.legs", metavar="LEG", nargs="+")
    tree.option(hand, "--reference", name="hand-over.reference", metavar="REF")
    tree.json(hand)

    void = tree.command("void")
    tree.option(void, "refund", name="void.refund", metavar="REFUND")
    tree.option(void, "--reason", name="void.reason", metavar="TEXT", required=True)

    approve = tree.command("approve")
    tree.option(approve, "refund", name="approve.refund", metavar="REFUND")
    tree.option(approve, "--refuse", name="approve.refuse", action="store_true")
    tree.option(approve, "--reason", name="approve.reason", metavar="TEXT", default="")
    tree.json(approve)


def _to(tree: Tree, parser: Parser, metavar: str, name: str, *, required: bool = False) -> None:
    tree.option(
        parser,
        "--to",
        name=name,
        metavar=metavar,
        action="append",
        default=None if required else [],
        required=required,
    )


def _acknowledge(tree: Tree, parser: Parser, name: str) -> None:
    tree.option(
        parser,
        "--acknowledge",
        name=name,
        metavar="CODE",
        action="append",
        type=_problem_code,
        default=[],
    )


def _aftercare(tree: Tree) -> None:
    tree.json(tree.command("open"))

    settle = tree.command("settle")
    how = settle.add_mutually_exclusive_group()
    tree.option(how, "--once", name="settle.once", action="store_true")
    tree.option(how, "--watch", name="settle.watch", action="store_true")
    tree.json(settle)

    resolve = tree.command("resolve")
    tree.option(resolve, "leg", name="resolve.leg", metavar="LEG")
    found = resolve.add_mutually_exclusive_group(required=True)
    tree.option(found, "--found", name="resolve.found", metavar="REF")
    tree.option(found, "--not-found", name="resolve.not_found", action="store_true")
    tree.option(found, "--other", name="resolve.other", metavar="NOTE")
    tree.option(found, "--confirm", name="resolve.confirm", action="store_true")
    tree.option(resolve, "--evidence", name="resolve.evidence", metavar="TEXT")
    tree.json(resolve)

    reconcile = tree.command("reconcile")
    tree.option(reconcile, "--since", name="reconcile.since", metavar="WHEN")
    tree.option(reconcile, "--file", name="reconcile.file", metavar="EXPORT")
    tree.option(reconcile, "--provider", name="reconcile.provider", metavar="NAME")
    tree.option(reconcile, "--accept", name="reconcile.accept", metavar="PAYMENT")
    tree.option(reconcile, "--reference", name="reconcile.reference", metavar="REF")
    tree.option(reconcile, "--note", name="reconcile.note", metavar="TEXT")
    _acknowledge(tree, reconcile, "reconcile.acknowledge")
    tree.json(reconcile)

    credit = tree.command("credit")
    tree.option(credit, "contact", name="credit.contact", metavar="CONTACT")
    tree.option(credit, "--spend", name="credit.spend", metavar="MINOR")
    tree.option(credit, "--reference", name="credit.reference", metavar="REF")
    tree.json(credit)

    outbox = tree.command("outbox")
    tree.option(outbox, "--send", name="outbox.send", action="store_true")
    tree.json(outbox)

    tree.json(tree.command("doctor"))

    audit = tree.command("audit")
    tree.option(audit, "what", name="audit.what", choices=("verify", "export", "restored"))
    tree.option(audit, "--note", name="audit.note", metavar="TEXT")


def _providers(tree: Tree) -> None:
    config = tree.command("config")
    tree.option(config, "what", name="config.what", choices=("check",))
    tree.option(config, "--connect", name="config.connect", action="store_true")
    tree.json(config)

    practice = tree.command("practice-provider")
    option = partial(tree.option, practice)
    option("--port", name="practice-provider.port", metavar="N", type=_port, default=0)
    option(
        "--dialect",
        name="practice-provider.dialect",
        choices=("worldline", "stripe"),
        default="worldline",
    )
    option("--faults", name="practice-provider.faults", metavar="NAME=SHARE,…", default="")
    option("--seed", name="practice-provider.seed", metavar="S", type=whole_number, default=0)
    option("--ledger", name="practice-provider.ledger", metavar="FILE")
    option("--address-file", name="practice-provider.address_file", metavar="FILE")
    option("--while-input", name="practice-provider.while_input", action="store_true")
    option("--latency", name="practice-provider.latency", metavar="MS[-MS]", default="0")
    option("--slow", name="practice-provider.slow", metavar="S", type=whole_number, default=40)
    option("--currency", name="practice-provider.currency", metavar="CODE", default="EUR")
    option("--balance", name="practice-provider.balance", metavar="MINOR", type=whole_number)
    option("--strict", name="practice-provider.strict", action="store_true")
    option("--ignore-keys", name="practice-provider.ignore_keys", action="store_true")
    option("--no-look-up", name="practice-provider.no_look_up", action="store_true")


def _port(text: str) -> int:
    number = whole_number(text)
    if number > LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return number


def _practice_size(text: str) -> int:
    number = whole_number(text)
    if not 1 <= number <= MOST_PRACTICE_BOOKINGS:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 1 and {MOST_PRACTICE_BOOKINGS}")
    return number


def _sequences(text: str) -> tuple[int, ...]:
    """Line numbers as in `1,2`, each once; nothing is a legal list here and refused by the rules,
    because an absent list would mean the whole booking."""
    if not text.strip():
        return ()
    return tuple(dict.fromkeys(whole_number(part.strip()) for part in text.split(",")))


def _problem_code(text: str) -> str:
    if text not in PROBLEMS:
        raise argparse.ArgumentTypeError(f"{text!r} is not the code of a warning")
    return text


def _fingerprint(text: str) -> str:
    if not FINGERPRINT.fullmatch(text):
        raise argparse.ArgumentTypeError("a fingerprint is the 32 letters a preview printed")
    return text
