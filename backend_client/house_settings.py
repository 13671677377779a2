"""Which house this is: its name, money, time, and whether it is in earnest."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from backend_client.domain.money import exponent
from backend_client.domain.problems import Refused
from backend_client.settings_table import Mistake, Table

ENVIRONMENTS = ("practice", "test", "live")


@dataclass(frozen=True, slots=True)
class House:
    """Where we are; `environment` (practice, test, live) is on screen at all times."""

    site: str = "0001"
    name: str = "Box office"
    currency: str = "EUR"
    zone: str = "UTC"
    environment: str = "practice"


def read_house(table: Table) -> House:
    """The table `house`; raises `Mistake`."""
    plain = House()
    house = House(
        site=table.text("site", plain.site),
        name=table.text("name", plain.name),
        currency=table.text("currency", plain.currency),
        zone=table.text("zone", plain.zone),
        environment=table.text("environment", plain.environment),
    )
    table.end()
    if not known_currency(house.currency):
        raise Mistake(f"{table.place('currency')} must be a currency code like CHF")
    if not known_zone(house.zone):
        raise Mistake(f"{table.place('zone')} must be a time zone like Europe/Zurich")
    if house.environment not in ENVIRONMENTS:
        known = ", ".join(ENVIRONMENTS)
        raise Mistake(f"{table.place('environment')} must be one of {known}")
    return house


def known_currency(currency: str) -> bool:
    """Is this a currency whose minor unit we know?"""
    try:
        exponent(currency)
    except (Refused, ValueError):
        return False
    return True


def known_zone(zone: str) -> bool:
    """Is this a time zone of the IANA table?"""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        return False
    return True
