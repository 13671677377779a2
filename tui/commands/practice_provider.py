"""`practice-provider`: a payment provider to practise with, as a program of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from backend_client.domain.money import exponent
from backend_client.domain.problems import Refused
from tui.commands.session import Session
from tui.text.inert import inert

if TYPE_CHECKING:
    from backend_client.providers.practice_program.address import AddressFile
    from backend_client.providers.practice_program.counter import Manners
    from backend_client.providers.practice_program.faults import FaultPlan
    from backend_client.providers.practice_program.server import PracticeProgram

MEMORY = ":memory:"
LONGEST_LATENCY_MS = 60_000


def practice_provider(session: Session) -> int:
    """Print the address on stdout, and answer until interrupted or told to end."""
    console = session.console
    with ExitStack() as held:
        if session.args.address_file:
            told = held.enter_context(_told_in(session, Path(session.args.address_file)))
        program = _program(session)
        held.enter_context(_ended_by_signals(program))
        if session.args.address_file:
            told.write(program.url)
        if session.args.while_input:
            threading.Thread(target=_end_with_input, args=(program,), daemon=True).start()
        console.data((program.url,))
        sys.stdout.flush()
        console.say(*_words(session, program.url))
        program.serve()
    console.say(session.wording.text("command.practice-provider.ended"))
    return 0


def _told_in(session: Session, path: Path) -> closing[AddressFile]:
    from backend_client.providers.practice_program.address import AddressFile, AddressTaken

    try:
        return closing(AddressFile(path.absolute()))
    except AddressTaken:
        raise session.usage("address_taken", path=inert(str(path))) from None
    except OSError:
        raise session.usage("address_file", path=inert(str(path))) from None


def _end_with_input(program: PracticeProgram) -> None:
    """Whoever started it holds the other end of its input, and lets go even when it is killed."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    program.stop()


def _program(session: Session) -> PracticeProgram:
    from backend_client.providers.practice_program.server import PracticeProgram

    args = session.args
    ledger = args.ledger or MEMORY
    try:
        return PracticeProgram(
            args.dialect,
            port=args.port,
            ledger=ledger,
            plan=_plan(session),
            manners=_manners(session),
            balance_minor=args.balance,
        )
    except sqlite3.Error:
        raise session.usage("ledger", path=ledger) from None
    except OSError:
        raise session.usage("port_taken", port=args.port) from None


def _plan(session: Session) -> FaultPlan:
    return refuse_unknown_faults(session, session.args.faults, session.args.seed)


def refuse_unknown_faults(session: Session, faults: str, seed: int = 0) -> FaultPlan:
    """The trouble that was asked for; a wrong name is refused with all that there are."""
    from backend_client.providers.practice_program.faults import parse_faults

    try:
        return parse_faults(faults, seed)
    except ValueError as mistake:
        raise session.usage("faults", detail=str(mistake)) from None


def _manners(session: Session) -> Manners:
    from backend_client.providers.practice_program.counter import Manners

    args = session.args
    exponent(args.currency)
    return Manners(
        honours_keys=not args.ignore_keys,
        look_up=not args.no_look_up,
        strict=args.strict,
        currency=args.currency,
        slow_s=float(args.slow),
        latency_ms=_latency(session, args.latency),
    )


def _latency(session: Session, text: str) -> tuple[int, int]:
    low, dash, high = text.partition("-")
    numbers = (low, high if dash else low)
    if not all(number.isascii() and number.isdigit() and len(number) < 6 for number in numbers):
        raise _no_latency(session, text)
    first, last = (int(number) for number in numbers)
    if not first <= last <= LONGEST_LATENCY_MS:
        raise _no_latency(session, text)
    return first, last


def _no_latency(session: Session, text: str) -> Refused:
    return session.usage("latency", given=text)


def _words(session: Session, url: str) -> tuple[str, ...]:
    """What it is, and the settings that lead to it, ready to be pasted."""
    args, text = session.args, session.wording.text
    return (
        text(
            "command.practice-provider.practising",
            dialect=args.dialect,
            ledger=inert(args.ledger or text("command.practice-provider.in_memory")),
        ),
        text("command.practice-provider.settings"),
        "",
        *settings_for(args.dialect, url),
        "",
    )


def settings_for(dialect: str, url: str) -> tuple[str, ...]:
    """The settings of a practice house all whose card payments this provider serves."""
    return (
        f"[providers.{dialect}]",
        f'dialect = "{dialect}"',
        f'endpoint = "{url}"',
        *(('merchant = "practice"',) if dialect == "worldline" else ()),
        'payments = ["worldline", "stripe", ""]',
        'methods = ["card", "gift_card"]',
        "bank_references = true",
    )


@contextmanager
def _ended_by_signals(program: PracticeProgram) -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP end it in order: answers under way are finished or cut."""

    def end(number: int, frame: FrameType | None) -> None:
        program.stop()

    before = {
        number: signal.signal(number, end)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
