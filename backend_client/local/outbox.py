"""Mail is written in the commit it tells of, or not at all; what it says was decided by the rules.

Whoever changes the state of a payment calls `write_mails` before the commit ends.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from backend_client.domain.legs import Refund
from backend_client.domain.mail import (
    EarlierMail,
    Mail,
    MailState,
    addressee,
    mail_for,
)
from backend_client.domain.mailing import packed, unpacked
from backend_client.domain.refund import CLOSED
from backend_client.local import bookings, ids, refunds
from backend_client.local.rows import fetch, id_list, insert_rows
from backend_client.local.schema import outbox
from backend_client.local.times import to_us
from backend_client.local.triggers import in_list
from backend_client.settings import Settings

_SILENT = """
SELECT refund_id FROM (SELECT leg.refund_id, run.email, MAX(run.id) FROM leg
  JOIN run_leg ON run_leg.leg_id = leg.id JOIN run ON run.id = run_leg.run_id
  WHERE leg.refund_id IN (SELECT value FROM json_each(?1)) AND leg.state NOT IN {closed}
  GROUP BY leg.refund_id) WHERE email = 0"""
_STARTED = f"""
SELECT id FROM refund WHERE id IN (SELECT value FROM json_each(?1)) AND created_at_us >= ?2
AND id NOT IN ({_SILENT.format(closed=in_list(CLOSED))})"""
"""Of what the last run that worked on it was told to keep quiet about, nobody hears."""
_EARLIER = """
SELECT refund_id, to_address, body, state, unclear FROM outbox
WHERE refund_id IN (SELECT value FROM json_each(?)) ORDER BY refund_id, ordinal"""
_COLUMNS = (
    "id",
    "refund_id",
    "ordinal",
    "kind",
    "message_id",
    "to_address",
    "language",
    "body",
    "created_at_us",
    "state",
    "next_try_at_us",
    "changed_at_us",
)


@dataclass(frozen=True, slots=True)
class MailRules:
    """Refunds from `start` on are told of, in this language, under names of this domain."""

    start: datetime
    language: str
    domain: str


def mail_rules(settings: Settings) -> MailRules | None:
    """How this house mails; None where it does not."""
    mail = settings.mail
    if mail is None:
        return None
    midnight = datetime.combine(mail.start, time(), ZoneInfo(settings.house.zone))
    return MailRules(midnight, mail.language, mail.domain)


def write_mails(
    connection: Connection, rules: MailRules | None, refund_ids: Iterable[int], at: datetime
) -> None:
    """Write the mails these refunds call for after a change, in the transaction of the change."""
    if rules is None:
        return
    started = fetch(connection, _STARTED, id_list(refund_ids), to_us(rules.start))
    given_back = refunds.load(connection, [row.id for row in started])
    if not given_back:
        return
    earlier = _earlier(connection, given_back)
    of_booking = {
        booking.id: booking
        for booking in bookings.load(connection, {one.booking_id for one in given_back})
    }
    due: list[tuple[Refund, int, Mail]] = []
    for refund in given_back:
        booking, before = of_booking[refund.booking_id], earlier[refund.id]
        mail = mail_for(refund, booking, addressee(booking, refund), before)
        if mail is not None:
            due.append((refund, len(before) + 1, mail))
    _insert(connection, rules, due, at)


def _earlier(connection: Connection, given_back: Iterable[Refund]) -> dict[int, list[EarlierMail]]:
    """What was written of these refunds; it may arrive if it waits, was sent or nobody knows."""
    earlier: dict[int, list[EarlierMail]] = defaultdict(list)
    for row in fetch(connection, _EARLIER, id_list(one.id for one in given_back)):
        may_arrive = row.state in (MailState.WAITING, MailState.SENT) or row.unclear > 0
        earlier[row.refund_id].append(EarlierMail(unpacked(row.body), row.to_address, may_arrive))
    return earlier


def _insert(
    connection: Connection,
    rules: MailRules,
    due: list[tuple[Refund, int, Mail]],
    at: datetime,
) -> None:
    if not due:
        return
    first = ids.take(connection, "outbox", len(due))
    now = to_us(at)
    rows = [
        (
            mail_id,
            refund.id,
            ordinal,
            mail.facts.kind.value,
            message_id(refund, ordinal, rules.domain),
            mail.to,
            rules.language,
            packed(mail.facts),
            now,
            MailState.WAITING.value,
            now,
            now,
        )
        for mail_id, (refund, ordinal, mail) in enumerate(due, first)
    ]
    insert_rows(connection, outbox, _COLUMNS, rows)


def message_id(refund: Refund, ordinal: int, domain: str) -> str:
    """The one name of a mail in the world, made of the refund alone: however often it is sent, a
    mail program shows it once. The commit key tells two stores with the same numbers apart."""
    told = f"{refund.commit_key}\n{refund.number}\n{ordinal}"
    digest = hashlib.sha256(told.encode()).hexdigest()[:20]
    return f"<{refund.number.lower()}.{ordinal}.{digest}@{domain}>"
