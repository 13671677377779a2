"""Every word a person reads comes from a catalogue, one JSON file a language.

JSON, because the words are read before the first screen: TOML took a twentieth of that time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

CATALOGUES = Path(__file__).parent / "catalogues"
FALLBACK = "en"
"""The language every word exists in; others may lag behind."""


class Wording:
    """The words of one language; a key is dotted: `command.lookup.none`.

    Raises `LookupError` for a language without a catalogue, and for a key no catalogue has: that
    is a mistake in the program, never in the data.
    """

    def __init__(self, language: str = FALLBACK) -> None:
        if language not in languages():
            raise LookupError(f"no catalogue for the language {language!r}")
        self.language = language
        self.zone = "UTC"
        """Of the house, for instants inside the words of a refusal."""
        own = _load(language)
        self._texts = own if language == FALLBACK else {**_load(FALLBACK), **own}

    def has(self, key: str) -> bool:
        return key in self._texts

    def text(self, key: str, **values: object) -> str:
        """The words of `key` with `values` put in; values are shown as they are, never parsed."""
        return self.template(key).format_map(values)

    def count(self, key: str, number: int, **values: object) -> str:
        """`key.one` or `key.other`, with the number as `{count}`."""
        form = "one" if number == 1 else "other"
        return self.text(f"{key}.{form}", count=f"{number:,}", **values)

    def template(self, key: str) -> str:
        try:
            return self._texts[key]
        except KeyError:
            raise LookupError(f"no words for {key!r} in {self.language}") from None

    def keys(self) -> frozenset[str]:
        return frozenset(self._texts)


def languages() -> tuple[str, ...]:
    """The languages there is a catalogue for, by code."""
    return tuple(sorted(path.stem for path in CATALOGUES.glob("*.json")))


@cache
def _load(language: str) -> Mapping[str, str]:
    """Read once for a process: parsing takes longer than most commands do."""
    with (CATALOGUES / f"{language}.json").open(encoding="utf-8") as file:
        return MappingProxyType(_flat(json.load(file)))


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat
