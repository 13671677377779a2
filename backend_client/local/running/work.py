"""What a kind of run decides and does; the rest of a run's life is the same for all of them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from backend_client.domain.runs import RunKind, RunState, RunTotal

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from backend_client.domain.caller import Action
    from backend_client.local.running.items import Row
    from backend_client.local.running.live import Live


@dataclass(frozen=True, slots=True)
class Frozen:
    """Some items as they are kept, in order, dense from 1 over the whole simulation, and what they
    add to its totals. `listed` ones are shown and counted as nothing."""

    rows: Sequence[Row]
    totals: Sequence[RunTotal]
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How a live run came to its end: done, stopped, or paused with a note of why."""

    state: RunState
    note: str = ""


class RunWork(Protocol):
    """One kind of run with its parameters; made anew for each call."""

    @property
    def kind(self) -> RunKind: ...

    @property
    def action(self) -> Action:
        """What its live run is asked permission for."""
        ...

    @property
    def told(self) -> dict[str, Any]:
        """The parameters as plain JSON values."""
        ...

    @property
    def email(self) -> bool: ...

    @property
    def scopes(self) -> Sequence[str]:
        """What its live run works on, for itself alone."""
        ...

    def check(self, connection: Connection) -> None:
        """Refuse parameters nothing can be made of."""
        ...

    def count(self, connection: Connection) -> int:
        """How many candidates there are, whatever the batch size; asked once, before `freeze`."""
        ...

    def freeze(self) -> Generator[Frozen, None, None]:
        """Decide about every item, a chunk at a time; closed by whoever breaks off. Who takes a
        chunk may write: no reading of that thread is open meanwhile."""
        ...

    def appeared(
        self, connection: Connection, simulation_id: int, most: int
    ) -> tuple[tuple[str, ...], int]:
        """The first candidates a simulation did not see, by reference, and how many there are."""
        ...

    def begin(self, connection: Connection, run_id: int) -> None:
        """What else the first commit of a live run does."""
        ...

    def carry_out(self, live: Live) -> Ending:
        """Do all that waits, in steps of `live`; also what is left of a run that was stopped."""
        ...

    def give_up(self, connection: Connection, live: Live, most: int) -> int:
        """The next of what else it means that nobody will go on with a run; how many there were."""
        ...
