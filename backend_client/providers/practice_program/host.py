"""Finds the practice provider that runs on a ledger, or starts it: a program of its own."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from backend_client.providers.practice_program.address import read_address

STARTS = 3
"""Somebody else may start one at the same moment, and one that is found may just be ending."""
END_S = 3.0
CONTROL_S = 5.0


class NotRunning(Exception):
    """It could not be started."""


class PracticeHost:
    """The program is shared: of all that use a ledger the first starts it, and it ends with that
    one. It hears of its end by its standard input, which is closed even when we are killed.

    `command` starts it; it prints its address, holds the `address` file and ends with its input.
    Safe to use from many threads.
    """

    def __init__(self, address: Path, command: Sequence[str], folder: Path) -> None:
        self._address = address
        self._command = tuple(command)
        self._folder = folder
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process this one started, while it lives."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def url(self) -> str:
        """Where it answers now; blocks while it starts. Raises `NotRunning`."""
        with self._lock:
            for _ in range(STARTS):
                found = read_address(self._address)
                if found is not None:
                    return found
                if self._closed:
                    break
                self._end()
                found = self._start()
                if found:
                    return found
        raise NotRunning

    def make_trouble(self, faults: str) -> None:
        """From now on these faults, also where it ran already. Raises `NotRunning`."""
        self._control("faults", {"faults": faults})

    def teach(self, reference: str, captured_minor: int, currency: str) -> None:
        """Tell it of a payment it cannot have taken itself. Raises `NotRunning`."""
        payment = {"reference": reference, "captured_minor": captured_minor, "currency": currency}
        self._control("payments", [payment])

    def _control(self, what: str, value: object) -> None:
        from http.client import HTTPConnection, HTTPException  # 10 ms no window needs to start

        place = urlsplit(self.url())
        line = HTTPConnection(place.hostname or "", place.port or 0, timeout=CONTROL_S)
        try:
            body = json.dumps(value)
            line.request("POST", f"/practice/{what}", body, {"content-type": "application/json"})
            line.getresponse().read()
        except (OSError, HTTPException):
            raise NotRunning from None
        finally:
            line.close()

    def close(self) -> None:
        """End it, if it is ours."""
        with self._lock:
            self._closed = True
            self._end()

    def _start(self) -> str:
        """Its address, or nothing if it ended at once."""
        try:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._folder,
                # Away from the terminal: what ends the window must let its last answer through.
                start_new_session=True,
                text=True,
            )
        except OSError:
            raise NotRunning from None
        assert self._child.stdout is not None
        return self._child.stdout.readline().strip()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.close()
        try:
            child.wait(END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
