"""The people of the practice bookings that are told apart by name."""

from __future__ import annotations

from backend_client.domain.incoming import IncomingContact
from backend_client.domain.texts import clean_text

_NAME_LIMIT = 200


def person(number: int, name: str, phone: str = "", email: str = "") -> IncomingContact:
    return IncomingContact(f"C{number:06d}", clean_text(name, _NAME_LIMIT), email, phone)


BETTE = person(1, "Bette Davis", "+41 79 412 30 76", "bette.davis@hollwood.org")
JOAN = person(2, "Joan Crawford", "+41 79 555 10 20", "joan.crawford@example.org")
JOERG = person(3, "Müller, Jörg", "044 211 33 44", "joerg.mueller@example.com")
CLAIRE = person(4, "Claire Rochat", "021 601 22 33", "claire.rochat@example.com")
LUC = person(5, "Luc Favre", "022 700 12 12", "luc.favre@example.com")
GINA = person(6, "Gina Rossi", "091 923 45 67", "gina.rossi@example.net")
