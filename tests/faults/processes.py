"""Windows in processes of their own, driven line by line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.faults import window


class Process:
    """A window in a process of its own."""

    def __init__(self, url: str, operator: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", window.__name__, url, operator],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def ask(self, line: str) -> str:
        self.tell(line)
        return self.answer()

    def outcome(self) -> dict[str, str]:
        answer: dict[str, str] = json.loads(self.answer())
        return answer

    def kill(self) -> None:
        """End it as a power cut would: no handler runs."""
        self._process.kill()

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait()


@contextmanager
def windows(url: str, *operators: str) -> Iterator[list[Process]]:
    with ExitStack() as stack:
        processes = []
        for operator in operators:
            process = Process(url, operator)
            stack.callback(process.close)
            processes.append(process)
        yield processes
