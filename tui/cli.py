"""The command line: arguments in, a command run, an exit code out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from backend_client.domain.card_numbers import refuse_card_number
from backend_client.domain.problems import Refused
from backend_client.ports import Clock, RandomTokens, SystemClock, TokenSource
from tui import interpreter, places
from tui.commands.console import Console
from tui.commands.mistakes import where
from tui.commands.session import Arguments, Session
from tui.first_options import (
    FINGERPRINT,
    LINE_LIST,
    NUMBER_LISTS,
    PLACES,
    option_before_parsing,
    wants_json,
    window_options,
)
from tui.practice_folder import settings_beside
from tui.text.program import called
from tui.text.wording import FALLBACK, Wording, languages

INTERRUPTED = 130
PIPE_BROKEN = 141
WITHOUT_SETTINGS = frozenset({"demo", "practice-provider", "schema"})
"""Commands that must work whatever stands in the settings file."""


def run(
    argv: Sequence[str], *, clock: Clock | None = None, tokens: TokenSource | None = None
) -> int:
    """Do what the arguments say; 0 to 5 as documented, 130 interrupted, 141 nobody reads.

    Prints to the process's streams as they are now, so that a test can listen.
    """
    console = Console(_first_wording(argv), json=wants_json(argv))
    try:
        code = _answered(argv, console, clock or SystemClock(), tokens or RandomTokens())
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        console.progress("")
        console.say(console.wording.text("command.interrupted"))
        return INTERRUPTED
    except BrokenPipeError:
        return PIPE_BROKEN


def _answered(argv: Sequence[str], console: Console, clock: Clock, tokens: TokenSource) -> int:
    """Every "no" becomes words or JSON here, an unforeseen one too."""
    try:
        return _run(argv, console, clock, tokens)
    except Refused as refused:
        return console.refuse(refused)
    except BrokenPipeError:
        raise
    except Exception as error:
        return console.refuse(Refused("internal", detail=where(error)))


def _run(argv: Sequence[str], console: Console, clock: Clock, tokens: TokenSource) -> int:
    _refuse_card_numbers(argv)
    if not all(map(_is_text, argv)):
        detail = console.wording.text("command.usage.not_text")
        raise Refused("usage", detail=detail, command=called())
    _refuse_empty_values(argv, console.wording)
    args: Arguments | None = window_options(argv)
    if args is None:
        from tui.arguments import parse

        try:
            args = parse(argv, console.wording)
        except SystemExit as done:  # after --help or --version
            return int(done.code or 0)
    config = None if args.command in WITHOUT_SETTINGS else _config(args)
    return _command(Session(args, console, clock, tokens, config))


def _config(args: object) -> Path | None:
    given: str | None = getattr(args, "config", None)
    if given is not None:
        return Path(given)
    return settings_beside(getattr(args, "store", "")) or places.default_config()


def _command(session: Session) -> int:
    """Import only what this command needs: that is most of its time."""
    name: str | None = session.args.command
    if name is None:
        from tui.commands import window

        return window.open_window(session)
    interpreter.collect_rarely()
    if name in ("lookup", "show"):
        from tui.commands import find

        return find.lookup(session) if name == "lookup" else find.show(session)
    if name == "refund":
        from tui.commands import refund

        return refund.refund(session)
    if name in ("method", "void", "open", "credit"):
        from tui.commands import aftercare

        return aftercare.COMMANDS[name](session)
    if name == "approve":
        from tui.commands import approving

        return approving.approve(session)
    if name == "hand-over":
        from tui.commands import handing_over

        return handing_over.hand_over(session)
    if name == "number":
        from tui.commands import numbers

        return numbers.number(session)
    if name in ("settle", "resolve"):
        from tui.commands import settling

        return settling.settle(session) if name == "settle" else settling.resolve(session)
    if name in ("cancel-performance", "dispatch"):
        from tui.commands import running

        return (
            running.dispatch(session) if name == "dispatch" else running.cancel_performance(session)
        )
    if name in ("runs", "performances"):
        from tui.commands import running_list

        return running_list.runs(session) if name == "runs" else running_list.performances(session)
    if name == "reconcile":
        from tui.commands import reconcile

        return reconcile.reconcile(session)
    if name == "outbox":
        from tui.commands import outbox

        return outbox.outbox(session)
    if name in ("doctor", "audit"):
        from tui.commands import proof

        return proof.doctor(session) if name == "doctor" else proof.audit(session)
    if name in ("operators", "clients"):
        from tui.commands import clients, operators

        return operators.operators(session) if name == "operators" else clients.clients(session)
    if name == "limits":
        from tui.commands import limits

        return limits.limits(session)
    if name == "serve":
        from tui.commands import serve

        return serve.serve(session)
    if name == "config":
        from tui.commands import config

        return config.check(session)
    if name == "practice-provider":
        from tui.commands import practice_provider

        return practice_provider.practice_provider(session)
    if name == "demo":
        from tui.commands import demo

        return demo.demo(session)
    from tui.commands import intake

    return intake.schema(session) if name == "schema" else intake.bring_in(session)


def _refuse_card_numbers(argv: Sequence[str]) -> None:
    """Before anything else sees, keeps or echoes an argument. Together, too: a number typed in
    four groups is four arguments."""
    looked_at = ["" if _cannot_be_a_card(argument) else argument for argument in argv]
    for at in range(len(argv)):
        for value in (listed := _listed_by(argv, at)):
            refuse_card_number(value, "argument")
        if listed:
            looked_at[at] = ""
    for argument in (*looked_at, " ".join(looked_at)):
        refuse_card_number(argument, "argument")


def _listed_by(argv: Sequence[str], at: int) -> Sequence[str]:
    """The values of a list of bookings or contacts: each is looked at by itself, because numbers in
    a row pass the check sum together now and then. Nothing for any other argument."""
    option, equals, value = argv[at].partition("=")
    if not equals and at:
        option, value = argv[at - 1], argv[at]
    return value.split(",") if option in NUMBER_LISTS else ()


def _cannot_be_a_card(argument: str) -> bool:
    """Our own fingerprints and lists of lines, whose digits pass the check sum now and then."""
    value = argument.rpartition("=")[2]
    return bool(FINGERPRINT.fullmatch(value) or LINE_LIST.fullmatch(value))


def _refuse_empty_values(argv: Sequence[str], wording: Wording) -> None:
    """An unset variable of a script must not mean another store than the one it was to name; and a
    value of two dashes is taken away by the parser."""
    for at, argument in enumerate(argv):
        if argument == "--":
            return
        option, equals, value = argument.partition("=")
        if not equals and option in PLACES:
            value = argv[at + 1] if at + 1 < len(argv) else option
        dropped = bool(equals) and option.startswith("--") and value == "--"
        if dropped or (option in PLACES and not value):
            detail = wording.text("command.usage.empty", option=option)
            raise Refused("usage", detail=detail, command=called())


def _is_text(argument: str) -> bool:
    """Bytes that are no UTF-8 arrive as halves of letters, which no store and no file can hold."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True


def _first_wording(argv: Sequence[str]) -> Wording:
    """The words for mistakes in the arguments themselves."""
    language = option_before_parsing(argv, "--lang")
    return Wording(language if language in languages() else FALLBACK)
