"""Which bookings a cancellation is about, asked of the store as one set."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import MOST_NAMED, CancellationParameters
from backend_client.local.rows import fetch

MOST_KNOWN = 20
"""How many values a refused filter is answered with."""
_IN = "IN (SELECT value FROM json_each(?))"
_LINES = (
    f"FROM line l JOIN booking b ON b.id = l.booking_id WHERE l.performance_id {_IN} "
    "AND l.kind IN ('ticket','concession')"
)
_FILTERS = (
    ("contingents", "l.contingent"),
    ("categories", "l.category"),
    ("tariffs", "l.tariff"),
    ("sold_through", "b.channel"),
)
TOLD = {
    **{"contingents": "contingent", "categories": "category", "tariffs": "tariff"},
    "sold_through": "channel",
}
"""What a filter is called where its own name reads badly."""
_NAMED = f"(b.booking_id {_IN} OR b.number {_IN})"
_EXCLUDED = (
    f"NOT EXISTS (SELECT 1 FROM contact c WHERE c.key {_IN} AND (c.id = b.contact_id "
    "OR c.id IN (SELECT payer_id FROM payment WHERE booking_id = b.id)))"
)
_PAID_SO = f"EXISTS (SELECT 1 FROM payment p WHERE p.booking_id = b.id AND p.method {_IN})"


@dataclass(frozen=True, slots=True)
class Meant:
    """Booking ids: those with something sold in order of their sale, and those with nothing."""

    candidates: array[int]
    listed: array[int]


def meant(connection: Connection, parameters: CancellationParameters) -> Meant:
    """Every booking with lines in these performances that no filter leaves out."""
    where, asked = _conditions(parameters)
    rows = connection.exec_driver_sql(
        f"SELECT b.id, MAX(l.state = 'sold') AS sold {_LINES}{where} "
        "GROUP BY b.id ORDER BY b.sold_at_us, b.id",
        (json.dumps(parameters.performances), *asked),
    )
    found = Meant(array("q"), array("q"))
    for booking_id, sold in rows:
        (found.candidates if sold else found.listed).append(booking_id)
    return found


def _conditions(parameters: CancellationParameters) -> tuple[str, list[str]]:
    """What filters add to the statement, and its values."""
    conditions: list[str] = []
    asked: list[str] = []

    def add(condition: str, values: Iterable[Any]) -> None:
        conditions.append(condition)
        asked.extend([json.dumps(list(values))] * condition.count("?"))

    for field, column in _FILTERS:
        if getattr(parameters, field):
            add(f"{column} {_IN}", getattr(parameters, field))
    if parameters.methods:
        add(f"NOT {_PAID_SO}" if parameters.methods_excluded else _PAID_SO, parameters.methods)
    if parameters.files:
        add(_NAMED, parameters.files)
    if parameters.contacts:
        add(_EXCLUDED, parameters.contacts)
    return "".join(f" AND {condition}" for condition in conditions), asked


def refuse_unknown(connection: Connection, parameters: CancellationParameters) -> None:
    """Refuse filters that name what is not there: a spelling mistake must not cancel nothing, or,
    where it excludes, too much."""
    for what, named in (("file numbers", parameters.files), ("contacts", parameters.contacts)):
        if len(named) > MOST_NAMED:
            raise Refused("run-too-many-named", count=len(named), what=what, most=MOST_NAMED)
    performances = json.dumps(parameters.performances)
    for field, column in _FILTERS:
        wanted = getattr(parameters, field)
        if not wanted:
            continue
        rows = fetch(connection, f"SELECT DISTINCT {column} AS value {_LINES}", performances)
        known = sorted(row.value for row in rows)
        _refuse(TOLD[field], [one for one in wanted if one not in known], known)
    for file in parameters.files:
        asked = (performances, file, file)
        found = f"SELECT 1 {_LINES} AND (b.booking_id = ? OR b.number = ?) LIMIT 1"
        if not fetch(connection, found, *asked):
            raise Refused("run-booking-unknown", value=file)
    for contact in parameters.contacts:
        if not fetch(connection, "SELECT 1 FROM contact WHERE key = ?", contact):
            raise Refused("run-contact-unknown", value=contact)


def refuse_unknown_channels(connection: Connection, wanted: Iterable[str]) -> None:
    """Refuse channels nothing was ever sold through. One with nothing open just now is no mistake:
    the same command runs every night."""
    one_sold = "SELECT 1 FROM booking WHERE channel = ? LIMIT 1"
    unknown = [one for one in wanted if not fetch(connection, one_sold, one)]
    if unknown:
        rows = fetch(connection, "SELECT DISTINCT channel AS value FROM booking")
        _refuse(TOLD["sold_through"], unknown, sorted(row.value for row in rows))


def _refuse(field: str, unknown: Iterable[str], known: Iterable[str]) -> None:
    for value in unknown:
        shown = [one for one in known if one][:MOST_KNOWN]
        told = {"known": shown} if shown else {}
        raise Refused("run-filter-unknown", field=field.replace("_", " "), value=value, **told)
