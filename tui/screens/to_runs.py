"""The ways to the screens of mass runs, from wherever one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.app import TicketWindowApp


def show_runs(window: TicketWindowApp) -> None:
    """The runs, and above them the one that is under way here."""
    from tui.screens.run import RunScreen
    from tui.screens.runs import RunsScreen

    window.go_home()
    window.push_screen(RunsScreen())
    if window.live_runs.under_way:
        window.push_screen(RunScreen(window.live_runs.simulations[-1]))


def begin_cancellation(window: TicketWindowApp) -> None:
    """Step 1: which performance?"""
    from tui.screens.runs import RunsScreen

    window.go_home()
    window.push_screen(RunsScreen())
    go_on_cancelling(window)


def go_on_cancelling(window: TicketWindowApp) -> None:
    """The choice of performances, and above it the form that was left half filled."""
    from tui.screens.performances import PerformancesScreen

    chosen = window.half_filled.latest("cancel_performance").performances
    window.push_screen(PerformancesScreen(chosen if len(chosen) > 1 else ()))
    if chosen:
        from tui.screens.cancel_performance import CancelPerformanceScreen

        window.push_screen(CancelPerformanceScreen(chosen))


def begin_dispatch(window: TicketWindowApp) -> None:
    """Step 2: of which days?"""
    from tui.screens.runs import RunsScreen

    window.go_home()
    window.push_screen(RunsScreen(dispatches=True))
