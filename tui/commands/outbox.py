"""`outbox`: what customers were written, what waits, whom nobody could write to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.mailing import MailRun
from backend_client.domain.problems import Refused
from backend_client.reports import OutboxMail, OutboxPage
from tui.commands.session import Session
from tui.text.columns import table, wrap
from tui.text.dates import machine
from tui.text.inert import inert
from tui.text.money import money
from tui.text.problems import refusal_text

WIDTH = 79
ADDRESS = 40
NOTE = 60
_HEADS = ("refund", "kind", "state", "to", "amount", "when", "note")


def outbox(session: Session) -> int:
    """List the mails; with `--send` those that are due are sent first."""
    with session.backend() as backend:
        caller = session.caller()
        run = backend.send_mail(caller) if session.args.send else None
        page = backend.outbox(caller)
    if session.console.json:
        session.console.value(_page_json(page, run))
        return 0
    if run is not None:
        session.console.say(_run_text(session, run))
    session.console.data(_page(session, page))
    return 0


def send_beside(session: Session, backend: Backend, caller: Caller) -> str:
    """Send what is due beside other work, which no trouble with mail may stop; what to say."""
    if not backend.capabilities().sends_mail:
        return ""
    try:
        run = backend.send_mail(caller)
    except Refused as refused:
        return refusal_text(session.wording, refused).message
    did = run.sent or run.later or run.unclear or run.bounced or run.failed
    return session.wording.text("command.outbox.mail", did=_run_text(session, run)) if did else ""


def _run_text(session: Session, run: MailRun) -> str:
    say = session.wording.text
    counts = {
        "sent": run.sent,
        "later": run.later,
        "unclear": run.unclear,
        "bounced": run.bounced,
        "failed": run.failed,
    }
    told = [
        say(f"command.outbox.run.{name}", count=count) for name, count in counts.items() if count
    ]
    waiting = say("command.outbox.run.waiting", count=run.waiting)
    return " · ".join([*(told or [say("command.outbox.run.nothing")]), waiting])


def _page(session: Session, page: OutboxPage) -> Iterator[str]:
    say = session.wording.text
    if not page.configured:
        yield say("command.outbox.off")
    if page.mails:
        yield from table(
            [_row(session, mail) for mail in page.mails],
            head=[say(f"command.outbox.head.{name}") for name in _HEADS],
            right=frozenset({4}),
            limits=(None, None, None, ADDRESS, None, None, NOTE),
        )
        yield " · ".join(
            say(f"command.outbox.total.{state.value}", count=count)
            for state, count in page.totals.items()
        )
    elif page.configured:
        yield say("command.outbox.none")
    yield from _numbers(session, "no_address", page.no_address)
    yield from _numbers(session, "unwritten", page.unwritten)


def _row(session: Session, mail: OutboxMail) -> tuple[str, ...]:
    say = session.wording.text
    when = mail.next_try_at or mail.created_at
    return (
        inert(mail.refund_number),
        say(f"command.outbox.kind.{mail.kind.value}"),
        say(f"command.outbox.state.{mail.state.value}"),
        inert(mail.to),
        money(mail.amount_minor, mail.currency),
        session.dates.full(when),
        inert(" ".join(part for part in (mail.code, mail.text) if part)),
    )


def _numbers(session: Session, key: str, refunds: Sequence[str]) -> Iterator[str]:
    if refunds:
        numbers = ", ".join(inert(number) for number in refunds)
        yield from wrap(session.wording.text(f"command.outbox.{key}", refunds=numbers), WIDTH)


def _page_json(page: OutboxPage, run: MailRun | None) -> dict[str, Any]:
    value: dict[str, Any] = {
        "configured": page.configured,
        "totals": {state.value: count for state, count in page.totals.items()},
        "mails": [_mail_json(mail) for mail in page.mails],
        "no_address": list(page.no_address),
        "unwritten": list(page.unwritten),
    }
    if run is not None:
        value["run"] = {
            "sent": run.sent,
            "later": run.later,
            "unclear": run.unclear,
            "bounced": run.bounced,
            "failed": run.failed,
            "waiting": run.waiting,
        }
    return value


def _mail_json(mail: OutboxMail) -> dict[str, Any]:
    return {
        "refund": mail.refund_number,
        "kind": mail.kind.value,
        "state": mail.state.value,
        "to": mail.to,
        "message_id": mail.message_id,
        "amount_minor": mail.amount_minor,
        "currency": mail.currency,
        "created_at": machine(mail.created_at),
        "attempts": mail.attempts,
        "unclear": mail.unclear,
        "next_try_at": machine(mail.next_try_at) if mail.next_try_at else None,
        "code": mail.code,
        "text": mail.text,
    }
