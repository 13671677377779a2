"""A PIN is asked about in a worker: whoever asks is told who signed in, or why nobody did."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual.message import Message

from backend_client.domain.problems import Refused

if TYPE_CHECKING:
    from textual.screen import Screen

    from backend_client.domain.caller import Caller
    from backend_client.domain.pins import Pin
    from tui.app import TicketWindowApp


@dataclass
class SignedIn(Message):
    caller: Caller


@dataclass
class SignInRefused(Message):
    problem: Refused


def check_pin(asking: Screen[Any], window: TicketWindowApp, operator: str, pin: Pin) -> None:
    """`asking` gets `SignedIn` or `SignInRefused`; hashing a PIN takes its time."""
    backend, caller = window.backend, replace(window.caller, operator=operator)
    assert backend is not None

    def check() -> None:
        try:
            asking.post_message(SignedIn(backend.sign_in(caller, pin)))
        except Refused as problem:
            asking.post_message(SignInRefused(problem))
        except Exception as error:
            asking.post_message(SignInRefused(window.as_problem(error)))

    asking.run_worker(check, thread=True, exit_on_error=False)
