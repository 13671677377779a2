"""Finds out what became of calls nobody knows about, by reading the booking again. Nothing is ever
sent from here."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from backend_client.domain.caller import Caller
from backend_client.domain.connect_intent import (
    Intent,
    IntentState,
    leg_state,
)
from backend_client.domain.connect_outcome import Signal
from backend_client.domain.driving import DriveReport
from backend_client.domain.refund import LegState
from backend_client.processes import has_ended
from backend_client.remote.answers import Said
from backend_client.remote.context import Context
from backend_client.remote.refunding import Refunding

_READ_AGAIN = Said(Signal.UNSURE, "read-again", "read again", reached=False)
_CUT_OFF = Said(Signal.UNSURE, "interrupted", "broken off while sending", reached=False)
_NEVER_SENT = Said(Signal.NOT_SENT, "never-sent", "broken off before sending", reached=False)
_MARGIN = timedelta(seconds=60)
"""Beyond the longest a call can take: whoever made it has given up, or is gone."""


class FindingOut:
    """Goes through what is not finished, until it is clear or a person has to decide."""

    def __init__(self, context: Context, refunding: Refunding) -> None:
        self._context = context
        self._refunding = refunding
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def go(self, caller: Caller, *, patient: bool = False) -> DriveReport:
        """Look once at everything that is open; `patient` leaves alone what is not due yet."""
        self._stopping.clear()
        looked, states = 0, Counter[LegState]()
        now = self._context.clock.now()
        for intent in self._context.journal.unfinished():
            if self._stopping.is_set():
                return DriveReport(looked, dict(states), stopped=True)
            if patient and intent.state is IntentState.UNKNOWN and not intent.is_due(now):
                continue
            after = self._look(caller, intent)
            if after is None:
                continue
            looked += 1
            if after.state is not intent.state:
                states.update(leg_state(after, leg) for leg in after.wish.legs)
        return DriveReport(looked, dict(states))

    def look_there(self, caller: Caller, intent: Intent) -> Intent:
        """The same, but where a supervisor of the system it was sent to may have decided by now:
        whoever reads it again wants to know that, and not the next round of settling."""
        if not intent.awaits_there or self._context.journal.read_only:
            return intent
        return self._look(caller, intent) or intent

    def _look(self, caller: Caller, intent: Intent) -> Intent | None:
        """One look at one call; None where there is nothing to find out now."""
        if intent.state is IntentState.UNKNOWN:
            # A clear no whose booking could not be read then is still one now.
            answered = replace(_READ_AGAIN, signal=intent.signal or Signal.UNSURE)
            return self._refunding.find_out(caller, intent, answered)[0]
        if intent.state is IntentState.REVIEW or intent.waits or not self._was_left(intent):
            return None
        said = _NEVER_SENT if intent.state is IntentState.PLANNED else _CUT_OFF
        return self._refunding.find_out(caller, intent, said)[0]

    def _was_left(self, intent: Intent) -> bool:
        """Is whoever was making this call surely not making it any more?"""
        if self._refunding.is_in_flight(intent):
            return False
        if intent.holder == self._context.holder or has_ended(intent.holder):
            return True
        settings = self._context.settings
        longest = timedelta(seconds=2 * settings.read_s + settings.connect_s) + _MARGIN
        return self._context.clock.now() > intent.changed_at + longest
