"""The real server as a process, over a practice venue, beside a provider that keeps its books."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from backend_client.providers.practice_program.counter import Manners
from tests.functional.real_command import LOOKS_EVERY_S, command, place
from tests.programs import practice_program
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


_DYING = """
import importlib, os, signal, sys
module, _, path = sys.argv.pop(1).partition(":")
*owners, name = path.split(".")
owner = importlib.import_module(module)
for one in owners:
    owner = getattr(owner, one)
setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
from tui import cli
sys.exit(cli.run(sys.argv[1:]))
"""


def dying(at: str) -> tuple[str, ...]:
    """The command, killed at the first call of one of its functions: `module:Class.method`."""
    return (sys.executable, "-c", _DYING, at)


class Server:
    """`ticket-window serve`, from its start until it is told to end or killed."""

    def __init__(
        self, folder: Path, *more: str, program: Sequence[str] = COMMAND, port: int = 0
    ) -> None:
        self.address = folder / "address"
        arguments = ("serve", "--face", "connect", "--port", str(port), *more)
        told = ("--address-file", str(self.address))
        self._process = subprocess.Popen(
            [*program, *place(folder), *arguments, *told],
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
        assert f"{self.url}{BASE}" in self.said, "what a [connect] table takes"
        self.port = int(self.url.rpartition(":")[2])

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
            time.sleep(LOOKS_EVERY_S)


@contextmanager
def served(
    folder: Path, *more: str, program: Sequence[str] = COMMAND, port: int = 0
) -> Iterator[Server]:
    server = Server(folder, *more, program=program, port=port)
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


@contextmanager
def beside_provider(venue: Path, ledger: Path, faults: str = "") -> Iterator[Path]:
    """The venue, whose provider is a program that keeps its own books and answers slowly if told
    to."""
    slow = Manners(currency="CHF", slow_s=1.0)
    with practice_program("stripe", ledger, faults=faults, manners=slow) as url:
        use_provider(venue, url)
        yield venue


@contextmanager
def on_the_wire(
    venue: Path, token: str, ledger: Path
) -> Iterator[tuple[Server, Future[httpx.Response]]]:
    """A server in the middle of the refund a client called for: its provider has made it and has
    not answered."""
    with served(venue) as server, client(server, token) as calls, ThreadPoolExecutor() as pool:
        answer = pool.submit(calls.post, REFUND, json=FULL)
        server.until(lambda: bool(refunds_at(ledger)))
        yield server, answer


def rows(database: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(statement).fetchall()


def booking(calls: httpx.Client) -> dict[str, Any]:
    """The document's booking, read again."""
    answer = calls.get(f"{BASE}/cinemas/0001/bookings/WPM8TS9")
    found: dict[str, Any] = answer.json()["Booking"]
    return found


def refunds_at(ledger: Path) -> list[tuple[Any, ...]]:
    """What the provider's own books say went back."""
    return rows(ledger, "SELECT amount_minor FROM refund") if ledger.exists() else []


def leg_states(venue: Path) -> list[Any]:
    """Of the document's booking."""
    found = rows(
        venue / "store.db",
        "SELECT l.state FROM leg l JOIN booking b ON b.id = l.booking_id "
        "WHERE b.booking_id = 'WPM8TS9'",
    )
    return [row[0] for row in found]
