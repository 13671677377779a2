"""What one drive of settling did, in plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LeaseRow


@dataclass(frozen=True, slots=True)
class Pause:
    """Why nothing more was asked of a provider in this run: its own words, for people.

    `is_short` when the provider only asked for some time, and the run may come back to it.
    """

    outcome: str
    code: str
    text: str
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class DriveReport:
    """`looked` legs were not final, `states` counts those brought into each state; `paused` are
    the providers left alone and why. `abandoned` calls had no answer when the run was stopped.
    `held_by` says who drives instead, if it is not us. `no_provider` counts, by the name of the
    provider they wait for, those that nobody can be asked about: it is configured no more."""

    looked: int = 0
    states: Mapping[LegState, int] = field(default_factory=dict)
    paused: Mapping[str, Pause] = field(default_factory=dict)
    checked: int = 0
    discrepancies: int = 0
    abandoned: int = 0
    stopped: bool = False
    held_by: LeaseRow | None = None
    no_provider: Mapping[str, int] = field(default_factory=dict)
