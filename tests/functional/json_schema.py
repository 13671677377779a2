"""Just enough of JSON Schema to hold our own output against our own schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

KINDS: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
}
KNOWN = frozenset(
    {
        "$schema",
        "title",
        "description",
        "type",
        "enum",
        "pattern",
        "minimum",
        "maximum",
        "items",
        "properties",
        "required",
        "additionalProperties",
    }
)


def mistakes(schema: Mapping[str, Any], value: Any, place: str = "$") -> Iterator[str]:
    """Where `value` is not as `schema` says; a word of the schema not known here is one too."""
    yield from (f"{place}: unknown word {word}" for word in set(schema) - KNOWN)
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is none of {schema['enum']}"
    if "type" in schema:
        fits = isinstance(value, KINDS[schema["type"]])
        if not fits or (schema["type"] == "integer" and isinstance(value, bool)):
            yield f"{place}: {value!r} is no {schema['type']}"
            return
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{place}: {value!r} does not match {schema['pattern']}"
    if value < schema.get("minimum", value) if isinstance(value, int) else False:
        yield f"{place}: {value} is too small"
    if value > schema.get("maximum", value) if isinstance(value, int) else False:
        yield f"{place}: {value} is too large"
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from mistakes(schema.get("items", {}), item, f"{place}[{index}]")
    if isinstance(value, dict):
        yield from _of_object(schema, value, place)


def _of_object(schema: Mapping[str, Any], value: Mapping[str, Any], place: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    yield from (
        f"{place}: {name} is missing" for name in schema.get("required", ()) if name not in value
    )
    for name, item in value.items():
        if name in properties:
            yield from mistakes(properties[name], item, f"{place}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{place}: {name} is not in the schema"
