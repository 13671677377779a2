"""Checked bookings on disk until their whole file is: what is stored is what was checked, however
the file changes meanwhile, and no line is understood a second time."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, make_dataclass
from operator import attrgetter
from typing import IO, Any, Self, TypeVar

from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingClaim,
    IncomingContact,
    IncomingLine,
    IncomingPayment,
    IncomingPerformance,
)

T = TypeVar("T")
_BATCH = 256 * 1024
"""Bytes of source text whose bookings are written, read and held together."""


def _names(kind: type[Any]) -> list[str]:
    return [field.name for field in fields(kind)]


def _values_of(kind: type[Any]) -> attrgetter[Any]:
    return attrgetter(*_names(kind))


def _maker(kind: type[T]) -> Callable[[Iterable[Any]], T]:
    """Makes frozen values from their fields in a sixth of the time that `kind` itself takes: it
    must get round its own guard for every field. An open twin with the same slots has none, and
    is given its class when it is complete."""
    twin: Any = make_dataclass(kind.__name__, _names(kind), slots=True)

    def make(values: Iterable[Any]) -> T:
        one = twin(*values)
        one.__class__ = kind
        made: T = one
        return made

    return make


_BOOKING, _booking_from = _values_of(IncomingBooking), _maker(IncomingBooking)
_PERSON, _person_from = _values_of(IncomingContact), _maker(IncomingContact)
_CONTACT = _names(IncomingBooking).index("contact")
_PARTS: tuple[tuple[int, attrgetter[Any], Callable[[Iterable[Any]], Any]], ...] = tuple(
    (_names(IncomingBooking).index(name), _values_of(kind), _maker(kind))
    for name, kind in (
        ("lines", IncomingLine),
        ("payments", IncomingPayment),
        ("payers", IncomingContact),
        ("performances", IncomingPerformance),
        ("claims", IncomingClaim),
    )
)


class Spool:
    """Written once, then read once, in the same order.

    The file has no name and is ours alone, so what is unpickled is what we pickled; plain rows,
    because objects cost several times as much.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self._batch: list[list[Any]] = []
        self._weight = 0

    @classmethod
    def unnamed(cls) -> Spool:
        return cls(tempfile.TemporaryFile())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def add(self, booking: IncomingBooking, weight: int) -> None:
        """`weight` is how long the text was that the booking was read from."""
        self._batch.append(_row(booking))
        self._weight += weight
        if self._weight >= _BATCH:
            self._write()

    def finish(self) -> None:
        """After the last booking; from here on they can be read."""
        self._write()
        self.file.flush()

    def __iter__(self) -> Iterator[IncomingBooking]:
        self.file.seek(0)
        while True:
            try:
                batch = pickle.load(self.file)
            except EOFError:
                return
            yield from map(_booking, batch)

    def _write(self) -> None:
        if self._batch:
            pickle.dump(self._batch, self.file, pickle.HIGHEST_PROTOCOL)
        self._batch = []
        self._weight = 0


def _row(booking: IncomingBooking) -> list[Any]:
    row = list(_BOOKING(booking))
    for place, values_of, _ in _PARTS:
        if row[place]:
            row[place] = [values_of(one) for one in row[place]]
    if row[_CONTACT]:
        row[_CONTACT] = _PERSON(row[_CONTACT])
    return row


def _booking(row: list[Any]) -> IncomingBooking:
    for place, _, made_from in _PARTS:
        if row[place]:
            row[place] = tuple(map(made_from, row[place]))
    if row[_CONTACT]:
        row[_CONTACT] = _person_from(row[_CONTACT])
    return _booking_from(row)
