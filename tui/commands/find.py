"""`lookup` and `show`: find a booking, and everything about it or about a refund."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backend_client.answers import Lookup, RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.problems import Refused
from tui.commands.booking_words import BookingWords
from tui.commands.called import LEG_NUMBER, REFUND_NUMBER
from tui.commands.hit_words import HitWords
from tui.commands.refund_words import RefundWords
from tui.commands.session import Session
from tui.commands.shapes import booking_json, hit_json, outcome_json
from tui.text.inert import inert
from tui.text.receipt import receipt


def lookup(session: Session) -> int:
    """0 with hits, 3 without; what is meant exactly stands alone, as it opens in the window."""
    text = " ".join(session.args.text)
    with session.backend() as backend:
        found = backend.lookup(session.caller(), text)
    if found.exact:
        found = replace(found, hits=found.hits[:1], more=False)
    console = session.console
    beside = {
        "text": found.text,
        "exact": found.exact,
        "more": found.more,
        "bookings_total": found.bookings_total,
        "unasked": list(found.unasked),
        "read_as": found.read_as,
        "hits": [hit_json(hit) for hit in found.hits],
    }
    if not found.hits:
        return console.refuse(_nothing(found), beside=beside)
    if console.json:
        console.value(beside)
        return 0
    console.data(HitWords(session.wording, session.dates).hits(found.hits))
    shown = f"{len(found.hits):,}"
    told = session.wording.count("command.lookup.found", found.bookings_total, shown=shown)
    console.say(told, *_more(session, found), *_doubts(session, found))
    return 0


def _nothing(found: Lookup) -> Refused:
    """Nothing is not there as long as somebody could not be asked."""
    text = inert(found.text)
    if not found.unasked:
        return Refused("booking-not-found", text=text)
    return Refused("cinema-unasked", text=text, cinemas=inert(", ".join(found.unasked)))


def _doubts(session: Session, found: Lookup) -> Iterator[str]:
    say = session.wording.text
    if found.unasked:
        yield say("screen.lookup.unasked", cinemas=inert(", ".join(found.unasked)))
    if found.read_as:
        yield say("screen.lookup.read_as", text=inert(found.text), other=inert(found.read_as))


def _more(session: Session, found: Lookup) -> list[str]:
    shown = len(found.hits)
    return [session.wording.text("command.lookup.more", shown=shown)] if found.more else []


def show(session: Session) -> int:
    """A booking or a refund, as text, JSON or the receipt it was given with."""
    what: str = session.args.what
    with session.backend() as backend:
        caller = session.caller()
        refund = _refund(backend, caller, what)
        if refund is None:
            return _show_booking(session, backend, caller, what)
        if session.args.receipt:
            return _receipts(session, backend, [refund])
    if session.console.json:
        session.console.value(outcome_json(refund))
    else:
        session.console.data(RefundWords(session.wording, session.dates).refund(refund))
    return 0


def _refund(backend: Backend, caller: Caller, what: str) -> RefundOutcome | None:
    """The refund meant, or None where it must be a booking. A leg's number names its refund."""
    leg = LEG_NUMBER.fullmatch(what)
    number = leg[1] if leg else what
    if not REFUND_NUMBER.fullmatch(number):
        return None
    try:
        found = backend.refund(caller, number.upper())
        if leg and not any(one.number == what.upper() for one in found.refund.legs):
            raise Refused("leg-not-found", text=inert(what))
        return found
    except Refused as refused:
        if refused.code != "refund-not-found":
            raise
        not_found = refused
    try:
        backend.booking(caller, what)
    except Refused:
        raise not_found from None
    return None


def _show_booking(session: Session, backend: Backend, caller: Caller, what: str) -> int:
    view = backend.booking(caller, what)
    if session.args.receipt:
        if not view.refunds:
            raise Refused("receipt-none", text=inert(view.booking.key.booking_id))
        outcomes = [backend.refund(caller, refund.number) for refund in view.refunds]
        return _receipts(session, backend, outcomes)
    if session.console.json:
        session.console.value(booking_json(view, session.wording))
    else:
        session.console.data(BookingWords(session.wording, session.dates).booking(view))
    return 0


def _receipts(session: Session, backend: Backend, outcomes: list[RefundOutcome]) -> int:
    capabilities = backend.capabilities()
    for index, outcome in enumerate(outcomes):
        if index:
            session.console.data(("",))
        session.console.data(receipt(outcome, capabilities, session.wording))
    return 0
