"""What must hold between the parts of one booking, whatever format it came in."""

from __future__ import annotations

from collections.abc import Iterable

from backend_client.domain.incoming import IncomingBooking
from backend_client.domain.kinds import LineKind, LineState
from backend_client.domain.money import MOST_MINOR, exponent
from backend_client.domain.problems import Refused
from backend_client.importing.refusal import WrongBooking

LINES_LIMIT = 2_000
PAYMENTS_LIMIT = 200


def check(booking: IncomingBooking) -> None:
    """Raise `WrongBooking` for the first thing that contradicts itself."""
    _currency(booking)
    _people(booking)
    _lines(booking)
    _payments(booking)
    _claims(booking)


def _currency(booking: IncomingBooking) -> None:
    try:
        exponent(booking.currency)
    except Refused:
        raise WrongBooking("currency", "it is not a code of ISO 4217") from None


def _people(booking: IncomingBooking) -> None:
    if not booking.payers:
        return
    _once([one.key for one in booking.payers], "payers", "key", "this contact stands twice")
    contact = booking.contact
    if contact and any(one.key == contact.key for one in booking.payers):
        raise WrongBooking("payers", "the contact of the booking stands there again")


def _lines(booking: IncomingBooking) -> None:
    lines = booking.lines
    if not lines:
        raise WrongBooking("lines", "a booking has at least one")
    if len(lines) > LINES_LIMIT:
        raise WrongBooking("lines", f"more than {LINES_LIMIT}")
    sequences = {one.sequence for one in lines}
    if len(sequences) < len(lines):
        _once(
            [one.sequence for one in lines],
            "lines",
            "sequence",
            "two lines have this sequence; tickets, concessions and fees share one count",
        )
    performances = {one.key for one in booking.performances}
    if len(performances) < len(booking.performances):
        _once([one.key for one in booking.performances], "performances", "key", "it stands twice")
    for index, line in enumerate(lines):
        if line.performance and line.performance not in performances:
            raise WrongBooking(f"lines[{index}].performance", "no performance has this key")
        if line.parent_sequence is not None and line.parent_sequence not in sequences:
            raise WrongBooking(f"lines[{index}].parent_sequence", "no line has this sequence")
        if (line.kind is LineKind.FEE) != (line.fee_kind is not None):
            raise WrongBooking(f"lines[{index}].fee_kind", "fees have one, nothing else has")
        if line.parent_sequence == line.sequence:
            raise WrongBooking(f"lines[{index}].parent_sequence", "a line is not its own parent")
        if line.collected_at is not None and not line.collected:
            raise WrongBooking(f"lines[{index}].collected_at", "the line is not collected")
        if line.groups and len(set(line.groups)) < len(line.groups):
            raise WrongBooking(f"lines[{index}].groups", "a group stands twice")


def _payments(booking: IncomingBooking) -> None:
    if len(booking.payments) > PAYMENTS_LIMIT:
        raise WrongBooking("payments", f"more than {PAYMENTS_LIMIT}")
    _once([one.key for one in booking.payments], "payments", "key", "two payments have this key")
    known = {"", *[one.key for one in booking.contacts]}
    for index, payment in enumerate(booking.payments):
        field = f"payments[{index}]"
        if payment.settled_minor > payment.amount_minor:
            raise WrongBooking(f"{field}.settled_minor", "more is settled than was paid")
        if payment.prior_refunded_minor > payment.settled_minor:
            raise WrongBooking(
                f"{field}.prior_refunded_minor", "more went back than this payment settled"
            )
        if payment.settled_minor and not booking.is_paid:
            raise WrongBooking(f"{field}.settled_minor", "the booking is not paid")
        if payment.payer not in known:
            raise WrongBooking(f"{field}.payer", "no contact of the booking has this key")
    if sum(one.amount_minor for one in booking.payments) > MOST_MINOR:
        raise WrongBooking("payments", "they add up to more than can be kept")
    if booking.prior_refunded_minor < sum(one.prior_refunded_minor for one in booking.payments):
        raise WrongBooking("prior_refunded_minor", "its payments alone were given back more")


def _claims(booking: IncomingBooking) -> None:
    if not booking.claims:
        return
    _once([one.sequence for one in booking.claims], "resale_claims", "sequence", "it stands twice")
    lines = {line.sequence: line for line in booking.lines}
    known = {"", *(one.key for one in booking.contacts)}
    for index, claim in enumerate(booking.claims):
        field = f"resale_claims[{index}]"
        line = lines.get(claim.sequence)
        if line is None or line.state is not LineState.RESOLD:
            raise WrongBooking(f"{field}.sequence", "no resold line has this sequence")
        if claim.payer not in known:
            raise WrongBooking(f"{field}.payer", "no contact of the booking has this key")
    claimed = sum(one.amount_minor for one in booking.claims)
    if claimed and claimed + booking.prior_refunded_minor > booking.settled_minor:
        raise WrongBooking("resale_claims", "they claim more than was paid")


def _once(values: Iterable[object], where: str, what: str, reason: str) -> None:
    seen: set[object] = set()
    for index, value in enumerate(values):
        if value in seen:
            raise WrongBooking(f"{where}[{index}].{what}", reason)
        seen.add(value)
