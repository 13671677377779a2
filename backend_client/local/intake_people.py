"""Contacts and performances of incoming bookings: found or made by key, a chunk at once."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.local import ids
from backend_client.local.intake_rows import PerformanceDetails, PersonDetails, Prepared
from backend_client.local.rows import fetch, insert_rows
from backend_client.local.schema import contact, performance

REMEMBERED = 20_000

PerformanceKey = tuple[str, str]

_CONTACTS = """
SELECT key, id, name, email, phone FROM contact WHERE key IN (SELECT value FROM json_each(?))"""
_CONTACT_CHANGE = "UPDATE contact SET name = ?, email = ?, phone = ? WHERE id = ?"
_PERFORMANCES = """
SELECT p.site, p.key, p.id, p.event_key, p.event, p.starts_at_us FROM json_each(?) wanted
CROSS JOIN performance p ON p.site = json_extract(wanted.value, '$[0]')
  AND p.key = json_extract(wanted.value, '$[1]')"""
_PERFORMANCE_CHANGE = (
    "UPDATE performance SET event_key = ?, event = ?, starts_at_us = ? WHERE id = ?"
)


@dataclass(slots=True)
class Memory:
    """Contacts and performances seen lately, so that most of a file asks for none of them.

    Only what was committed may be put in here.
    """

    contacts: OrderedDict[str, tuple[int, PersonDetails]] = field(default_factory=OrderedDict)
    performances: OrderedDict[PerformanceKey, tuple[int, PerformanceDetails]] = field(
        default_factory=OrderedDict
    )

    def learn(self, people: People, shows: Shows) -> None:
        _remember(self.contacts, people.known)
        _remember(self.performances, shows.known)


def _remember(memory: OrderedDict[Any, Any], seen: Mapping[Any, Any]) -> None:
    for key, value in seen.items():
        memory[key] = value
        memory.move_to_end(key)
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)


@dataclass(slots=True)
class People:
    """The contacts of a chunk by key, and the ids of those whose details changed."""

    known: dict[str, tuple[int, PersonDetails]]
    changed: list[int]

    def id_of(self, key: str) -> int | None:
        return self.known[key][0] if key else None

    def ids(self) -> dict[str, int | None]:
        """By key; nobody has the empty one."""
        return {"": None, **{key: contact_id for key, (contact_id, _) in self.known.items()}}

    def are_as_said(self, one: Prepared) -> bool:
        """Are the people of this booking known by the details it says?"""
        known = self.known
        return all(known[key][1] == said for key, said in one.people)


@dataclass(slots=True)
class Shows:
    """The performances of a chunk by site and key, and the ids of those that changed at all and
    of those that were renamed."""

    known: dict[PerformanceKey, tuple[int, PerformanceDetails]]
    changed: list[int]
    renamed: list[int]

    def id_of(self, site: str, key: str) -> int | None:
        return self.known[(site, key)][0] if key else None

    def ids(self, one: Prepared) -> dict[str, int | None]:
        """Of the performances of this booking, by key; none has the empty one."""
        return {"": None, **{key: self.known[(one.site, key)][0] for key, _ in one.shows}}

    def are_as_said(self, one: Prepared) -> bool:
        """Are the events of this booking known by the names it says?"""
        known, site = self.known, one.site
        return all(known[(site, key)][1][1] == said[1] for key, said in one.shows)


def store_people(
    connection: Connection, incoming: Iterable[tuple[str, PersonDetails]], memory: Memory
) -> People:
    """Insert who is new, change whose details changed; an empty detail keeps what is known."""
    wanted: dict[str, PersonDetails] = {}
    for key, said in incoming:
        before = wanted.get(key)
        wanted[key] = _merged(said, before) if before and before != said else said
    known = {key: memory.contacts[key] for key in wanted if key in memory.contacts}
    asked = [key for key in wanted if key not in known]
    if asked:
        for row in fetch(connection, _CONTACTS, json.dumps(asked)):
            known[row[0]] = (row[1], (row[2], row[3], row[4]))
    absent = [key for key in wanted if key not in known]
    if absent:
        first = ids.take(connection, "contact", len(absent))
        rows = [(first + place, key, *wanted[key]) for place, key in enumerate(absent)]
        insert_rows(connection, contact, ("id", "key", "name", "email", "phone"), rows)
        known.update((row[1], (row[0], row[2:5])) for row in rows)
    changed: list[int] = []
    updates: list[tuple[str, str, str, int]] = []
    for key, said in wanted.items():
        contact_id, before = known[key]
        if said == before:
            continue
        merged = _merged(said, before)
        if merged != before:
            known[key] = (contact_id, merged)
            changed.append(contact_id)
            updates.append((*merged, contact_id))
    if updates:
        connection.exec_driver_sql(_CONTACT_CHANGE, updates)
    return People(known, changed)


def _merged(said: PersonDetails, before: PersonDetails) -> PersonDetails:
    return (said[0] or before[0], said[1] or before[1], said[2] or before[2])


def store_shows(
    connection: Connection,
    incoming: Iterable[tuple[PerformanceKey, PerformanceDetails]],
    memory: Memory,
) -> Shows:
    """As `store_people`, for performances of sites."""
    wanted = dict(incoming)
    known = {key: memory.performances[key] for key in wanted if key in memory.performances}
    asked = [key for key in wanted if key not in known]
    if asked:
        for row in fetch(connection, _PERFORMANCES, json.dumps(asked)):
            known[(row[0], row[1])] = (row[2], (row[3], row[4], row[5]))
    absent = [key for key in wanted if key not in known]
    if absent:
        first = ids.take(connection, "performance", len(absent))
        columns = ("id", "site", "key", "event_key", "event", "starts_at_us")
        rows = [(first + place, *key, *wanted[key]) for place, key in enumerate(absent)]
        insert_rows(connection, performance, columns, rows)
        known.update((key, (first + place, wanted[key])) for place, key in enumerate(absent))
    changed: list[int] = []
    renamed: list[int] = []
    updates: list[tuple[str, str, int | None, int]] = []
    for key, said in wanted.items():
        show_id, before = known[key]
        if said == before:
            continue
        merged = _merged_show(said, before)
        if merged != before:
            known[key] = (show_id, merged)
            changed.append(show_id)
            updates.append((*merged, show_id))
            if merged[1] != before[1]:
                renamed.append(show_id)
    if updates:
        connection.exec_driver_sql(_PERFORMANCE_CHANGE, updates)
    return Shows(known, changed, renamed)


def _merged_show(said: PerformanceDetails, before: PerformanceDetails) -> PerformanceDetails:
    starts_at_us = before[2] if said[2] is None else said[2]
    return (said[0] or before[0], said[1] or before[1], starts_at_us)
