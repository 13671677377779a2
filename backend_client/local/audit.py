"""The audit log: append-only, chained by HMAC, written in the transaction of the change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.local.anchor import Mark
from backend_client.local.audit_key import AuditKey
from backend_client.local.connect import driver
from backend_client.local.rows import fetch, insert_rows
from backend_client.local.times import to_us
from backend_client.local.verify_audit import FIELDS, Verdict, hashed_under, message_of, verify

if TYPE_CHECKING:
    from backend_client.domain.caller import Caller
    from backend_client.local.store import Store
    from backend_client.reports import AuditReport

PAGE = 1000
_COLUMNS = (*FIELDS, "prev", "hash")


@dataclass(frozen=True, slots=True)
class Record:
    """What happened to what; `body` holds plain JSON values (masked before they are hashed)."""

    action: str
    object: str
    body: Mapping[str, Any] = field(default_factory=dict)


class AuditLog:
    """Writes and checks the chain of one store."""

    def __init__(self, key: AuditKey) -> None:
        self._key = key

    def append(
        self,
        connection: Connection,
        caller: Caller,
        at: datetime,
        *records: Record,
    ) -> None:
        """Add records in the caller's write transaction; with it they stay or go."""
        from backend_client.local.schema import audit  # the schema takes long, and reads need none

        hashed = hashed_under(self._key.require(connection))
        seq, head = self.head(connection)
        who = (
            mask_card_numbers(caller.operator),
            caller.role.value,
            mask_card_numbers(caller.desk),
            caller.entrance.value,
            mask_card_numbers(caller.correlation_id),
        )
        rows: list[tuple[Any, ...]] = []
        for record in records:
            seq += 1
            what = (record.action, mask_card_numbers(record.object), canonical(record.body))
            values = (seq, to_us(at), *who, *what)
            previous, head = head, hashed(message_of(head, values))
            rows.append((*values, previous, head))
        insert_rows(connection, audit, _COLUMNS, rows)

    def head(self, connection: Connection) -> tuple[int, str]:
        """The last record's number and hash: an anchor, once it is written down elsewhere."""
        last = fetch(connection, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        return (last[0].seq, last[0].hash) if last else (0, "")

    def verify(
        self,
        store: Store,
        anchor: tuple[int, str] | None = None,
        beside: Mark | None = None,
    ) -> AuditReport:
        """Follow the whole chain; `broken_at` is the first record that does not hold.

        Without an anchor given, the one beside the store shows whether its tail was cut off: what
        was read there before the moment that is looked at.
        """
        from backend_client.reports import AuditReport

        beside = beside or store.anchor.read()
        with store.read() as connection:
            if anchor is None and beside is not None and beside.is_of(driver(connection)):
                anchor = beside.head
            key = self._key.find(connection) or b""
            verdict = holds(key, connection, anchor) or verify(key, records(connection), anchor)
        return AuditReport(verdict.records, verdict.head, verdict.broken_at, verdict.why)

    def export(self, store: Store, operator: str | None = None) -> Iterator[str]:
        """Every record as one JSON line, or those of one operator; read page by page, so that a
        slow reader holds nothing."""
        after = 0
        while True:
            with store.read() as connection:
                page = list(_page(connection, after))
            wanted = (one for one in page if operator in (None, one["operator"]))
            yield from (json.dumps(record, ensure_ascii=False) for record in wanted)
            if len(page) < PAGE:
                return
            after = page[-1]["seq"]


_MESSAGES = f"""
SELECT seq, hash, IIF(length(prev) = 64 * (seq > 1),
  CAST(prev || '|' || json_array({", ".join(FIELDS)}) AS BLOB), x'')
FROM audit ORDER BY seq"""
"""What was hashed; nothing where `prev` has not the length of a hash, so that what a message begins
with is the whole of it."""


def holds(key: bytes, connection: Connection, anchor: tuple[int, str] | None) -> Verdict | None:
    """The verdict when every record holds, None when that cannot be said this way.

    A third of the work of `verify`: the database itself writes what was hashed, and equal hashes
    prove that it wrote the same. Where the database would write a letter differently, or anything
    is wrong, `verify` has the last word.
    """
    hashed = hashed_under(key)
    anchored, expected = anchor or (0, "")
    count, head = 0, ""
    for seq, told, message in driver(connection).execute(_MESSAGES):
        if seq != count + 1 or not message.startswith(head.encode()):
            return None
        if hashed(message) != told or (seq == anchored and told != expected):
            return None
        count, head = seq, told
    return None if anchored > count else Verdict(count, head)


def records(connection: Connection) -> Iterator[dict[str, Any]]:
    """All records, oldest first, as the verifier wants them."""
    after = -(2**63)
    while page := list(_page(connection, after)):
        yield from page
        after = page[-1]["seq"]


def _page(connection: Connection, after: int) -> Iterator[dict[str, Any]]:
    rows: Sequence[Any] = fetch(
        connection,
        f"SELECT {', '.join(_COLUMNS)} FROM audit WHERE seq > ? ORDER BY seq LIMIT {PAGE}",
        after,
    )
    return (dict(zip(_COLUMNS, row, strict=True)) for row in rows)


def canonical(body: Mapping[str, Any]) -> str:
    """One spelling of a body, with anything that looks like a card number masked first."""
    text = _spelled(body)
    suspect = "%" in text or ";" in text or _SUSPECT.search(text)
    return _spelled(masked(body)) if suspect else text


_spelled = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
).encode
_SUSPECT = re.compile(r"\d(?=[^\":\[\]{}]{12})(?:[^\d\":\[\]{}]{0,18}+\d){12}")
"""Without a match there is no card number: its digits stand in one text, with at most three letters
between two of them, never a colon, each of which takes up to six in JSON. Nor is there a swipe
without `%` or `;`. A run writes a hundred thousand bodies, and looking through every text of each
costs more than spelling it; so would going back over what was read (`+`), and reading on from
digits whose text is too short."""


def masked(value: Any) -> Any:
    """The value with every text in it masked."""
    if isinstance(value, str):
        return mask_card_numbers(value)
    if isinstance(value, Mapping):
        return {mask_card_numbers(str(key)): masked(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked(one) for one in value]
    return value
