"""The limits of the house that admins set where operators sign in, and how one stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend_client.domain.money import MOST_MINOR
from backend_client.domain.names import is_same_person
from backend_client.domain.problems import Refused


class LimitName(StrEnum):
    """As they are called in the settings, which hold until an admin sets one."""

    UNATTENDED_ITEMS = "unattended_items"
    UNATTENDED_MINOR = "unattended_minor"
    FOUR_EYES_MINOR = "four_eyes_minor"
    LIMIT_MINOR = "limit_minor"
    SHIFT_LIMIT_MINOR = "shift_limit_minor"
    SECOND_SUPERVISOR_MINOR = "second_supervisor_minor"
    SECOND_REVIEWER_MINOR = "second_reviewer_minor"


MAY_BE_NONE = frozenset(LimitName) - {LimitName.UNATTENDED_ITEMS, LimitName.UNATTENDED_MINOR}
"""Without a ceiling nothing goes live unattended; the others are off instead."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A value that waits for a second admin."""

    value: int | None
    set_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HouseLimit:
    """A limit in force; `set_by` is empty while it is that of the settings, `confirmed_by` where
    one admin decided alone."""

    name: LimitName
    value: int | None
    set_by: str = ""
    confirmed_by: str = ""
    since: datetime | None = None
    waiting: Proposed | None = None


def refuse_value(name: LimitName, value: int | None) -> None:
    none_is_well = value is not None or name in MAY_BE_NONE
    if not none_is_well or not 0 <= (value or 0) <= MOST_MINOR:
        raise Refused("limit-invalid", name=name.value, most=MOST_MINOR)


def refuse_confirming(limit: HouseLimit, by: str, value: int | None) -> Proposed:
    """The proposal that this admin may confirm as it was looked at."""
    waiting = limit.waiting
    if waiting is None:
        raise Refused("limit-nothing-waits", name=limit.name.value)
    if is_same_person(waiting.set_by, by):
        raise Refused("limit-own", name=limit.name.value, operator=waiting.set_by)
    if waiting.value != value:
        raise Refused("limit-differs", name=limit.name.value)
    return waiting
