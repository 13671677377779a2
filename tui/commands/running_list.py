"""`runs` and `performances`: what ran, its log, and what a run may be about."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from backend_client.domain.problems import Refused
from backend_client.domain.run_record import record
from backend_client.domain.runs import PerformanceRow, Run
from tui.commands import running_typed
from tui.commands.console import as_json, escaped
from tui.commands.running_live import Carrying
from tui.commands.running_outcome import Report
from tui.commands.running_words import RunLines
from tui.commands.session import Session
from tui.text.columns import table
from tui.text.inert import inert
from tui.text.run_export import csv_lines, json_pieces

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller

HEAD = ("id", "key", "event", "when", "bookings", "tickets", "note")
EVENT = 24
SHOWN = 50
PAGE = 200


def runs(session: Session) -> int:
    """The list, one run, its whole log; or stop, resume, end or approve one from anywhere."""
    args = session.args
    acts = args.stop or args.resume or args.end or args.approve
    if args.csv and acts:
        raise session.usage("runs_csv")
    if args.run is None:
        if acts:
            raise session.usage("runs_which")
        with session.backend() as backend:
            return _list(session, backend, session.caller())
    with session.backend() as backend:
        caller = session.caller()
        if args.resume:
            return _resume(session, backend, caller)
        if args.approve:
            return _approve(session, backend, caller)
        if args.stop or args.end:
            return _halt(session, backend, caller)
        if args.csv or session.console.json:
            return _log(session, backend, caller)
        run = backend.run(caller, args.run)
        report = Report(session, backend, caller)
        report.show(run)
        report.what_now(run)
    return 0


def _list(session: Session, backend: Backend, caller: Caller) -> int:
    if session.console.json:
        _write_json("runs", (record(run) for run in _every(backend, caller)))
        return 0
    if session.args.csv:
        for line in csv_lines(map(record, _every(backend, caller)), session.wording):
            sys.stdout.write(line)
        return 0
    page = backend.runs(caller, limit=SHOWN)
    if not page.runs:
        session.console.say(session.wording.text("command.running.none"))
        return 0
    session.console.data(
        RunLines(session.wording, session.dates, session.clock.now()).runs(page.runs)
    )
    if page.next_before is not None:
        session.console.say(session.wording.text("command.running.older", shown=SHOWN))
    return 0


def _every(backend: Backend, caller: Caller) -> Iterator[Run]:
    before: int | None = None
    while True:
        page = backend.runs(caller, before=before, limit=PAGE)
        yield from page.runs
        before = page.next_before
        if before is None:
            return


def _log(session: Session, backend: Backend, caller: Caller) -> int:
    """Every item, read and written as it goes: a log may be long."""
    records = backend.export_run(caller, session.args.run)
    run = next(records)
    pieces = (
        csv_lines(records, session.wording)
        if session.args.csv
        else map(escaped, json_pieces(run, records))
    )
    for piece in pieces:
        sys.stdout.write(piece)
    return 0


def _resume(session: Session, backend: Backend, caller: Caller) -> int:
    run_id: int = session.args.run
    carrying = Carrying(session, backend, caller)
    run = carrying.carry_out(lambda: backend.resume_run(caller, run_id), lambda: run_id)
    return Report(session, backend, caller).ended(run, carrying.told)


def _approve(session: Session, backend: Backend, caller: Caller) -> int:
    """Say yes to exactly what is shown here."""
    report = Report(session, backend, caller)
    run = backend.run(caller, session.args.run)
    if not session.console.json:
        report.show(run)
    return report.approved(backend.approve_run(caller, run.id, run.fingerprint))


def _halt(session: Session, backend: Backend, caller: Caller) -> int:
    """Answer with the run as it is then; what is over already is refused."""
    act = backend.stop_run if session.args.stop else backend.end_run
    run = act(caller, session.args.run)
    if session.console.json:
        session.console.value({"run": record(run)})
        return 0
    report = Report(session, backend, caller)
    report.stand(run)
    report.what_now(run)
    return 0


def performances(session: Session) -> int:
    """All there are; 3 where none has the text in its name or key."""
    text = " ".join(session.args.text)
    with session.backend() as backend:
        rows = running_typed.performances(backend, session.caller(), text)
        first = next(rows, None)
        if first is None and text:
            raise Refused("performance-unknown", performance=inert(text))
        every = chain([first] if first else [], rows)
        if session.console.json:
            _write_json("performances", map(record, every))
            return 0
        lines = table(
            [_row(session, one) for one in every],
            head=[session.wording.text(f"command.running.performance.{name}") for name in HEAD],
            right=frozenset({4, 5}),
            limits=(None, None, EVENT, None, None, None, None),
        )
    session.console.data(lines)
    return 0


def _row(session: Session, one: PerformanceRow) -> tuple[str, ...]:
    here = one.site == session.settings.house.site
    return (
        f"#{one.id}",
        inert(one.key if here else f"{one.site}:{one.key}"),
        inert(one.event),
        session.dates.full(one.starts_at) if one.starts_at else "",
        f"{one.bookings:,}",
        f"{one.tickets:,}",
        session.wording.text("screen.performances.blocked") if one.blocked else "",
    )


def _write_json(name: str, values: Iterable[object]) -> None:
    """One JSON value with a list, written as it is read: what is refused at once is refused before
    the first letter."""
    rest = iter(values)
    first = list(islice(rest, 1))
    sys.stdout.write(f'{{"{name}": [')
    between = "\n"
    for value in chain(first, rest):
        sys.stdout.write(f"{between}{as_json(value)}")
        between = ",\n"
    sys.stdout.write("\n]}\n")
