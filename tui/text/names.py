"""What the lines and the people of a booking are called."""

from __future__ import annotations

from backend_client.domain.booking import Booking, Line
from tui.text.inert import inert
from tui.text.wording import Wording


def customer_name(wording: Wording, booking: Booking) -> str:
    return person(wording, booking.contact.name if booking.contact else "")


def person(wording: Wording, name: str) -> str:
    """A customer by name; a sale over the counter may know none."""
    return inert(name) or wording.text("command.show.anonymous")


def line_name(wording: Wording, line: Line) -> str:
    name = inert(line.description)
    if not name and line.fee_kind:
        name = wording.text(f"fee_kind.{line.fee_kind.value}")
    if line.quantity > 1:
        name += " " + wording.text("command.show.quantity", count=line.quantity)
    return name


def name_in(wording: Wording, booking: Booking, sequence: int, description: str) -> str:
    """A line by its name in the booking; fees may come without a description."""
    line = booking.line(sequence)
    return line_name(wording, line) if line else inert(description)


SHORT = 3
"""Names no longer than this are taken for the first letters of a longer one."""


def provider_name(wording: Wording, name: str) -> str:
    """A provider as people call it: the settings know it by small letters alone, with the
    environment behind them where no real money moves."""
    if name.endswith("-practice"):
        name = "practice"
    name = name.removesuffix("-test")
    if name and wording.has(f"provider.{name}"):
        return wording.text(f"provider.{name}")
    plain = inert(name)
    return plain.upper() if len(plain) <= SHORT else plain[:1].upper() + plain[1:]
