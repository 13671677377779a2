"""The real command in a pseudo-terminal: type keys, read the screen as a person would see it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pexpect
import pyte

COMMAND = (sys.executable, "-m", "tui")
PATIENCE_S = 60.0
"""How long a test waits for a screen before it fails: not a speed limit, a way out."""
DECIDES_LOOKS = ("TEXTUAL", "NO_COLOR", "COLUMNS", "LINES")
"""Variables that would stand above the terminal itself; the test runner sets some of them."""

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pagedown": "\x1b[6~",
    "pageup": "\x1b[5~",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
    "ctrl+c": "\x03",
    "ctrl+e": "\x05",
    "ctrl+p": "\x10",
    "ctrl+q": "\x11",
}


class ScreenNeverCame(AssertionError):
    """The text waited for did not appear; the message is the last screen."""


class Terminal:
    """A running program and its screen; `size` is (columns, rows)."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        command: Sequence[str] = COMMAND,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        columns, rows = size
        kept = {k: v for k, v in os.environ.items() if not k.startswith(DECIDES_LOOKS)}
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.sent = bytearray()
        """Everything the program wrote, as it wrote it."""
        self.started_at = time.monotonic()
        self.process: pexpect.spawn[bytes] = pexpect.spawn(
            command[0],
            [*command[1:], *arguments],
            dimensions=(rows, columns),
            env={**kept, "TERM": "xterm-256color", **(environment or {})},
            cwd=str(cwd) if cwd else None,
            timeout=PATIENCE_S,
        )
        assert self.process.pid is not None
        self._pid: int = self.process.pid

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.process.closed:
            try:
                self.process.close(force=True)
            except pexpect.ExceptionPexpect:  # killed, only not yet gone from a busy machine
                os.waitpid(self._pid, 0)
                inner: Any = vars(self.process)["ptyproc"]
                inner.closed = self.process.closed = True
                self.process.terminated = inner.terminated = True

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def press(self, *keys: str) -> None:
        """Press keys by name, or type anything that is not a name."""
        for key in keys:
            self.process.send(KEYS.get(key, key))

    def wait_for(self, text: str) -> float:
        """Read until `text` is on the screen; the seconds since the program was started."""
        return self.until(lambda: text in self.text, f"“{text}” to appear")

    def wait_until_gone(self, text: str) -> float:
        return self.until(lambda: text not in self.text, f"“{text}” to go away")

    def wait_for_exit(self) -> int:
        deadline = time.monotonic() + PATIENCE_S
        while self.process.isalive():
            self._read()
            if time.monotonic() > deadline:
                raise ScreenNeverCame(f"the program did not end:\n{self.text}")
        self.process.close()
        status: int | None = self.process.exitstatus
        return status if status is not None else -int(self.process.signalstatus or 0)

    def hang_up(self) -> bool:
        """Close the terminal as a lost connection does; did the program then end by itself?"""
        inner: Any = vars(self.process)["ptyproc"]
        inner.fileobj.close()
        inner.fd = self.process.child_fd = -1
        inner.closed = self.process.closed = True
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if os.waitpid(self._pid, os.WNOHANG)[0]:
                self.process.terminated = inner.terminated = True
                return True
            time.sleep(0.02)
        os.kill(self._pid, signal.SIGKILL)
        return False

    def until(self, done: Callable[[], object], what: str) -> float:
        """Read until it is so; the seconds since the program was started."""
        deadline = time.monotonic() + PATIENCE_S
        while not done():
            if time.monotonic() > deadline or (not self._read() and not self.process.isalive()):
                raise ScreenNeverCame(f"waited for {what}:\n{self.text}")
        return time.monotonic() - self.started_at

    def _read(self) -> bool:
        try:
            heard = self.process.read_nonblocking(65536, timeout=0.05)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.sent += heard
        self._stream.feed(heard)
        return True
