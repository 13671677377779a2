"""Refunds and payments by the numbers people call them, in capitals or not."""

from __future__ import annotations

import re
from typing import NamedTuple

from backend_client.domain.problems import Refused
from tui.text.inert import inert

REFUND_NUMBER = re.compile(r"[Rr]-[0-9]+")
LEG_NUMBER = re.compile(r"([Rr]-[0-9]+)\.[0-9]+")


class CalledLeg(NamedTuple):
    """A payment of a refund, and that refund."""

    number: str
    refund: str


def called_leg(said: str) -> CalledLeg:
    """Raises Refused: `leg-not-found` where it is the number of no payment."""
    number = said.upper()
    leg = LEG_NUMBER.fullmatch(number)
    if leg is None:
        raise Refused("leg-not-found", text=inert(said))
    return CalledLeg(number, leg[1])


def called_refund(said: str) -> str:
    """Raises Refused: `refund-not-found` where it is the number of no refund."""
    number = said.upper()
    if not REFUND_NUMBER.fullmatch(number):
        raise Refused("refund-not-found", text=inert(said))
    return number
