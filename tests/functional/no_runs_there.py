"""What no screen of the window asks about runs, answered as where there never was one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from backend_client.domain.caller import Caller
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CancellationParameters, DispatchParameters
from backend_client.domain.runs import (
    PerformancePage,
    Run,
    RunPage,
)


def _no_such_run() -> Callable[..., Any]:
    """Any method that is asked about one run."""

    def refuse(
        _self: object, _caller: Caller, run_id: int, *_: object, **_more: object
    ) -> NoReturn:
        raise Refused("run-not-found", run=run_id)

    return refuse


_unknown = _no_such_run()


class NoRunsThere:
    """The part of a backend that has no performance and no run."""

    def performances(
        self, caller: Caller, text: str = "", *, start: int = 0, limit: int = 200
    ) -> PerformancePage:
        return PerformancePage((), 0)

    def simulate_cancellation(
        self,
        caller: Caller,
        parameters: CancellationParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        raise Refused("performance-unknown", performance=parameters.performances[0])

    def simulate_dispatch(
        self,
        caller: Caller,
        parameters: DispatchParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        raise Refused("run-dates", first=parameters.first, last=parameters.last)

    def runs(self, caller: Caller, *, before: int | None = None, limit: int = 50) -> RunPage:
        return RunPage(())

    differences = go_live = approve_run = resume_run = stop_run = end_run = _unknown
    run = run_items = export_run = _unknown
