"""Which mail a refund calls for now: never "refunded" before everything is, a correction after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend_client.domain.booking import Booking, Contact
from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.refund import FINAL, Method, Origin
from backend_client.domain.texts import clean_text

LONGEST_TEXT = 120
LONGEST_ADDRESS = 254
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class MailKind(StrEnum):
    REFUNDED = "refunded"
    """Every payment of the refund is final: what went where."""
    CORRECTED = "corrected"
    """Payments an earlier mail called final failed after all: they are owed again."""


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    BOUNCED = "bounced"
    """The customer's mail server refused it for good."""
    FAILED = "failed"
    """Tried as often as is decent."""
    WITHDRAWN = "withdrawn"
    """A payment failed before the mail had gone: it would not have been true any more."""


@dataclass(frozen=True, slots=True)
class MailPart:
    """One payment of a refund as a mail tells of it; `leg` is its number."""

    leg: str
    method: Method
    amount_minor: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class MailLine:
    """One line given back; `place` is performance and seat."""

    description: str
    value_minor: int
    place: str = ""


@dataclass(frozen=True, slots=True)
class MailFacts:
    """Everything a mail says, exactly as booked; texts are inert and hold no card numbers.

    Of a correction `parts` are the payments that failed, of any other mail all of them.
    """

    kind: MailKind
    refund: str
    booking: str
    name: str
    currency: str
    value_minor: int
    retained_minor: int
    breach_fee_minor: int
    amount_minor: int
    lines: tuple[MailLine, ...]
    parts: tuple[MailPart, ...]

    @property
    def legs(self) -> frozenset[str]:
        return frozenset(part.leg for part in self.parts)


@dataclass(frozen=True, slots=True)
class EarlierMail:
    """A mail of the same refund; `may_arrive` unless it surely never was and never will be."""

    facts: MailFacts
    to: str
    may_arrive: bool


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    facts: MailFacts


def mail_for(
    refund: Refund, booking: Booking, contact: Contact | None, earlier: Sequence[EarlierMail] = ()
) -> Mail | None:
    """The mail this refund calls for now, given what its customer was told; None for none.

    Where nothing is paid there is nothing to tell, and it may yet be taken back.
    A customer told "refunded" is told at the same address when that stops being true, and again
    once it is true another way. Whoever has no usable address gets no mail.
    """
    told = [mail for mail in earlier if mail.may_arrive]
    live = [leg for leg in refund.legs if leg.is_live]
    if not live:
        return None
    if all(leg.state in FINAL for leg in live):
        facts = _facts(MailKind.REFUNDED, refund, booking, contact, [_part(leg) for leg in live])
        to = usable_address(contact.email) if contact else ""
        return Mail(to, facts) if to and not _is_told(facts, told) else None
    before = [mail for mail in told if mail.facts.kind is MailKind.REFUNDED]
    if not before:
        return None
    true_still = {leg.number for leg in live if leg.state in FINAL}
    fallen = [part for part in before[-1].facts.parts if part.leg not in true_still]
    facts = _facts(MailKind.CORRECTED, refund, booking, contact, fallen)
    return Mail(before[-1].to, facts) if fallen and not _is_told(facts, told) else None


def addressee(booking: Booking, refund: Refund) -> Contact | None:
    """Who hears of a refund: whoever booked, else the one person it goes to.

    What a resold ticket brings is the affair of whoever resold it alone.
    """
    if booking.contact is not None and refund.origin is not Origin.RESALE:
        return booking.contact
    people = [booking.contact, *(payment.payer for payment in booking.payments)]
    by_id = {person.id: person for person in people if person}
    wanted = {leg.payer_id for leg in refund.legs if leg.is_live}
    if len(wanted) != 1:
        return None
    payer_id = wanted.pop()
    return None if payer_id is None else by_id.get(payer_id)


def usable_address(text: str) -> str:
    """One plain address, its domain in ASCII, or nothing: mail never goes to what looks odd."""
    local, at, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    address = f"{local}@{domain}"
    labels = domain.split(".")
    plain = _LOCAL.fullmatch(local) and all(_LABEL.fullmatch(label) for label in labels)
    if not at or not plain or len(address) > LONGEST_ADDRESS or len(labels) < 2:
        return ""
    return "" if local.startswith(".") or local.endswith(".") or ".." in local else address


def _is_told(facts: MailFacts, told: Sequence[EarlierMail]) -> bool:
    """Whether the last mail said the same of the same payments."""
    if not told:
        return False
    last = told[-1].facts
    return (last.kind, last.legs) == (facts.kind, facts.legs)


def _facts(
    kind: MailKind,
    refund: Refund,
    booking: Booking,
    contact: Contact | None,
    parts: Iterable[MailPart],
) -> MailFacts:
    return MailFacts(
        kind=kind,
        refund=refund.number,
        booking=_inert(booking.key.booking_id),
        name=_inert(contact.name) if contact else "",
        currency=refund.currency,
        value_minor=refund.value_minor,
        retained_minor=refund.retained_minor,
        breach_fee_minor=refund.breach_fee_minor,
        amount_minor=refund.amount_minor,
        lines=tuple(
            MailLine(_inert(line.description), line.value_minor, _place(booking, line.sequence))
            for line in refund.lines
        ),
        parts=tuple(parts),
    )


def _part(leg: Leg) -> MailPart:
    return MailPart(leg.number, leg.method, leg.amount_minor, _inert(leg.label))


def _place(booking: Booking, sequence: int) -> str:
    line = booking.line(sequence)
    if line is None:
        return ""
    event = line.performance.event if line.performance else ""
    return _inert(" ".join(part for part in (event, line.seat) if part))


def _inert(text: str) -> str:
    return mask_card_numbers(clean_text(text, LONGEST_TEXT))
