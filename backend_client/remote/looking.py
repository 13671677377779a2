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
from backend_client.domain.card_numbers import refuse_card_number
from backend_client.domain.connect_intent import Intent, IntentState, in_the_way
from backend_client.domain.connect_outcome import Signal
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import RefundStatus
from backend_client.domain.refundability import LineVerdict, line_verdicts
from backend_client.domain.texts import clean_text
from backend_client.importing.refusal import WrongBooking
from backend_client.ports import Clock
from backend_client.remote.answers import Said
from backend_client.remote.client import ConnectClient
from backend_client.remote.journal import Journal
from backend_client.remote.reading import Reading, not_understood, read_booking, starts_at, without
from backend_client.remote.refunds import refund_status_of
from backend_client.remote.searching import found_by, typed

MOST_HITS = 25
"""Each hit is read by a call of its own."""
AT_ONCE = 8
MOST_RECENT = 8
"""Read whenever somebody comes back to the first screen."""
_TEXT_LIMIT = 120
_NO_CINEMA, _UNREACHABLE_CODES = "73", frozenset({"5", "6"})


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
        self._keys: list[BookingKey] = []
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
            if not 0 < booking_id <= len(self._keys):
                raise Refused("booking-not-found", text=f"#{booking_id}")
            return self._keys[booking_id - 1]

    def read(self, caller: Caller, key: BookingKey) -> Reading:
        """Exactly this booking: an id is used again after some time, a transaction never."""
        reading = self._named(caller, self.cinema(key.site), {"BookingId": key.booking_id})
        if reading.booking.key != key:
            raise Refused("booking-not-found", text=":".join((key.site, key.booking_id)))
        return reading

    def _named(self, caller: Caller, cinema: Cinema, name: Mapping[str, str]) -> Reading:
        text = next(iter(name.values()))
        said = self._client.booking(cinema.id, name, caller.correlation_id)
        try:
            reading = read_booking(self._document(said, cinema, text), cinema)
        except WrongBooking as wrong:
            raise not_understood(wrong) from None
        key = reading.booking.key
        if "BookingId" in name and key.booking_id != name["BookingId"].upper():
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

    def find(self, caller: Caller, text: str) -> list[Reading]:
        """Every booking a text can mean, the most exact meaning first; empty where there is none.

        Raises Refused: `full-card-number`, `connect-…`, `search-too-little`.
        """
        refuse_card_number(text, "text")
        asked = typed(clean_text(text, _TEXT_LIMIT))
        if asked.key is not None:
            return self._exactly(caller, asked.key)
        if asked.internal is not None:
            return self._exactly(caller, self.key_of(asked.internal))
        if asked.refund:
            return self._exactly(caller, self._journal.by_number(asked.refund).wish.key)
        found = self._by_name(caller, {"BookingId": asked.booking_id}) if asked.booking_id else []
        if not found and asked.number:
            found = self._by_name(caller, {"BookingNumber": asked.number})
        return found

    def search(self, caller: Caller, text: str, limit: int) -> tuple[list[Reading], bool]:
        """Bookings by what else the text may mean, and whether there are more."""
        names: list[tuple[Cinema, dict[str, Any]]] = []
        for criteria in typed(clean_text(text, _TEXT_LIMIT)).criteria:
            for cinema in self._settings.cinemas.values():
                said = self._client.search(cinema.id, criteria, caller.correlation_id)
                if said.signal is Signal.WRONG_BOOKING and said.code != _NO_CINEMA:
                    continue
                if said.signal is Signal.INVALID:
                    raise Refused("search-too-little")
                try:
                    found = found_by(self._document(said, cinema, text))
                except WrongBooking as wrong:
                    raise not_understood(wrong) from None
                names += [(cinema, name) for name in found]
        most = min(limit, MOST_HITS)
        readings = self._all(caller, names[:most])
        return readings, len(names) > most

    def _exactly(self, caller: Caller, key: BookingKey) -> list[Reading]:
        try:
            return [self.read(caller, key)]
        except Refused as refused:
            if refused.code != "booking-not-found":
                raise
            return []

    def _by_name(self, caller: Caller, name: dict[str, Any]) -> list[Reading]:
        return self._all(caller, [(cinema, name) for cinema in self._settings.cinemas.values()])

    def _all(self, caller: Caller, names: Iterable[tuple[Cinema, dict[str, Any]]]) -> list[Reading]:
        """Read at once, in order; what is not there is left out, any other trouble is told."""

        def read(one: tuple[Cinema, dict[str, Any]]) -> Reading | None:
            try:
                return self._named(caller, *one)
            except Refused as refused:
                if refused.code != "booking-not-found":
                    raise
                return None

        wanted = list(names)
        if len(wanted) < 2:
            readings = map(read, wanted)
            return [reading for reading in readings if reading is not None]
        with ThreadPoolExecutor(min(AT_ONCE, len(wanted))) as pool:
            return [reading for reading in pool.map(read, wanted) if reading is not None]

    # ------------------------------------------------------------ as rows

    def lookup(self, caller: Caller, text: str, limit: int, policy: Policy) -> Lookup:
        """The booking meant, else what a search finds; a booking of exactly that name alone ends
        the search."""
        exact = self.find(caller, text)
        readings, more = (exact, False) if exact else self.search(caller, text, limit)
        hits = tuple(self.hit(reading, policy) for reading in readings[:limit])
        return Lookup(text, hits, len(exact) == 1, len(hits), more)

    def recent(self, caller: Caller, limit: int, policy: Policy) -> tuple[Hit, ...]:
        keys = self._journal.recent(min(limit, MOST_RECENT))
        known = [key for key in keys if key.site in self._settings.cinemas]
        names = [(self.cinema(key.site), {"BookingId": key.booking_id}) for key in known]
        readings = self._all(caller, names)
        return tuple(self.hit(one, policy) for one in readings if one.booking.key in known)

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
            left_minor=min(booking.left_minor, sum(line.value_minor or 0 for line in able)),
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


def refusal_of(said: Said, cinema: Cinema, text: str) -> Refused:
    """Why a booking could not be read."""
    if said.code == _NO_CINEMA:
        detail = f"it knows no cinema {cinema.id}"
        return Refused("connect-misconfigured", detail=detail)
    if said.signal in (Signal.WRONG_BOOKING, Signal.ALREADY):
        return Refused("booking-not-found", text=text)
    if said.signal is Signal.FORBIDDEN:
        return Refused("connect-forbidden", detail=said.text)
    if not said.reached or said.signal is Signal.NOT_SENT or said.code in _UNREACHABLE_CODES:
        return Refused("connect-unreachable", detail=said.text)
    if said.signal is Signal.UNSURE and said.code.startswith("http-5"):
        return Refused("connect-unreachable", detail=said.text)
    return Refused("connect-answer", detail=said.text)
