"""`import` and `schema`: bookings in from files, and what those files may say."""

from __future__ import annotations

from collections.abc import Callable

from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.problems import Kind, Refused
from backend_client.house_settings import known_currency, known_zone
from backend_client.reports import ImportReport, ImportSource
from tui import wiring
from tui.commands.console import Console, as_json, exit_code
from tui.commands.session import Session
from tui.text.inert import inert

EVERY = 1_000
"""Bookings between two signs of life: far less than ten a second."""


def bring_in(session: Session) -> int:
    """Each file whole or not at all; a refused one does not stop the others but is remembered in
    the exit code, the gravest one wins."""
    _check_options(session)
    worst = 0
    with session.backend(create=True) as backend:
        caller = session.caller()
        for path in session.args.files:
            try:
                report = _bring_in_one(session, backend, caller, path)
            except Refused as refused:
                session.console.progress("")
                worst = max(worst, session.console.refuse(refused))
                if refused.problem.kind is Kind.UNAVAILABLE:
                    return exit_code(refused)
                continue
            session.console.progress("")
            session.console.data(_lines(session, report))
    return worst


def _check_options(session: Session) -> None:
    """Site, currency and zone are the same for every file, so they are judged before any."""
    args = session.args
    if args.currency is not None and not known_currency(args.currency):
        raise session.usage("currency", given=inert(args.currency))
    if args.zone is not None and not known_zone(args.zone):
        raise session.usage("zone", given=inert(args.zone))
    if args.site is not None and not inert(args.site):
        raise session.usage("empty", option="--site")


def _bring_in_one(session: Session, backend: Backend, caller: Caller, path: str) -> ImportReport:
    args, house = session.args, session.settings.house
    source = ImportSource(
        path=path,
        format=args.format or wiring.recognise(path),
        site=args.site or house.site,
        currency=args.currency or house.currency,
        zone=args.zone or house.zone,
    )
    said = session.wording
    count = counted(
        session.console,
        lambda done: said.text("command.import.progress", path=inert(path), count=f"{done:,}"),
    )
    return backend.import_bookings(caller, source, count)


def counted(console: Console, words: Callable[[int], str]) -> Callable[[int], None]:
    """Progress for an import, in words, now and then."""
    shown = 0

    def progress(done: int) -> None:
        nonlocal shown
        if done - shown >= EVERY:
            shown = done
            console.progress(words(done))

    return progress


def _lines(session: Session, report: ImportReport) -> list[str]:
    say = session.wording.text
    lines = [
        say(
            "command.import.report",
            path=inert(report.path),
            read=f"{report.read:,}",
            added=f"{report.added:,}",
            updated=f"{report.updated:,}",
            unchanged=f"{report.unchanged:,}",
            format=report.format,
        )
    ]
    for field, value in report.defaults.items():
        lines.append(say("command.import.default", field=field, value=inert(value)))
    for booking in report.contradicted:
        lines.append(say("command.import.contradicted", booking=inert(booking)))
    return lines


def schema(session: Session) -> int:
    """The JSON Schema of one line of a native file, or of what `refund --json` prints."""
    if session.args.what == "plan":
        from tui.commands.plan_schema import PLAN_SCHEMA

        session.console.data((as_json(PLAN_SCHEMA, indent=2),))
        return 0
    session.console.data((as_json(wiring.booking_schema(), indent=2),))
    return 0
