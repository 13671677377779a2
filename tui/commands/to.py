"""Where money is to go, as typed: METHOD[:MINOR][@PAYMENT]."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backend_client.domain.external_details import EXTERNAL_DETAILS
from backend_client.domain.money import parse_minor
from backend_client.domain.parts import RECORDS
from backend_client.domain.plan import Part
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.texts import clean_text
from tui.commands.session import Session

WITH_CURRENCY = re.compile(r"[0-9.,]+ ?([A-Za-z]{3})")


def parse_parts(session: Session, typed: Sequence[str], currency: str) -> tuple[Part, ...]:
    """The parts in the order typed; `--reference` belongs to every part that is a record."""
    reference: str = session.args.reference or ""
    card = card_of(session)
    parts = tuple(_part(session, text, currency, reference, card) for text in typed)
    if card and not any(part.method is Method.EXTERNAL for part in parts):
        raise session.usage("card_details")
    if reference and not any(part.method in RECORDS for part in parts):
        records = ", ".join(sorted(method.value for method in RECORDS))
        raise session.usage("reference", methods=records)
    return parts


def card_of(session: Session) -> Mapping[str, str]:
    """The card an external payment is recorded with, as far as it was said."""
    said = vars(session.args)
    return {name: said[name] for name in EXTERNAL_DETAILS if said.get(name)}


def _part(
    session: Session, text: str, currency: str, reference: str, card: Mapping[str, str]
) -> Part:
    way, _, payment = text.partition("@")
    name, colon, figure = way.partition(":")
    try:
        method = Method(name.strip().lower().replace("-", "_"))
    except ValueError:
        known = ", ".join(method.value for method in Method)
        raise session.usage("method", given=clean_text(name, 40), known=known) from None
    return Part(
        method,
        positive_minor(figure, currency) if colon else None,
        payment.strip(),
        reference if method in RECORDS else "",
        **(card if method is Method.EXTERNAL else {}),
    )


def positive_minor(text: str, currency: str) -> int:
    """Minor units above zero; another currency than the booking's is named as that."""
    amount = whole_minor(text, currency)
    if amount == 0:
        raise Refused("amount-invalid", text="0", currency=currency, exponent=0, unit="minor")
    return amount


def whole_minor(text: str, currency: str) -> int:
    """Minor units from 0: whole numbers, so without decimals whatever the currency has. A figure
    that names its currency is refused, with another as what it is."""
    named = WITH_CURRENCY.fullmatch(text.strip())
    if named and named[1].upper() != currency:
        raise Refused("currency-mismatch", given=named[1].upper(), currency=currency)
    try:
        return parse_minor(text, currency)
    except Refused as refused:
        if refused.code != "amount-invalid":
            raise
        raise Refused(
            "amount-invalid", **{**refused.details, "exponent": 0, "unit": "minor"}
        ) from None
