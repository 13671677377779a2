"""The real server as a process, over a practice venue, beside a provider that keeps its books."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.functional.real_command import command, place
from tests.terminal import COMMAND

BASE = "/WSVistaWebClient"
REFUND = f"{BASE}/cinemas/0001/bookings/WPM8TS9/refund"
FULL = {"matchedPaymentDetails": [{"amountInCents": 1450, "paymentId": "OPH-29299"}]}
WORDS = "bookings:read,bookings:search,refunds:matched,refunds:external,sales:record"
_OPERATOR = '"B. Keller" = "supervisor"'


def token_for(folder: Path, name: str = "shop") -> str:
    """A client of the venue, which gets an admin for it."""
    config = folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    if "N. Admin" not in text:
        config.write_text(text.replace(_OPERATOR, f'{_OPERATOR}\n"N. Admin" = "admin"'))
    arguments = ("--operator", "N. Admin", "clients", "add", name, "--scope", WORDS)
    added = command(folder, *arguments)
    assert added.returncode == 0, added.stderr
    return added.stdout.strip()


def use_provider(folder: Path, url: str) -> None:
    """The house's provider is the program at this address."""
    config = folder / "config.toml"
    text = config.read_text(encoding="utf-8").replace("practice-program", url)
    config.write_text(text.replace('dialect = "worldline"', 'dialect = "stripe"'))


class Server:
    """`ticket-window serve`, from its start until it is told to end or killed."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.address = folder / "address"
        arguments = ("serve", "--face", "connect", "--port", "0", *more)
        told = ("--address-file", str(self.address))
        self._process = subprocess.Popen(
            [*COMMAND, *place(folder), *arguments, *told],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        self.said = ""
        while "are answered at" not in self.said:
            line = self._process.stderr.readline()
            assert line, self.said
            self.said += line
        self.url = self.address.read_text(encoding="ascii")
        assert self.url in self.said

    def lives(self) -> bool:
        return self._process.poll() is None

    def tell(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> int:
        """Its exit code, once it has ended."""
        _, errors = self._process.communicate()
        self.said += errors
        return self._process.returncode

    def until(self, happened: Callable[[], bool]) -> None:
        """Wait for something, for as long as the server lives."""
        while not happened():
            assert self.lives(), self.said


@contextmanager
def served(folder: Path, *more: str) -> Iterator[Server]:
    server = Server(folder, *more)
    try:
        yield server
    finally:
        if server.lives():
            server.tell(signal.SIGKILL)
            server.end()


def client(server: Server, token: str) -> httpx.Client:
    return httpx.Client(
        base_url=server.url, headers={"connectApiToken": token}, timeout=None, trust_env=False
    )


def rows(database: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(statement).fetchall()
