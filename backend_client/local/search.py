"""Finds bookings by whatever a customer can name: exact handles first, then the newest that fit."""

from __future__ import annotations

import re
from itertools import chain, islice, product

from sqlalchemy.engine import Connection

from backend_client.answers import Lookup
from backend_client.domain.card_numbers import refuse_card_number
from backend_client.local.bookings import find_ids
from backend_client.local.connect import ask
from backend_client.local.search_hits import hits
from backend_client.local.search_left import Rules
from backend_client.local.search_query import TEXT_LIMIT, Query, query_from
from backend_client.local.search_seats import with_seats

_EXACT_LIMIT = 20
_REFUND_NUMBER = re.compile(r"R-?(\d{1,18})(?:\.\d+)?", re.IGNORECASE)
_REFERENCE = re.compile(r"(?=.*\d)\S{4,}")
"""What a transaction or a bank reference looks like, and a name or a seat does not."""
_MISREAD = {"O": "O0", "0": "0O", "I": "I1", "1": "1I"}
_SPELLINGS_LIMIT = 16
_HANDLES = (
    ("booking", "id", "booking_id"),
    ("booking", "id", "number"),
    ("payment", "booking_id", "key"),
    ("payment", "booking_id", "provider_reference"),
)
_NEWEST_BY = "SELECT {0} FROM (SELECT {0} FROM {1} WHERE {2} = {3} ORDER BY {1}.id DESC LIMIT ?4)"
"""Each handle by itself and limited: payment keys of some sources are "1" in every booking."""
_BY_HANDLE = " UNION ALL ".join(
    [
        *(
            _NEWEST_BY.format(found, table, column, typed)
            for table, found, column in _HANDLES
            for typed in ("?1", "?2")
        ),
        "SELECT booking_id FROM refund WHERE number = ?3",
    ]
)
_BY_REFERENCE = """
SELECT b.id FROM (SELECT rowid AS id FROM search WHERE search MATCH ?1 ORDER BY rowid DESC
  LIMIT ?3) found JOIN booking b ON b.id = found.id
WHERE b.transaction_id = ?2
  OR EXISTS (SELECT 1 FROM payment p WHERE p.booking_id = b.id AND p.bank_reference = ?2)
ORDER BY b.id DESC"""
_BY_SPELLING = """
SELECT id FROM booking WHERE booking_id IN (SELECT value FROM json_each(?))
ORDER BY id DESC LIMIT ?"""
_BY_WORDS = "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?"


def lookup(connection: Connection, text: str, limit: int, rules: Rules | None = None) -> Lookup:
    """Bookings for what was typed, in whatever form; refuses a full card number or a swipe."""
    refuse_card_number(text[: TEXT_LIMIT * 10], "search")
    query = query_from(text)
    total = bookings_total(connection)
    if not query.text:
        return Lookup(text, (), exact=False, bookings_total=total)
    named, sure = _named(connection, query)
    found = _by_words(connection, query, limit + 1)
    ids = list(dict.fromkeys([*named, *found]))
    return Lookup(
        text,
        with_seats(connection, hits(connection, ids[:limit], rules), query.words),
        exact=sure,
        bookings_total=total,
        more=len(ids) > limit,
    )


def bookings_total(connection: Connection) -> int:
    """How many bookings there are: none is ever deleted, so the id source knows."""
    rows = ask(connection, "SELECT next FROM sequence WHERE name = 'booking'")
    return int(rows[0][0]) - 1 if rows else 0


def _named(connection: Connection, query: Query) -> tuple[list[int], bool]:
    """Bookings one of whose handles is exactly this, newest first, and whether it is surely the
    one booking meant."""
    text = query.text
    if text.startswith("#") or text.count(":") == 2:
        ids = find_ids(connection, text)
        return ids, len(ids) == 1
    refund = _REFUND_NUMBER.fullmatch(text)
    number = f"R-{refund[1]}" if refund else ""
    rows = ask(connection, _BY_HANDLE, text, text.upper(), number, _EXACT_LIMIT)
    ids = sorted({row[0] for row in rows}, reverse=True)[:_EXACT_LIMIT]
    if not ids and _REFERENCE.fullmatch(text):
        asked = query.whole_references
        rows = ask(connection, _BY_REFERENCE, asked, text, _EXACT_LIMIT) if asked else []
        ids = [row[0] for row in rows]
    if ids:
        return ids, len(ids) == 1 and not _is_last_four_too(connection, text, ids[0])
    return _misread(connection, text), False


def _is_last_four_too(connection: Connection, text: str, booking_id: int) -> bool:
    """Four digits name a booking, but maybe also the cards of others."""
    if len(text) != 4 or not (text.isascii() and text.isdecimal()):
        return False
    return any(one != booking_id for one in _newest(connection, f'last4 : "{text}"', 2))


def _misread(connection: Connection, text: str) -> list[int]:
    """Booking ids that look like this one on paper: O and 0, I and 1."""
    upper = text.upper()
    if not (upper.isascii() and upper.isalnum() and 5 <= len(upper) <= 12):
        return []
    spellings = islice(
        product(*(_MISREAD.get(letter, letter) for letter in upper)), 1, _SPELLINGS_LIMIT
    )
    wanted = ["".join(letters) for letters in spellings]
    if not wanted:
        return []
    listed = '["' + '","'.join(wanted) + '"]'
    return [row[0] for row in ask(connection, _BY_SPELLING, listed, _EXACT_LIMIT)]


def _by_words(connection: Connection, query: Query, limit: int) -> list[int]:
    """The newest bookings with all the words; whole words before beginnings, so that "Li" is found
    among all the Lisas.

    Where whole words find some, but few, the last word is typed out, and the widest question, of
    which the others are a part, mostly finds no more: then nothing between is asked.
    """
    if not query.words:
        return []
    whole, *typing, widest = query.expressions
    answers = [_newest(connection, whole, limit)]
    if answers[0] and len(answers[0]) < limit:
        everything = _newest(connection, widest, limit)
        between = typing if len(everything) > len(answers[0]) else []
        answers += [*(_newest(connection, one, limit) for one in between), everything]
    for expression in () if answers[0] else (*typing, widest):
        answers.append(_newest(connection, expression, limit))
        if len(answers[-1]) >= limit:
            break
    return list(dict.fromkeys(chain.from_iterable(answers)))[:limit]


def _newest(connection: Connection, expression: str, limit: int) -> list[int]:
    return [row[0] for row in ask(connection, _BY_WORDS, expression, limit)]
