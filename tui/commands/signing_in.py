"""PINs at the command line: asked on the terminal without echo, or given by a script; never an
argument, which others on the machine could read."""

from __future__ import annotations

import getpass
import os
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from backend_client.domain.pins import LONGEST_TYPED, Pin
from backend_client.domain.problems import Refused
from tui import wiring
from tui.text.inert import inert

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller
    from tui.text.wording import Wording

TERMINAL = "/dev/tty"


class Asking(Protocol):
    """What a session of the command line tells those who ask for a PIN."""

    @property
    def wording(self) -> Wording: ...

    @property
    def pins_on_stdin(self) -> bool:
        """Does a script give the PINs, a line each?"""
        ...


def sign_in(session: Asking, backend: Backend, caller: Caller) -> Caller:
    """Who the PIN given says it is; raises Refused as `Access.sign_in` does."""
    return backend.sign_in(caller, own_pin(session, caller.operator))


def own_pin(session: Asking, operator: str) -> Pin:
    """The PIN of who asks: by --pin-stdin, on the terminal, or the secret of an unattended one."""
    name = inert(operator)
    if session.pins_on_stdin:
        return _line()
    if terminal_there():
        return _asked(session.wording.text("command.signing_in.pin", operator=name))
    secret = wiring.pin_secret(operator)
    try:
        return Pin(wiring.credentials().find(secret).secret.reveal())
    except Refused as refused:
        if refused.code != "secret-missing":
            raise
        raise Refused("pin-required", operator=name, secret=secret) from None


def new_pin(session: Asking, operator: str) -> Pin:
    """A PIN to be: asked twice where nobody sees what is typed. Raises Refused: `pin-differs`."""
    name = inert(operator)
    if session.pins_on_stdin:
        return _line()
    if not terminal_there():
        raise Refused("pin-required", operator=name, secret=wiring.pin_secret(operator))
    pin = _asked(session.wording.text("command.signing_in.new_pin", operator=name))
    pin.refuse_weak()
    if _asked(session.wording.text("command.signing_in.again")) != pin:
        raise Refused("pin-differs")
    return pin


def terminal_there() -> bool:
    """Is there a terminal to ask on, whatever stdin is?"""
    try:
        os.close(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _line() -> Pin:
    """The next line of stdin; what follows it belongs to the command."""
    return Pin(_read(lambda: sys.stdin.readline(LONGEST_TYPED + 2)).rstrip("\r\n"))


def _asked(prompt: str) -> Pin:
    """Where the echo cannot be switched off, nothing is asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        return Pin(_read(lambda: getpass.getpass(prompt)))


def _read(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except (EOFError, OSError, UnicodeDecodeError, getpass.GetPassWarning):
        raise Refused("pin-form") from None
