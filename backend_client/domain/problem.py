"""What a problem is: one row of the catalogue says everything an operator needs to be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum


class Kind(Enum):
    """Families of problems; the value is the exit code of the command line."""

    REFUSED = 1
    USAGE = 2
    NOT_FOUND = 3
    UNSURE = 4
    UNAVAILABLE = 5


class MoneyMoved(StrEnum):
    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class Retry(StrEnum):
    NEVER = "never"
    AFTER_REREAD = "after_reread"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Problem:
    """What happened, whether money moved, what to do about it, whether to retry."""

    code: str
    kind: Kind
    message: str
    action: str
    money_moved: MoneyMoved = MoneyMoved.NO
    retry: Retry = Retry.NEVER
