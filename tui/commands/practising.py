"""The payment provider beside a practice window: started behind its first screen, ended with it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from backend_client.provider_settings import ProviderSettings
from tui import wiring
from tui.driving import FIRST_S

if TYPE_CHECKING:
    from backend_client.providers.practice_program.host import PracticeHost


class Practising:
    """`faults` are made at a program that runs already too, None leaves it as it is."""

    def __init__(
        self, store: Path, providers: Sequence[ProviderSettings], faults: str | None
    ) -> None:
        self._store = store
        self._providers = providers
        self._faults = faults
        self._hosts: list[PracticeHost] = []
        # Not at once: whoever opens a window types, and that answer comes first.
        self._starting = threading.Timer(FIRST_S, self._start)
        self._starting.daemon = True

    def start(self) -> None:
        self._starting.start()

    def end(self) -> None:
        """Ends what this started; a program somebody else started goes on."""
        self._starting.cancel()
        if self._starting.ident is not None:
            self._starting.join()
        for host in self._hosts:
            host.close()

    def _start(self) -> None:
        """What does not start is told of by the first refund it should have made."""
        from backend_client.providers.practice_program.host import NotRunning

        for provider in self._providers:
            host = wiring.practice_host(self._store, provider)
            self._hosts.append(host)
            with suppress(NotRunning):
                if self._faults is None:
                    host.url()
                else:
                    host.make_trouble(self._faults)
