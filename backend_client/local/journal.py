"""The journal of refund calls to Connect, in the store: durable before the call, never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backend_client.domain.approval import DayLimit
from backend_client.domain.booking import BookingKey
from backend_client.domain.caller import Caller
from backend_client.domain.connect_intent import (
    APPROVED,
    UNFINISHED,
    VOIDED,
    Conclusion,
    Intent,
    IntentNote,
    IntentState,
    Wish,
    already_decided,
    decided,
    in_the_way,
    outcome_of,
)
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.problems import Refused
from backend_client.domain.resolution import Step
from backend_client.domain.settlement import Outcome
from backend_client.domain.staleness import stale
from backend_client.local import ids, resolutions
from backend_client.local.audit import Record
from backend_client.local.journal_rows import add_note, insert, keep_approval, load, one
from backend_client.local.refunds import number_of
from backend_client.local.rows import fetch, id_list
from backend_client.local.times import from_us, to_us

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from backend_client.local.store import Store

_OF = "site = ? AND booking_id = ? AND transaction_id = ?"
_CONCLUDE = (
    "UPDATE connect_intent SET state = ?, changed_at_us = ?, read_at_us = ?, reads = ?, "
    "signal = ?, became = ?, lines_gone = ? WHERE id = ? AND state = ?"
)
_TAKEN = (
    "SELECT i.number, i.operator, i.desk, i.created_at_us FROM connect_line l "
    "JOIN connect_intent i ON i.id = l.intent_id WHERE l.site = ? AND l.booking_id = ? "
    "AND l.transaction_id = ? AND l.live = 1 AND l.sequence IN (SELECT value FROM json_each(?)) "
    "ORDER BY i.id DESC LIMIT 1"
)
_GIVEN = (
    "SELECT COALESCE(SUM(amount_minor), 0) AS given_minor FROM connect_intent "
    f"WHERE operator = ? AND created_at_us >= ? AND currency = ? "
    f"AND state <> '{IntentState.NOT_DONE.value}'"
)
_OPEN = f"state IN ({', '.join(repr(state.value) for state in sorted(UNFINISHED))})"


class LocalJournal:
    """Intents of one store; each change is one transaction with its audit record."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def read_only(self) -> bool:
        return self._store.read_only

    # ------------------------------------------------------------ reading

    def by_commit_key(self, key: str) -> Intent | None:
        """The call committed under this key, unless it was not done."""
        found = self._some("commit_key = ? AND state <> ?", key, IntentState.NOT_DONE.value)
        return found[0] if found else None

    def by_number(self, number: str) -> Intent:
        """By a refund's number; raises `refund-not-found`."""
        if found := self._some("number = ?", number.strip().upper()):
            return found[0]
        raise Refused("refund-not-found", text=number)

    def of_booking(self, key: BookingKey) -> tuple[Intent, ...]:
        """All calls of a booking, oldest first."""
        return self._some(_OF, key.site, key.booking_id, key.transaction_id)

    def unfinished(self) -> tuple[Intent, ...]:
        return self._some(_OPEN)

    def recent(self, limit: int) -> tuple[BookingKey, ...]:
        """Bookings something was done to lately, newest first."""
        with self._store.read() as connection:
            rows = fetch(
                connection,
                "SELECT site, booking_id, transaction_id FROM connect_intent "
                "GROUP BY 1, 2, 3 ORDER BY MAX(changed_at_us) DESC, MAX(id) DESC LIMIT ?",
                limit,
            )
        return tuple(BookingKey(row.site, row.booking_id, row.transaction_id) for row in rows)

    def given_by(self, operator: str, since: datetime, currency: str) -> int:
        with self._store.read() as connection:
            return _given(connection, operator, since, currency)

    def _some(self, where: str, *parameters: Any) -> tuple[Intent, ...]:
        with self._store.read() as connection:
            return load(connection, where, *parameters)

    # ------------------------------------------------------------ writing

    def begin(
        self,
        caller: Caller,
        wish: Wish,
        holder: str,
        now: datetime,
        born: IntentState = IntentState.PLANNED,
        day: DayLimit | None = None,
    ) -> Intent:
        """Write a call down before it is made, or before somebody approves it.

        Raises Refused: `refund-in-progress` while another of this booking is not finished,
        `being-refunded` when a line is in one that is, `plan-stale` when the caller gave back so
        much at another window meanwhile that with it they are above `day`.
        """

        def job(connection: Connection) -> Intent:
            _refuse_second(connection, wish)
            _refuse_above(connection, caller, wish, day)
            intent_id = ids.take(connection, "refund")
            insert(connection, caller, wish, intent_id, born, holder, now)
            told = {**_told(wish), "waits": born is IntentState.AWAITING_APPROVAL}
            self._audit(connection, caller, now, "refund", number_of(intent_id), told)
            return one(connection, intent_id)

        return self._store.write(job, label="refund")

    def sending(self, intent: Intent, now: datetime) -> Intent:
        """From this moment on the call may have been made; raises `connect-not-sent` where somebody
        else closed it meanwhile."""

        def job(connection: Connection) -> Intent:
            if not _send(connection, intent, IntentState.PLANNED, intent.holder, now):
                # Whoever took us for gone has closed it.
                raise Refused("connect-not-sent", detail="it waited too long")
            return one(connection, intent.id)

        return self._store.write(job, label="sending")

    def approve(
        self, caller: Caller, intent: Intent, fingerprint: str, holder: str, now: datetime
    ) -> Intent:
        """Somebody said yes: from this moment on the call may have been made, by `holder`."""

        def job(connection: Connection) -> Intent:
            known = one(connection, intent.id)
            if not known.waits:
                raise already_decided(known)
            keep_approval(connection, caller, known, fingerprint, now)
            sent = _send(connection, known, IntentState.AWAITING_APPROVAL, holder, now)
            assert sent, f"{known.number} changed inside the transaction"
            self._decide(connection, caller, intent, APPROVED, fingerprint, "", now)
            return one(connection, intent.id)

        return self._store.write(job, label="approve")

    def withdraw(
        self, caller: Caller, intent: Intent, fingerprint: str, reason: str, now: datetime
    ) -> Intent:
        """Somebody said no, or whoever made it takes it back: its lines are free again."""

        def job(connection: Connection) -> Intent:
            moved = connection.exec_driver_sql(
                "UPDATE connect_intent SET state = ?, changed_at_us = ? WHERE id = ? AND state = ?",
                (
                    IntentState.NOT_DONE.value,
                    to_us(now),
                    intent.id,
                    IntentState.AWAITING_APPROVAL.value,
                ),
            ).rowcount
            if moved != 1:
                raise already_decided(one(connection, intent.id))
            self._decide(connection, caller, intent, VOIDED, fingerprint, reason, now)
            return one(connection, intent.id)

        return self._store.write(job, label="void")

    def _decide(
        self,
        connection: Connection,
        caller: Caller,
        intent: Intent,
        what: str,
        fingerprint: str,
        reason: str,
        now: datetime,
    ) -> None:
        who = (caller.operator, caller.desk)
        add_note(connection, intent.id, IntentNote(now, what, fingerprint, reason, *who))
        body = {
            "made_by": intent.operator,
            "fingerprint": fingerprint,
            "reason": reason,
            "amount_minor": intent.wish.amount_minor,
            "currency": intent.wish.currency,
        }
        action = "approve" if what == APPROVED else "void"
        self._audit(connection, caller, now, action, intent.number, body)

    def conclude(
        self, caller: Caller, intent: Intent, conclusion: Conclusion, now: datetime
    ) -> Intent:
        """What a look at a call found. Where somebody else found it first, that stays."""

        def job(connection: Connection) -> Intent:
            known = one(connection, intent.id)
            if known.state is not intent.state:
                return known
            self._conclude(connection, known, conclusion, now)
            if conclusion.state is known.state and known.became is conclusion.verdict.became:
                return one(connection, intent.id)
            outcome = outcome_of(conclusion)
            note = IntentNote(now, outcome.value, conclusion.code, conclusion.text)
            add_note(connection, intent.id, note)
            body = {
                "state": conclusion.state.value,
                "became": conclusion.verdict.became.value,
                "signal": conclusion.signal.value,
                "code": conclusion.code,
                "text": conclusion.text,
                "paid": list(conclusion.verdict.paid),
            }
            self._audit(connection, caller, now, "connect_outcome", intent.number, body)
            return one(connection, intent.id)

        return self._store.write(job, label="outcome")

    def resolve(
        self,
        caller: Caller,
        intent: Intent,
        ordinal: int,
        found: Resolution,
        now: datetime,
        *,
        step: Step = Step.DECIDES,
    ) -> Intent:
        """What a person found out about one payment of a call in review; only proposed, it is kept
        and changes nothing."""
        proposes = step is Step.PROPOSES

        def job(connection: Connection) -> Intent:
            known = one(connection, intent.id)
            if known.state is not IntentState.REVIEW or _said(known) != _said(intent):
                raise Refused("plan-stale", changed=[f"payment {found.leg_number}"])
            resolutions.keep(connection, caller, found, step, now)
            legs = known.wish.legs
            if found.finding is not Finding.OTHER and not proposes:
                legs = tuple(
                    replace(leg, finding=found.finding, proof=found.reference)
                    if leg.ordinal == ordinal
                    else leg
                    for leg in legs
                )
                connection.exec_driver_sql(
                    "UPDATE connect_leg SET finding = ?, proof = ? "
                    "WHERE intent_id = ? AND ordinal = ?",
                    (found.finding.value, found.reference, intent.id, ordinal),
                )
            after = decided(known, legs)
            outcome = Outcome.NOTED if after is known.state else Outcome.RESOLVED
            outcome = Outcome.PROPOSED if proposes else outcome
            connection.exec_driver_sql(
                "UPDATE connect_intent SET state = ?, changed_at_us = ? WHERE id = ?",
                (after.value, to_us(now), intent.id),
            )
            text = " · ".join(filter(None, (found.reference, found.evidence)))
            who = (caller.operator, caller.desk, ordinal)
            add_note(
                connection,
                intent.id,
                IntentNote(now, outcome.value, found.finding.value, text, *who),
            )
            body = {
                "finding": found.finding.value,
                "reference": found.reference,
                "evidence": found.evidence,
                "after": after.value,
            }
            action = "propose_resolution" if proposes else "resolve"
            self._audit(connection, caller, now, action, found.leg_number, body)
            return one(connection, intent.id)

        return self._store.write(job, label="resolve")

    def _audit(
        self,
        connection: Connection,
        caller: Caller,
        now: datetime,
        action: str,
        what: str,
        body: Mapping[str, Any],
    ) -> None:
        self._store.audit.append(connection, caller, now, Record(action, what, body))

    @staticmethod
    def _conclude(connection: Connection, known: Intent, found: Conclusion, now: datetime) -> None:
        read_at = to_us(now) if found.read else known.read_at and to_us(known.read_at)
        gone = found.verdict.lines_gone if found.read else known.lines_gone
        connection.exec_driver_sql(
            _CONCLUDE,
            (
                found.state.value,
                to_us(now),
                read_at,
                known.reads + found.counts,
                found.signal.value,
                found.verdict.became.value,
                None if gone is None else int(gone),
                known.id,
                known.state.value,
            ),
        )
        if not found.read:
            return
        for leg, paid in zip(known.wish.legs, found.verdict.paid, strict=True):
            connection.exec_driver_sql(
                "UPDATE connect_leg SET paid = ? WHERE id = ?", (int(paid), leg.id)
            )


def _send(
    connection: Connection, intent: Intent, before: IntentState, holder: str, now: datetime
) -> bool:
    """Is it ours to send? Only whoever finds it as it was before is told so."""
    moved = connection.exec_driver_sql(
        "UPDATE connect_intent SET state = ?, holder = ?, sent_at_us = ?, changed_at_us = ? "
        "WHERE id = ? AND state = ?",
        (IntentState.SENDING.value, holder, to_us(now), to_us(now), intent.id, before.value),
    ).rowcount
    return moved == 1


def _refuse_second(connection: Connection, wish: Wish) -> None:
    key = (wish.key.site, wish.key.booking_id, wish.key.transaction_id)
    busy = load(connection, f"{_OF} AND {_OPEN}", *key)
    if busy:
        raise in_the_way(busy[0])
    taken = fetch(connection, _TAKEN, *key, id_list(line.sequence for line in wish.lines))
    if taken:
        first = taken[0]
        raise Refused(
            "being-refunded",
            operator=first.operator,
            desk=first.desk,
            at=from_us(first.created_at_us).isoformat(timespec="seconds"),
            refund=first.number,
        )


def _said(intent: Intent) -> list[IntentNote]:
    """What people said of it: a reading alone makes nobody's word stale."""
    return [note for note in intent.notes if note.operator]


def _given(connection: Connection, operator: str, since: datetime, currency: str) -> int:
    given: int = fetch(connection, _GIVEN, operator, to_us(since), currency)[0].given_minor
    return given


def _refuse_above(connection: Connection, caller: Caller, wish: Wish, day: DayLimit | None) -> None:
    if day is None or not wish.amount_minor:
        return
    given = _given(connection, caller.operator, day.since, wish.currency)
    if given + wish.amount_minor > day.most_minor:
        raise stale(f"what {caller.operator} gave back today")


def _told(wish: Wish) -> dict[str, Any]:
    """The call as the audit log tells it."""
    key = wish.key
    return {
        "booking": f"{key.site}:{key.booking_id}:{key.transaction_id}",
        "lines": [[line.sequence, line.value_minor] for line in wish.lines],
        "amount_minor": wish.amount_minor,
        "currency": wish.currency,
        "reason": wish.reason,
        "legs": [
            [leg.method.value, leg.amount_minor, leg.payment_key, leg.reference, leg.masked_number]
            for leg in wish.legs
        ],
        "environment": wish.environment,
        "fingerprint": wish.fingerprint,
        "through": "connect",
    }
