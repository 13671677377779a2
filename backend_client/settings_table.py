"""One table of the settings file, read field by field; a mistake names the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from backend_client.domain.card_numbers import holds_card, mask_card_numbers
from backend_client.domain.texts import clean_text

LONGEST_NAME = 100
LARGEST_WHOLE = 2**53

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Mistake(Exception):
    """A field and what is wrong with it."""


class Table:
    """A TOML table that is emptied field by field; what is left at the end is a misspelling."""

    def __init__(self, data: Mapping[str, Any], where: str = "") -> None:
        self._left = dict(data)
        self._where = where

    def place(self, name: str) -> str:
        return _place(self._where, name)

    def take(self, name: str, kind: type[T], default: T, words: str) -> T:
        value = self._left.pop(name, default)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise Mistake(f"{self.place(name)} must be {words}")
        return value

    def yes(self, name: str, default: bool) -> bool:
        return self.take(name, bool, default, "true or false")

    def text(self, name: str, default: str) -> str:
        """One line of plain text, not empty."""
        value = self.take(name, str, default, "text")
        if value != default and (not value.strip() or value != clean_text(value, LONGEST_NAME)):
            raise Mistake(f"{self.place(name)} must be plain text on one line")
        return value

    def whole(self, name: str, default: int) -> int:
        value = self.take(name, int, default, "a whole number")
        if not 0 <= value <= LARGEST_WHOLE:
            raise Mistake(f"{self.place(name)} must be a whole number from 0 to 2^53")
        return value

    def limit(self, name: str) -> int | None:
        return self.whole(name, 0) if name in self._left else None

    def one(self, name: str, kind: type[E], default: E) -> E:
        return self._member(kind, self.take(name, str, default.value, "text"), name)

    def some(self, name: str, kind: type[E], default: frozenset[E]) -> frozenset[E]:
        values = self.take(name, list, sorted(default), "a list")
        return frozenset(self._member(kind, value, name) for value in values)

    def _member(self, kind: type[E], value: object, name: str) -> E:
        try:
            return kind(str(value))
        except ValueError:
            known = ", ".join(sorted(kind))
            raise Mistake(f"{self.place(name)} must be one of {known}") from None

    def texts(self, name: str) -> frozenset[str]:
        values = self.take(name, list, [], "a list of texts")
        if not all(isinstance(value, str) for value in values):
            raise Mistake(f"{self.place(name)} must be a list of texts")
        return frozenset(values)

    def table(self, name: str) -> Table:
        return Table(self.take(name, dict, {}, "a table"), self.place(name))

    def tables(self, name: str) -> list[Table] | None:
        if name not in self._left:
            return None
        rows = self.take(name, list, [], "a list of tables")
        if not all(isinstance(row, dict) for row in rows):
            raise Mistake(f"{self.place(name)} must be a list of tables")
        return [Table(row, f"{self.place(name)}[{index}]") for index, row in enumerate(rows)]

    def names(self) -> tuple[str, ...]:
        return tuple(self._left)

    def end(self) -> None:
        for name in self._left:
            raise Mistake(f"{self.place(name)} is not a setting")


def refuse_cards(data: Mapping[str, Any]) -> None:
    """No full card number and no swipe stands anywhere in the file: the names and reasons in it are
    kept with every refund. The mistake names the field, never what stands there."""
    for where, text in _texts(data):
        if holds_card(text):
            raise Mistake(f"{where} must not hold a full card number")


def _texts(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text of the file and every name of a field, with its place."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield _place(where, name), name
            yield from _texts(inner, _place(where, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{where}[{index}]")


def _place(where: str, name: str) -> str:
    shown = mask_card_numbers(clean_text(name, LONGEST_NAME))
    return f"{where}.{shown}" if where else shown
