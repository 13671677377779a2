"""What an earlier night left, with which the next one goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_client.domain.runs import Run, RunKind, RunMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller


def left_behind(
    backend: Backend, caller: Caller, kind: RunKind, performances: Iterable[int] = ()
) -> Run | None:
    """The run that stands in the way of one of this kind, about these performances, and that nobody
    looked at: a provider paused it, it broke off, or its program is gone or was told to end.

    Only the newest about the same can be unfinished: no other begins before that.
    """
    undecided = _about(kind, performances)
    for run in _newest_first(backend, caller):
        if run.kind is not kind or run.mode is not RunMode.LIVE:
            continue
        about = _about(kind, (one.id for one in run.performances))
        if undecided & about and run.is_left_behind:
            return run
        undecided -= about
        if not undecided:
            break
    return None


def _about(kind: RunKind, performances: Iterable[int]) -> set[int | RunKind]:
    """What no two runs work on at once: performances, or all there is to dispatch."""
    return {kind} if kind is RunKind.DISPATCH else set(performances)


def _newest_first(backend: Backend, caller: Caller) -> Iterator[Run]:
    before: int | None = None
    while True:
        page = backend.runs(caller, before=before)
        yield from page.runs
        before = page.next_before
        if before is None:
            return
