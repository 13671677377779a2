"""The number of a gift card: asked for when it is needed, and the command that gives it again.

It is read from the terminal without an echo, or from the first line of what is piped in; never
from an argument, the environment or a plan.
"""

from __future__ import annotations

import getpass
import sys
import warnings

from backend_client.domain.legs import Leg
from backend_client.domain.problems import Refused
from backend_client.domain.stored_value import LONGEST_TYPED, StoredValueNumber
from tui.commands.called import called_leg
from tui.commands.outcome import tell
from tui.commands.session import Session
from tui.text.legs import leg_word


def number(session: Session) -> int:
    """Send a payment that waits for the number of its gift card."""
    name, refund = called_leg(session.args.leg)
    with session.backend() as backend:
        caller = session.caller()
        legs = backend.refund(caller, refund).refund.legs
        leg = next((one for one in legs if one.number == name), None)
        if leg is None:
            raise Refused("leg-not-found", text=name)
        _refuse_unless_waiting(session, leg)
        outcome = backend.give_number(caller, name, read_number(session))
    now = next(one for one in outcome.refund.legs if one.number == name)
    said = session.wording.text(
        "command.outcome.number_given",
        leg=name,
        state=leg_word(session.wording, now.state, now.method),
    )
    return tell(session, outcome, said)


def read_number(session: Session) -> StoredValueNumber:
    """Raises Refused: what `StoredValueNumber` refuses; nothing of what was typed is in it."""
    try:
        if sys.stdin.isatty():
            typed = _asked(session.wording.text("command.number.ask"))
        else:
            typed = sys.stdin.readline(LONGEST_TYPED + 2)
    except (EOFError, OSError):
        raise Refused("number-required") from None
    except UnicodeDecodeError:
        raise Refused("number-invalid") from None
    return StoredValueNumber(typed.rstrip("\r\n"))


def _asked(prompt: str) -> str:
    """Where the echo cannot be switched off, nothing is asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt, stream=sys.stderr)
        except getpass.GetPassWarning:
            raise Refused("number-required") from None


def _refuse_unless_waiting(session: Session, leg: Leg) -> None:
    """Before anything is asked for that is not needed."""
    if not leg.needs_number:
        state = leg_word(session.wording, leg.state, leg.method)
        raise Refused("number-not-needed", leg=leg.number, state=state)
