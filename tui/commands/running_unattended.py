"""What an earlier night left, with which the next one goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_client.domain.caller import Entrance
from backend_client.domain.runs import TOLD_TO_END, Run, RunKind, RunMode, RunState

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller


def left_behind(backend: Backend, caller: Caller) -> Run | None:
    """The dispatch nobody looked at that a provider paused, or whose program is gone or was told to
    end.

    What a person began or stopped is theirs. Only the newest dispatch can be unfinished: no other
    begins before that.
    """
    before: int | None = None
    while True:
        page = backend.runs(caller, before=before)
        for run in page.runs:
            if run.kind is RunKind.DISPATCH and run.mode is RunMode.LIVE:
                told = run.state is RunState.STOPPED and run.note == TOLD_TO_END
                is_left = run.state is RunState.PAUSED or run.is_lost or told
                return run if is_left and run.entrance is Entrance.UNATTENDED else None
        before = page.next_before
        if before is None:
            return None
