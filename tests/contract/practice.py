"""The practice provider's program at work: our adapter to it, and its books read from outside."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from backend_client.providers.port import (
    FoundState,
    RefundOrder,
)
from tests import programs
from tests.programs import Dialect


def order(number: int = 1, *, payment: str = "pay-1", amount_minor: int = 500) -> RefundOrder:
    return RefundOrder(f"key-{number}", f"ref-{number}", payment, amount_minor, "EUR", 5_000, 1)


class Practice:
    """A running practice provider, our adapter to it, and its books read from outside."""

    def __init__(self, folder: Path, dialect: str, stack: ExitStack) -> None:
        self.dialect = dialect
        self._ledger = folder / f"{dialect}.db"
        self._stack = stack
        self.url = ""

    def start(self, faults: str = "", **settings: Any) -> Dialect:
        timeouts = settings.pop("timeouts", None)
        started = programs.practice_program(self.dialect, self._ledger, faults=faults, **settings)
        self.url = self._stack.enter_context(started)
        adapter = programs.adapter(self.dialect, self.url, timeouts=timeouts)
        self._stack.callback(adapter.close)
        return adapter

    def stop(self) -> None:
        self._stack.close()

    def control(self, what: str, value: object) -> None:
        programs.control(self.url, what, value)

    def captured(self, *names: str, amount_minor: int = 5_000) -> None:
        payments = [
            {"reference": name, "captured_minor": amount_minor, "currency": "EUR"} for name in names
        ]
        self.control("payments", payments)

    def calm(self) -> None:
        """From now on nothing goes wrong any more."""
        self.control("faults", {"faults": ""})

    def moved(self) -> list[tuple[str, int]]:
        """What really left: reference and amount of each refund."""
        return [
            (str(reference), int(amount))
            for reference, amount in self.read(
                "SELECT our_reference, amount_minor FROM refund "
                "WHERE state NOT IN ('declined', 'failed_late') ORDER BY id"
            )
        ]

    def read(self, statement: str) -> list[Any]:
        connection = sqlite3.connect(self._ledger)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()


def found_state(provider: Dialect, asked: RefundOrder) -> FoundState | None:
    look_up = provider.find(asked)
    assert look_up.answered
    return look_up.found[0].state if look_up.found else None
