"""How every call of a backend begins: who asks, by which limits, and that it was denied."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.permissions import PERMISSION_CODES
from backend_client.domain.problems import Refused
from backend_client.domain.texts import clean_text

if TYPE_CHECKING:
    from backend_client.access import Doors
    from backend_client.domain.caller import Caller
    from backend_client.settings import Settings

WHO_LIMIT = 80


class InForce(Protocol):
    """The settings, with what admins set instead."""

    @property
    def now(self) -> Settings: ...

    def look(self) -> None:
        """See what was set since, in whatever window."""
        ...


class Answering(ABC):
    """What every backend does around a call, whatever it is about."""

    @property
    @abstractmethod
    def doors(self) -> Doors: ...

    @property
    @abstractmethod
    def in_force(self) -> InForce: ...

    @contextmanager
    def _answering(self, caller: Caller, asked: str, *, anybody: bool = False) -> Iterator[Caller]:
        """Names that are kept are inert, the caller signed in, limits are those of now; who was
        denied is on record."""
        known = replace(
            caller,
            operator=_inert(caller.operator),
            desk=_inert(caller.desk),
            channel=_inert(caller.channel),
            correlation_id=_inert(caller.correlation_id),
        )
        try:
            if not anybody:
                self.doors.require(known)
            self.in_force.look()
            yield known
        except Refused as refusal:
            if refusal.code in PERMISSION_CODES:
                self.doors.denied(known, asked, refusal)
            raise


def _inert(text: str) -> str:
    return mask_card_numbers(clean_text(text, WHO_LIMIT))
