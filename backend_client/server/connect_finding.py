"""The booking a call of Vista Connect means, found through the backend alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from zoneinfo import ZoneInfo

from backend_client.answers import BookingView
from backend_client.backend import Backend
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Caller
from backend_client.domain.card_numbers import refuse_card_number
from backend_client.domain.problems import Refused
from backend_client.server.connect_reading import BookingCall, SearchCall, invalid

MOST_FOUND = 50
FEWEST_DETAILS = 2
"""Personal data is not for leafing through: one name or one day finds too many people."""


def find(
    backend: Backend,
    caller: Caller,
    cinema_id: str,
    *,
    booking_id: str = "",
    number: str = "",
    transaction: str = "",
) -> BookingView:
    """The one booking of this cinema; raises `booking-not-found`, `booking-not-unique` or
    `booking-other-currency`.

    Booking ids are used again at a site after some time, and at every site: the transaction tells
    them apart.
    """

    def is_meant(booking: Booking) -> bool:
        key = booking.key
        return (
            key.site == cinema_id
            and (not booking_id or key.booking_id.upper() == booking_id.upper())
            and (not number or booking.number == number)
            and (not transaction or key.transaction_id == transaction)
        )

    named = booking_id or number
    refuse_card_number(named, "booking")
    views = _of_reference(backend, caller, cinema_id, named)
    meant = [view for view in views if is_meant(view.booking)]
    if not meant:
        raise Refused("booking-not-found", text=named)
    if len(meant) > 1:
        keys = [view.booking.key for view in meant]
        names = [f"{key.site}:{key.booking_id}:{key.transaction_id}" for key in keys]
        raise Refused("booking-not-unique", text=named, bookings=names)
    booking = meant[0].booking
    if booking.currency != _currency(backend):
        raise Refused("booking-other-currency", text=named, currency=booking.currency)
    return meant[0]


def _currency(backend: Backend) -> str:
    """The calls count in cents and never say of what: who asks takes them for the house's."""
    return backend.capabilities().currency


def _of_reference(
    backend: Backend, caller: Caller, cinema_id: str, reference: str
) -> list[BookingView]:
    """The bookings of this id or number; of several only those of this cinema are looked at: the
    token may not reach the others."""
    try:
        return [backend.booking(caller, reference)]
    except Refused as refused:
        if refused.code != "booking-not-unique":
            raise
        names: list[str] = refused.details["bookings"]
        here = [name for name in names if name.rsplit(":", 2)[0] == cinema_id]
        return [backend.booking(caller, name) for name in here]


def find_named(backend: Backend, caller: Caller, call: BookingCall) -> BookingView:
    return find(
        backend,
        caller,
        call.cinema_id,
        booking_id=call.booking_id,
        number=call.booking_number or call.vista_booking_number,
        transaction=call.vista_trans_number,
    )


def search(backend: Backend, caller: Caller, call: SearchCall) -> list[BookingView]:
    """The bookings of a cinema that fit everything asked for, at most `MOST_FOUND`, newest first.

    Raises `request-invalid` where fewer than two things are asked for and no booking is named.
    """
    if call.booking_id or call.booking_number or call.vista_booking_number:
        try:
            return [find_named(backend, caller, call)]
        except Refused as refused:
            if refused.code not in ("booking-not-found", "booking-other-currency"):
                raise
            return []
    words = _words(call)
    details = [*words, *_said(call)]
    if not words or len(details) < FEWEST_DETAILS:
        raise invalid("search", "it needs a booking, or two details one of which is a name")
    fits = list(_tests(call, ZoneInfo(backend.capabilities().zone)))
    found = backend.lookup(caller, " ".join(words), limit=MOST_FOUND).hits
    views = (backend.booking(caller, f"#{hit.booking_id}") for hit in found)
    at_home = (view for view in views if view.booking.key.site == call.cinema_id)
    currency = _currency(backend)
    tellable = (view for view in at_home if view.booking.currency == currency)
    return [view for view in tellable if all(fit(view.booking) for fit in fits)]


def _words(call: SearchCall) -> list[str]:
    """What the lookup of the house finds by itself, accents or not."""
    said = (call.first_name, call.last_name, call.email, call.phone, call.movie_name)
    return [text for text in said if text]


def _said(call: SearchCall) -> list[object]:
    """What is asked for beside the words."""
    said = (
        call.member_id,
        call.session_date,
        call.booking_date,
        call.card_info,
        call.vista_trans_number,
    )
    return [one for one in said if one]


def _tests(call: SearchCall, zone: ZoneInfo) -> Iterator[Callable[[Booking], bool]]:
    """One test for each of the details the lookup does not know."""
    if call.vista_trans_number:
        yield lambda booking: booking.key.transaction_id == call.vista_trans_number
    if call.member_id:
        yield (
            lambda booking: (
                booking.contact is not None and booking.contact.key == f"member:{call.member_id}"
            )
        )
    if call.card_info is not None:
        first, last = call.card_info.card_first6_digits, call.card_info.card_last4_digits
        yield lambda booking: any(
            one.masked_number.startswith(first) and one.masked_number.endswith(last)
            for one in booking.payments
        )
    if call.session_date:
        session_day = _day("SessionDate", call.session_date)
        yield lambda booking: any(
            line.performance
            and line.performance.starts_at
            and line.performance.starts_at.astimezone(zone).date() == session_day
            for line in booking.lines
        )
    if call.booking_date:
        booking_day = _day("BookingDate", call.booking_date)
        yield (
            lambda booking: (
                booking.sold_at is not None
                and booking.sold_at.astimezone(zone).date() == booking_day
            )
        )


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise invalid(field, "it is not a day as in 2026-03-14") from None
