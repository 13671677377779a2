"""Finds and reads bookings at the cinemas of one Connect system; never keeps one."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from backend_client.answers import Hit, Lookup
from backend_client.connect_settings import Cinema, ConnectSettings
from backend_client.domain.booking import Booking, BookingKey
from backend_client.domain.caller import Caller
from backend_client.domain.card_numbers import mask_card_numbers, refuse_card_number
from backend_client.domain.connect_intent import Intent, IntentState, in_the_way
from backend_client.domain.connect_outcome import Signal
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import RefundStatus
from backend_client.domain.refundability import LineVerdict, can_go_back, line_verdicts
from backend_client.domain.texts import clean_text
from backend_client.importing.refusal import WrongBooking
from backend_client.ports import Clock
from backend_client.remote.answers import Said
from backend_client.remote.client import ConnectClient
from backend_client.remote.journal import Journal
from backend_client.remote.reading import Reading, not_understood, read_booking, starts_at, without
from backend_client.remote.refunds import refund_status_of
from backend_client.remote.searching import found_by, typed
from backend_client.remote.tried import Found, Name, Tried, refuse_if_all_failed, twin

MOST_HITS = 25
"""Each hit is read by a call of its own."""
AT_ONCE = 8
MOST_RECENT = 8
"""Read whenever somebody comes back to the first screen."""
_TEXT_LIMIT = 120
_NO_CINEMA, _UNREACHABLE_CODES = "73", frozenset({"5", "6"})
_NOT_THE_ONLY_ONE = "61"
"""There are some of that name, which is not the same as none."""
_NO_CALL = "http-404"
"""A status without a result code: bookings that are not there are told with 200."""


class Looking:
    """Reads through one client. Bookings get small numbers for as long as this program runs."""

    def __init__(
        self, settings: ConnectSettings, client: ConnectClient, journal: Journal, clock: Clock
    ) -> None:
        self._settings = settings
        self._client = client
        self._journal = journal
        self._clock = clock
        self._ids: dict[BookingKey, int] = {}
        self._keys: list[BookingKey | None] = []
        self._rows: dict[int, tuple[Cinema, Name]] = {}
        self._lock = threading.Lock()

    # ------------------------------------------------------------ one booking

    def cinema(self, site: str) -> Cinema:
        """A cinema of the settings; others are not known here."""
        found = self._settings.cinemas.get(site)
        if found is None:
            raise Refused("booking-not-found", text=site)
        return found

    def id_of(self, key: BookingKey) -> int:
        with self._lock:
            if key not in self._ids:
                self._keys.append(key)
                self._ids[key] = len(self._keys)
            return self._ids[key]

    def key_of(self, booking_id: int) -> BookingKey:
        with self._lock:
            known = 0 < booking_id <= len(self._keys)
            key = self._keys[booking_id - 1] if known else None
            if key is None:
                raise Refused("booking-not-found", text=f"#{booking_id}")
            return key

    def read(self, caller: Caller, key: BookingKey) -> Reading:
        """Exactly this booking: an id is used again after some time, a transaction never."""
        reading = self._named(caller, self.cinema(key.site), {"BookingId": key.booking_id})
        if reading.booking.key != key:
            raise Refused("booking-not-found", text=":".join((key.site, key.booking_id)))
        return reading

    def _named(self, caller: Caller, cinema: Cinema, name: Name) -> Reading:
        text = next(iter(name.values()))
        said = self._client.booking(cinema.id, name, caller.correlation_id)
        try:
            reading = read_booking(self._document(said, cinema, text), cinema)
        except WrongBooking as wrong:
            raise not_understood(wrong) from None
        key = reading.booking.key
        if not _is_called(reading.booking, name):
            raise Refused("connect-answer", detail="it is another booking")
        given_back = frozenset(
            line.sequence
            for intent in self._journal.of_booking(key)
            if intent.state is IntentState.SUCCEEDED
            for line in intent.wish.lines
        )
        booking = replace(reading.booking, id=self.id_of(key))
        return without(replace(reading, booking=booking), given_back)

    def _document(self, said: Said, cinema: Cinema, text: str) -> bytes:
        if said.signal is Signal.CLEAN and said.document is not None:
            return said.document
        raise refusal_of(said, cinema, text)

    # ------------------------------------------------------------ what was typed

    def find(self, caller: Caller, text: str) -> Found:
        """Every booking a text can mean, the most exact meaning first. What nothing is called is
        tried once more as it may have been misread.

        Raises Refused: `full-card-number`, and why nobody could be asked.
        """
        refuse_card_number(text, "text")
        asked = typed(clean_text(text, _TEXT_LIMIT))
        if asked.key is not None:
            return self._exactly(caller, asked.key)
        if asked.internal is not None:
            return self._row(caller, asked.internal)
        if asked.refund:
            return self._exactly(caller, self._journal.by_number(asked.refund).wish.key)
        name = asked.name
        if not name:
            return Found()
        found = self._by_name(caller, name)
        other = twin(asked.booking_id)
        if found.rows or found.unasked or not other:
            return found
        again = self._by_name(caller, typed(other).name)
        return replace(again, read_as=other) if again.rows else found

    def search(self, caller: Caller, text: str, limit: int) -> Found:
        """Bookings by what else the text may mean."""
        names: list[tuple[Cinema, Name]] = []
        asked: list[Tried] = []
        for criteria in typed(clean_text(text, _TEXT_LIMIT)).criteria:
            for cinema in self._settings.cinemas.values():
                try:
                    found = self._searched(caller, cinema, criteria, text)
                except Refused as refused:
                    if refused.code == "search-too-little":
                        raise
                    asked.append(Tried(cinema, {}, refused=refused))
                    continue
                asked.append(Tried(cinema, {}))
                names += [(cinema, name) for name in found]
        refuse_if_all_failed(asked)
        most = min(limit, MOST_HITS)
        failed = (one for one in asked if one.refused is not None)
        tried = (*self._all(caller, names[:most]), *failed)
        return Found(tried, more=len(names) > most)

    def _searched(
        self, caller: Caller, cinema: Cinema, criteria: Mapping[str, object], text: str
    ) -> list[dict[str, Any]]:
        said = self._client.search(cinema.id, criteria, caller.correlation_id)
        if said.signal is Signal.WRONG_BOOKING and said.code not in (_NO_CINEMA, _NO_CALL):
            return []
        if said.signal is Signal.INVALID:
            raise Refused("search-too-little")
        try:
            return found_by(self._document(said, cinema, text))
        except WrongBooking as wrong:
            # A list nobody can read says nothing about any booking.
            detail = not_understood(wrong).details["detail"]
            raise Refused("connect-answer", detail=detail) from None

    def _exactly(self, caller: Caller, key: BookingKey) -> Found:
        name = {"BookingId": key.booking_id}
        try:
            return Found((Tried(self.cinema(key.site), name, self.read(caller, key)),))
        except Refused as refused:
            if refused.code != "booking-not-found":
                raise
            return Found()

    def _row(self, caller: Caller, booking_id: int) -> Found:
        """A booking by its number here; one that could not be read is tried again by its name."""
        with self._lock:
            row = self._rows.get(booking_id)
        if row is None:
            return self._exactly(caller, self.key_of(booking_id))
        return Found((Tried(*row, self._named(caller, *row)),))

    def _by_name(self, caller: Caller, name: Name) -> Found:
        cinemas = self._settings.cinemas.values()
        return Found(tuple(self._all(caller, [(cinema, name) for cinema in cinemas])))

    def _all(self, caller: Caller, names: Iterable[tuple[Cinema, Name]]) -> list[Tried]:
        """Read at once, in order; raises Refused where nobody could be asked."""

        def read(one: tuple[Cinema, Name]) -> Tried:
            try:
                return Tried(*one, self._named(caller, *one))
            except Refused as refused:
                is_there = refused.code != "booking-not-found"
                return Tried(*one, refused=refused if is_there else None)

        wanted = list(names)
        if len(wanted) < 2:
            tried = [read(one) for one in wanted]
        else:
            with ThreadPoolExecutor(min(AT_ONCE, len(wanted))) as pool:
                tried = list(pool.map(read, wanted))
        refuse_if_all_failed(tried)
        return tried

    # ------------------------------------------------------------ as rows

    def lookup(self, caller: Caller, text: str, limit: int, policy: Policy) -> Lookup:
        """The booking meant, else what a search finds. A booking of exactly that name alone ends
        the search, unless a cinema could not be asked that may have one too."""
        found = self.find(caller, text).within_reach(caller)
        exact = len(found.rows) == 1 and not (found.unasked or found.read_as)
        if not found.rows:
            searched = self.search(caller, text, limit).within_reach(caller)
            found = replace(searched, tried=(*found.tried, *searched.tried))
        hits = tuple(self._shown(one, policy) for one in found.rows[:limit])
        return Lookup(
            text,
            hits,
            exact,
            len(hits),
            found.more,
            unasked=found.unasked,
            read_as=found.read_as,
        )

    def recent(self, caller: Caller, limit: int, policy: Policy) -> tuple[Hit, ...]:
        """Bookings something was done to lately; one that cannot be read is named as that, one
        whose id is another booking's by now is not."""
        keys = self._journal.recent(min(limit, MOST_RECENT))
        known = [key for key in keys if key.site in self._settings.cinemas]
        names = [(self.cinema(key.site), {"BookingId": key.booking_id}) for key in known]
        tried = self._all(caller, names)
        return tuple(
            self._shown(one, policy)
            for one in tried
            if one.refused is not None
            or (one.reading is not None and one.reading.booking.key in known)
        )

    def _shown(self, one: Tried, policy: Policy) -> Hit:
        if one.reading is not None:
            return self.hit(one.reading, policy)
        assert one.refused is not None
        return Hit(
            booking_id=self._id_of_row(one.cinema, one.name),
            reference=next(iter(one.name.values())),
            customer="",
            performance="",
            starts_at=None,
            paid_minor=0,
            left_minor=0,
            currency=one.cinema.currency,
            reason=one.refused.code,
            is_unread=True,
        )

    def _id_of_row(self, cinema: Cinema, name: Name) -> int:
        """Of a booking whose key nobody could read yet."""
        with self._lock:
            for booking_id, row in self._rows.items():
                if row == (cinema, name):
                    return booking_id
            self._keys.append(None)
            self._rows[len(self._keys)] = (cinema, name)
            return len(self._keys)

    def hit(self, reading: Reading, policy: Policy) -> Hit:
        booking = reading.booking
        verdicts = self.verdicts(booking, policy)
        sold = [line for line in booking.lines if line.is_sold]
        able = [line for line in sold if verdicts[line.sequence].refundable]
        blocked = next((verdicts[line.sequence].code for line in sold), "already-refunded")
        show = next((line.performance for line in booking.lines if line.performance), None)
        return Hit(
            booking_id=booking.id,
            reference=booking.key.booking_id,
            customer=booking.contact.name if booking.contact else "",
            performance=show.event if show else "",
            starts_at=starts_at(booking),
            paid_minor=booking.settled_minor,
            left_minor=can_go_back(booking, verdicts),
            currency=booking.currency,
            partly_refunded=bool(able) and booking.prior_refunded_minor > 0,
            reason="" if able else blocked,
            given_back=self._became(booking),
        )

    def _became(self, booking: Booking) -> RefundStatus | None:
        return refund_status_of(self._journal.of_booking(booking.key))

    def verdicts(self, booking: Booking, policy: Policy) -> dict[int, LineVerdict]:
        """As the rules say; while a refund of it is not finished, nothing else goes back."""
        verdicts = line_verdicts(booking, policy, self._clock.now())
        open_one = self.unfinished(booking.key)
        if open_one is None:
            return verdicts
        why = in_the_way(open_one)
        return {
            sequence: LineVerdict(sequence, why.code, why.details)
            if verdict.refundable
            else verdict
            for sequence, verdict in verdicts.items()
        }

    def unfinished(self, key: BookingKey) -> Intent | None:
        return next((one for one in self._journal.of_booking(key) if one.is_unfinished), None)


def _is_called(booking: Booking, name: Name) -> bool:
    """Is it the one that was asked for? Numbers come with zeros before them or without."""
    if "BookingId" in name:
        return booking.key.booking_id == name["BookingId"].upper()
    asked, said = name["BookingNumber"], booking.number
    both = asked.isdecimal() and said.isdecimal()
    return not both or int(asked) == int(said)


def refusal_of(said: Said, cinema: Cinema, text: str) -> Refused:
    """Why a booking could not be read."""
    if said.code == _NO_CINEMA:
        detail = f"it knows no cinema {cinema.id}"
        return Refused("connect-misconfigured", detail=detail)
    if said.code == _NO_CALL:
        detail = "nothing of it answers at this address (HTTP 404)"
        return Refused("connect-misconfigured", detail=detail)
    if said.code == _NOT_THE_ONLY_ONE:
        return Refused("connect-not-unique", text=mask_card_numbers(text), field="BookingId")
    if said.signal in (Signal.WRONG_BOOKING, Signal.ALREADY):
        return Refused("booking-not-found", text=text)
    if said.signal is Signal.FORBIDDEN:
        return Refused("connect-forbidden", detail=said.text)
    if not said.reached or said.signal is Signal.NOT_SENT or said.code in _UNREACHABLE_CODES:
        return Refused("connect-unreachable", detail=said.text)
    if said.signal is Signal.UNSURE and said.code.startswith("http-5"):
        return Refused("connect-unreachable", detail=said.text)
    return Refused("connect-answer", detail=said.text)
