"""What the window's own workers report: the store is open or not, a write or a round is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from backend_client.domain.problems import Refused

if TYPE_CHECKING:
    from backend_client.answers import Capabilities
    from backend_client.backend import Backend
    from backend_client.domain.driving import DriveReport
    from backend_client.domain.mailing import MailRun
    from backend_client.domain.runs import Run


@dataclass
class StoreOpened(Message):
    """`sign_in`: the store knows its operators, so nobody is let in without."""

    backend: Backend
    capabilities: Capabilities
    sign_in: bool = False


@dataclass
class StoreFailed(Message):
    problem: Refused


@dataclass
class WriteEnded(Message):
    """A write is over; `take` shows its result where it was asked for."""

    take: Callable[[], None]


@dataclass
class RunOver(Message):
    """A live run of this window came to its end, or was refused before it began."""

    simulation_id: int
    result: Run | Refused


@dataclass
class Settled(Message):
    """A round of driving beside the window is over."""

    result: DriveReport | Refused


@dataclass
class Mailed(Message):
    """The mail that was due was tried."""

    result: MailRun | Refused
