"""Instants in the store: microseconds since 1970, UTC, integers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(instant: datetime) -> int:
    """Exact, unlike `timestamp()`, which goes through a float; naive instants are an error."""
    return (instant - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def maybe_us(instant: datetime | None) -> int | None:
    return None if instant is None else to_us(instant)


def maybe_from_us(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else from_us(microseconds)
