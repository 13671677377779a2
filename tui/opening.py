"""The store behind a window: opened after the first paint, driven beside it, closed at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_client.domain.problems import Refused

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller
    from tui.app import TicketWindowApp
    from tui.driving import Driving
    from tui.screens.messages import StoreOpened


class Opening:
    """The backend of one window, from its opening to its end."""

    def __init__(self, window: TicketWindowApp) -> None:
        self._window = window
        self._backend: Backend | None = None
        self._driving: Driving | None = None

    def start(self) -> None:
        self._window.run_worker(self._open, thread=True, group="store", exit_on_error=False)

    def _open(self) -> None:
        from tui.screens.messages import StoreFailed, StoreOpened

        window = self._window
        try:
            backend = self._backend = window.open_backend()
            needed = backend.sign_in_needed()
            window.post_message(StoreOpened(backend, backend.capabilities(), sign_in=needed))
        except Refused as problem:
            window.post_message(StoreFailed(problem))
        except Exception as error:
            window.post_message(StoreFailed(window.as_problem(error)))

    def opened(self, message: StoreOpened) -> None:
        """Somebody signs in first where the store knows its operators."""
        if message.sign_in:
            self._window.home.forget_typed()
            self._window.lock.demand()
        else:
            self.begin()
        self._window.after_start()

    def begin(self) -> None:
        """Whoever sits here may use the store."""
        window = self._window
        assert window.backend is not None
        assert window.capabilities is not None
        window.home.store_is_open()
        if window.frame is not window.home:
            window.frame.came_back()
        window.say_bad_keys()
        may_write = not window.capabilities.read_only
        if window.drive is not None and self._driving is None and may_write:
            self._driving = window.drive(window, window.backend)
            self._driving.start()

    def driven_by(self, caller: Caller) -> None:
        """What is driven beside the window is driven by whoever sits here now."""
        if self._driving is not None:
            self._driving.caller = caller

    def stop_settling(self) -> None:
        if self._backend is not None:
            self._backend.stop_settling()

    def close(self) -> None:
        """Every worker has ended by now."""
        driving, self._driving = self._driving, None
        if driving is not None:
            driving.end()
        self._window.live_runs.join()
        backend, self._backend = self._backend, None
        self._window.backend = None
        if backend is not None:
            backend.close()
