"""`doctor` and `audit`: show that the store is whole and that nobody rewrote what was done."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap as wrapped

from backend_client.domain.caller import Action
from backend_client.domain.permissions import allowed
from backend_client.domain.problems import Refused
from backend_client.domain.restoring import Restored
from backend_client.reports import Check, DoctorReport
from tui.commands.session import Session
from tui.commands.shapes import doctor_json
from tui.commands.widths import ADVICE
from tui.text.columns import NARROWEST, cells, table, wrap
from tui.text.inert import inert

BETWEEN = 6
"""Cells before and between three columns."""


def doctor(session: Session) -> int:
    """0 when every check is green, 4 when one is red."""
    with session.backend() as backend:
        report = backend.doctor(session.caller())
    console = session.console
    failed = [check for check in report.checks if not check.ok]
    red = Refused("doctor-red", count=len(failed), checks=[check.code for check in failed])
    if console.json:
        if failed:
            return console.refuse(red, beside=doctor_json(report))
        console.value(doctor_json(report))
        return 0
    console.data(_report(session, report))
    if failed:
        return console.refuse(red)
    console.say(session.wording.text("command.doctor.all_ok", count=len(report.checks)))
    return 0


def _report(session: Session, report: DoctorReport) -> list[str]:
    facts = table([(inert(name), inert(value)) for name, value in report.facts.items()])
    lines = _checks(session, report.checks)
    return [*facts, "", *lines] if facts else lines


def _checks(session: Session, checks: Sequence[Check]) -> list[str]:
    """In columns; on a terminal long titles go on below themselves, and below each check stands
    what was found."""
    say = session.wording.text
    words = [say(f"command.doctor.{'ok' if check.ok else 'failed'}") for check in checks]
    codes = [inert(check.code) for check in checks]
    room = session.console.width - sum(max(map(cells, one), default=0) for one in (words, codes))
    rows: list[tuple[str, str, str]] = []
    below: list[list[str]] = []
    for check, word, code in zip(checks, words, codes, strict=True):
        title = inert(check.title)
        first, *more = wrap(title, room - BETWEEN) if room > BETWEEN + NARROWEST else [title]
        rows += [(word, code, first), *(("", "", piece) for piece in more)]
        findings = [f"      {inert(finding)}" for finding in check.findings]
        below += [*([] for _ in more), [*findings, *_what_to_do(session, check)]]
    return [line for head, after in zip(table(rows), below, strict=True) for line in (head, *after)]


def _what_to_do(session: Session, check: Check) -> list[str]:
    """What does not clear up by itself or by looking."""
    key = f"command.doctor.do.{check.code}"
    if check.ok or not session.wording.has(key):
        return []
    return [f"      {line}" for line in wrapped(session.wording.text(key), ADVICE)]


def _restored(session: Session, done: Restored) -> list[str]:
    say = session.wording.text
    lines = [
        session.wording.count(
            "command.audit.restored", done.looked_up, had=f"{done.had:,}", have=f"{done.have:,}"
        )
    ]
    if done.due or done.requested:
        facts = {"due": f"{done.due:,}", "requested": f"{done.requested:,}"}
        lines.append(say("command.audit.restored_by_hand", **facts))
    return lines


def audit(session: Session) -> int:
    """`verify`: 0 when the chain holds, 4 when not. `export`: every record as a JSON line.
    `restored`: a supervisor goes on from an older copy of the store."""
    restored = session.args.what == "restored"
    if restored != (session.args.note is not None):
        raise session.usage("restored_note")
    with session.backend() as backend:
        caller = session.caller()
        if restored:
            session.console.data(
                _restored(session, backend.go_on_restored(caller, session.args.note))
            )
            return 0
        if session.args.what == "export":
            session.console.data(backend.audit_export(caller))
            if not allowed(caller, Action.READ_AUDIT):
                session.console.say(session.wording.text("command.audit.own_only"))
            return 0
        report = backend.audit_verify(caller)
    if report.broken_at is not None:
        raise Refused("audit-broken", seq=report.broken_at, why=inert(report.why))
    if not report.records:
        session.console.data((session.wording.text("command.audit.empty"),))
        return 0
    text = session.wording.count("command.audit.intact", report.records, head=report.head)
    session.console.data((text,))
    return 0
