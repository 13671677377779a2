"""Mass runs: what a simulation froze, what a live run made of it, and their figures.

A simulation writes items, splits, exceptions and totals and changes no money. A live run names one
simulation and carries out exactly its items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from backend_client.domain.caller import Action, Entrance
from backend_client.domain.refund import LegState


class RunKind(StrEnum):
    CANCELLATION = "cancellation"
    DISPATCH = "dispatch"


SIMULATING: Mapping[RunKind, Action] = MappingProxyType(
    {
        RunKind.CANCELLATION: Action.SIMULATE_CANCELLATION,
        RunKind.DISPATCH: Action.SIMULATE_DISPATCH,
    }
)
CARRYING_OUT: Mapping[RunKind, Action] = MappingProxyType(
    {RunKind.CANCELLATION: Action.CANCEL_PERFORMANCE, RunKind.DISPATCH: Action.DISPATCH}
)
"""What whoever simulates, or carries out, a run of each kind must be allowed."""


class RunMode(StrEnum):
    SIMULATION = "simulation"
    LIVE = "live"


class RunState(StrEnum):
    """`SIMULATING` until every item is frozen; a live run is `RUNNING` until it is stopped by a
    person, paused by a provider or done."""

    SIMULATING = "simulating"
    SIMULATED = "simulated"
    RUNNING = "running"
    STOPPED = "stopped"
    PAUSED = "paused"
    DONE = "done"


UNFINISHED = frozenset({RunState.RUNNING, RunState.STOPPED, RunState.PAUSED})
"""States of a live run that may still go on."""


TOLD_TO_END = "its program was told to end"
"""The note of a run that nobody stopped: the machine ended the program of a timer."""
BROKE_OFF = "broke off: "
"""How the note of a run begins that nobody stopped and nobody looked at: what it needs was not
there. The code of the catalogue follows."""
ENDED_BY = "ended by "
"""How the note of a run begins that somebody gives up, from the moment they say so. Who it is
follows."""


RUN_TRANSITIONS: Mapping[RunState, frozenset[RunState]] = MappingProxyType(
    {
        RunState.SIMULATING: frozenset({RunState.SIMULATED, RunState.STOPPED}),
        RunState.RUNNING: frozenset({RunState.STOPPED, RunState.PAUSED, RunState.DONE}),
        RunState.STOPPED: frozenset({RunState.RUNNING, RunState.DONE}),
        RunState.PAUSED: frozenset({RunState.RUNNING, RunState.DONE}),
    }
)
"""Every legal change of a run's state; one that is left behind by its program is stopped or ended
by another. The database refuses all others."""


class ItemPlan(StrEnum):
    """What a run will do about an item."""

    CANCEL = "cancel"
    """Lines are cancelled; what was paid is requested, what was owed is no more."""
    CARDS = "cards"
    CREDIT = "credit"
    CARDS_AND_CREDIT = "cards_and_credit"
    CARDS_AND_STAYS = "cards_and_stays"
    STAYS = "stays"
    SKIP = "skip"
    PERSON = "person"


TAKEN = frozenset(
    {ItemPlan.CANCEL, ItemPlan.CARDS, ItemPlan.CREDIT, ItemPlan.CARDS_AND_CREDIT}
    | {ItemPlan.CARDS_AND_STAYS}
)
"""Plans by which a live run does something."""


class ItemOutcome(StrEnum):
    """What became of an item in a live run; every item has exactly one at any time."""

    WAITING = "waiting"
    """Its turn has not come."""
    CANCELLED = "cancelled"
    TO_SEND = "to_send"
    ON_ITS_WAY = "on_its_way"
    BEING_CHECKED = "being_checked"
    REFUNDED = "refunded"
    DECLINED = "declined"
    CREDITED = "credited"
    """All of it is with the customer, some or all on the credit account."""
    PARTLY = "partly"
    """Some of it is with the customer, the rest stays requested."""
    STAYS = "stays"
    SKIPPED = "skipped"
    PERSON = "person"
    CHANGED = "changed"
    """It was no longer what the simulation froze: nothing was done."""
    LEFT = "left"
    """The run was ended before its turn came: nothing was done, and another run may take it."""


class PartRole(StrEnum):
    """What one part of an item's amount is for."""

    REQUESTED = "requested"
    WAITING_ACCOUNT = "waiting_account"
    CARD = "card"
    CREDIT = "credit"
    STAYS = "stays"
    CREDIT_AFTER_REFUSAL = "credit_after_refusal"


class ItemPart(NamedTuple):
    """One part of an item's amount; `label` is where it goes in words ("VISA •••• 1111").

    Parts and items are tuples, because a run makes hundreds of thousands of them.
    """

    role: PartRole
    amount_minor: int
    payment_id: int | None = None
    payer_id: int | None = None
    provider: str = ""
    label: str = ""


_NOTHING_MORE: Mapping[str, object] = MappingProxyType({})


class FrozenItem(NamedTuple):
    """One booking (cancellation) or one open leg (dispatch) as a simulation froze it.

    `ordinal` is dense from 1; `version` the booking's version then, `state_seen` the leg's state.
    `body` is what a kind of run needs besides (lines, values, kept fees), plain JSON. `reason` is a
    code of the catalogue for what is skipped, stays or needs a person.
    """

    ordinal: int
    booking_id: int
    version: int
    plan: ItemPlan
    amount_minor: int
    currency: str
    parts: tuple[ItemPart, ...] = ()
    reason: str = ""
    leg_id: int | None = None
    state_seen: str = ""
    body: Mapping[str, object] = _NOTHING_MORE


REFERRED = frozenset({LegState.SUCCEEDED, LegState.ACCEPTED})
"""States of a payment that has its provider's reference as its note."""


@dataclass(frozen=True, slots=True)
class RunItem:
    """A row of a run as people see it; `refund_number` is the refund it made or pays out,
    `outcome` None until its run went live. `parts` say what is planned, `states` what became of
    them ("VISA •••• 1111", state, amount, note), empty before. `state_seen` is the state the
    payment was in when a dispatch was simulated."""

    ordinal: int
    booking_reference: str
    refund_number: str
    leg_number: str
    customer: str
    amount_minor: int
    currency: str
    plan: ItemPlan
    reason: str
    parts: tuple[ItemPart, ...]
    outcome: ItemOutcome | None = None
    states: tuple[PartState, ...] = ()
    booking_id: int = 0
    state_seen: str = ""

    @property
    def said(self) -> str:
        """What was said to the first payment that is not through; a reference is no reason."""
        reasons = (one.note for one in self.states if one.note and one.state not in REFERRED)
        return next(reasons, "")


@dataclass(frozen=True, slots=True)
class PartState:
    """A leg a run made: its state, and the provider's reference or what it said."""

    leg_number: str
    role: PartRole
    label: str
    amount_minor: int
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunTotal:
    """One row of a run's totals: `name` says of what, `detail` which (a fee kind, a code, a
    state), `count` how many of them."""

    name: str
    detail: str
    currency: str
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class RunPerformance:
    """A performance a cancellation is about, as people name it."""

    id: int
    event: str
    starts_at: datetime | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class RunApproval:
    """Another supervisor's yes to a simulation as it is; used up with it."""

    operator: str
    desk: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One run and its figures. Counts are of items.

    `candidates` is what there was, `items` what was frozen of it (fewer when a batch size was
    given, and what is only listed counts in neither), `taken` what live does something about.
    `outcomes` counts the items of a live run. `is_lost` says that whoever carried it out is gone.
    `live_id` is the run that used this simulation. Of a live run, `planned` are the totals of its
    simulation, and of a dispatch that stands still `untouched` are the items it did nothing about,
    by outcome. `approval` is that of the simulation; one that `needs_approval` and has none does
    not go live.
    """

    id: int
    kind: RunKind
    mode: RunMode
    state: RunState
    parameters: Mapping[str, object]
    operator: str
    desk: str
    channel: str
    started_at: datetime
    fingerprint: str = ""
    ended_at: datetime | None = None
    expires_at: datetime | None = None
    simulation_id: int | None = None
    live_id: int | None = None
    candidates: int = 0
    items: int = 0
    taken: int = 0
    done: int = 0
    totals: tuple[RunTotal, ...] = ()
    outcomes: Mapping[ItemOutcome, int] = field(default_factory=dict)
    note: str = ""
    stopping: bool = False
    is_lost: bool = False
    carried_out_by: str = ""
    performances: tuple[RunPerformance, ...] = ()
    entrance: Entrance = Entrance.COMMAND_LINE
    planned: tuple[RunTotal, ...] = ()
    untouched: tuple[RunTotal, ...] = ()
    approval: RunApproval | None = None
    needs_approval: bool = False

    @property
    def is_left_behind(self) -> bool:
        """Did nobody begin it and nobody stop it? Then whoever works unattended next goes on with
        it; what a person began or stopped is theirs."""
        if self.mode is not RunMode.LIVE or self.entrance is not Entrance.UNATTENDED:
            return False
        if self.state is RunState.STOPPED:
            return self.note == TOLD_TO_END or self.note.startswith(BROKE_OFF)
        is_given_up = self.note.startswith(ENDED_BY)
        return self.state is RunState.PAUSED or (self.is_lost and not is_given_up)


@dataclass(frozen=True, slots=True)
class RunPage:
    runs: tuple[Run, ...]
    next_before: int | None = None


class WantedItems(NamedTuple):
    """Which items of a run are looked at; what is empty lets all through. `seen` are the states
    payments were in when a dispatch was simulated."""

    plans: frozenset[ItemPlan] = frozenset()
    outcomes: frozenset[ItemOutcome] = frozenset()
    seen: frozenset[LegState] = frozenset()


EVERY_ITEM = WantedItems()


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Rows of a run by position in its filtered list, which has `total` rows."""

    items: tuple[RunItem, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that is no longer as it was frozen; `why` is a code of the catalogue."""

    ordinal: int
    booking_reference: str
    why: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What changed since a simulation; anything in `changed` forbids to go live, `appeared` is
    left for the next run. The lists hold the first of them, the counts all."""

    changed: tuple[Difference, ...]
    changed_count: int
    appeared: tuple[str, ...]
    appeared_count: int


@dataclass(frozen=True, slots=True)
class PerformanceRow:
    """A performance with what is still sold of it; `blocked` means closed for sale."""

    id: int
    site: str
    key: str
    event: str
    event_key: str
    starts_at: datetime | None
    blocked: bool
    bookings: int
    tickets: int


@dataclass(frozen=True, slots=True)
class PerformancePage:
    performances: tuple[PerformanceRow, ...]
    total: int
