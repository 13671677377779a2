"""Refuses a record that says one field twice: JSON readers take the last and tell nobody."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from backend_client.importing.refusal import WrongBooking

_PARTS = frozenset({dict, list})


@dataclass(frozen=True, slots=True)
class _Repeated:
    """Stands where an object with a repeated field stood."""

    field: str


def refuse_repeated_fields(line: bytes, document: object) -> None:
    """Raise `WrongBooking` naming the first field that stands twice in its object.

    `document` is what was read from `line`: where it holds as many fields as the line has colons
    behind names, none was lost, and nothing needs to be looked for.
    """
    if _is_plain(line):
        said = line.count(b'":')
        if said == _fields_near_the_top(document) or said == _fields(document):
            return
    every = json.loads(line, object_pairs_hook=_object, parse_int=str, parse_float=str)
    found = _find(every, "")
    if found is not None:
        raise WrongBooking(found, "it stands twice in one object")


def _is_plain(line: bytes) -> bool:
    """Does no name have blanks before its colon? Such a one would not be counted."""
    return not (b" :" in line or b"\t" in line or b"\r" in line or b"\n" in line)


def _fields_near_the_top(document: object) -> int:
    """Of a record and of the objects in it, and in its lists: in most records there are no others,
    and to look for some is most of the work."""
    if type(document) is not dict:
        return 0
    count = len(document)
    for part in document.values():
        kind = type(part)
        if kind is dict:
            count += len(part)
        elif kind is list:
            for one in part:
                if type(one) is dict:
                    count += len(one)
    return count


def _fields(document: object) -> int:
    count = 0
    parts: list[Any] = [document] if type(document) in _PARTS else []
    for part in parts:
        inner = part
        if type(part) is dict:
            count += len(part)
            inner = part.values()
        if not _PARTS.isdisjoint(map(type, inner)):
            parts += [one for one in inner if type(one) in _PARTS]
    return count


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Repeated:
    """Runs from the inside out, so an object inside a repeated one is forgotten with it."""
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return _Repeated(name)
        seen.add(name)
    return dict(pairs)


def _find(value: object, path: str) -> str | None:
    if isinstance(value, _Repeated):
        return f"{path}.{value.field}".removeprefix(".")
    named: list[tuple[str, object]] = []
    if isinstance(value, dict):
        named = [(f"{path}.{name}".removeprefix("."), part) for name, part in value.items()]
    elif isinstance(value, list):
        named = [(f"{path}[{index}]", part) for index, part in enumerate(value)]
    for where, part in named:
        found = _find(part, where)
        if found is not None:
            return found
    return None
