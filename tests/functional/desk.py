"""A cash desk for tests of the command line: a store of its own, time that stands still."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import CountingTokens, SteppingClock
from tui.cli import run

NOW = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)
SAMPLE = Path(__file__).parent.parent / "fixtures" / "connect" / "booking-WPM8TS9.json"
SETTINGS = """\
[house]
name = "Palais"
currency = "CHF"
zone = "Europe/Zurich"

[desk]
name = "3"
operator = "B. Keller"

[operators]
"A. Rochat" = "cashier"
"B. Keller" = "supervisor"
"C. Admin" = "admin"
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said: its exit code, data and narration."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The data as the one JSON value it must be."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value

    @property
    def problem(self) -> str:
        """The code of the refusal in a JSON answer."""
        return str(self.json["code"])


class Desk:
    """Runs commands in this process against one store."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.store = folder / "store.db"
        self.config = folder / "config.toml"
        self.config.write_text(SETTINGS, encoding="utf-8")
        self.clock = SteppingClock(NOW)
        self.tokens = CountingTokens()
        self._capsys = capsys

    @property
    def url(self) -> str:
        return f"sqlite:///{self.store}"

    def __call__(self, *arguments: str) -> Answer:
        """A command with this desk's store and settings, unless it names others."""
        given = {argument.partition("=")[0] for argument in arguments}
        here = [] if "--store" in given else ["--store", self.url]
        if "--config" not in given:
            here += ["--config", str(self.config)]
        return self.bare(*here, *arguments)

    def bare(self, *arguments: str) -> Answer:
        """A command exactly as given."""
        self._capsys.readouterr()
        code = run(arguments, clock=self.clock, tokens=self.tokens)
        said = self._capsys.readouterr()
        return Answer(code, said.out, said.err)

    def import_native(self, *bookings: Mapping[str, Any]) -> Answer:
        path = self.folder / "bookings.ndjson"
        lines = [json.dumps(booking, ensure_ascii=False) for booking in bookings]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return self("import", str(path), "--format", "native")


def ticket(sequence: int, price: int, **more: Any) -> dict[str, Any]:
    return {
        "sequence": sequence,
        "kind": "ticket",
        "description": "Adult",
        "performance": "P-1",
        "price_minor": price,
        **more,
    }


def fee(sequence: int, price: int, kind: str = "booking_fee", **more: Any) -> dict[str, Any]:
    return {
        "sequence": sequence,
        "kind": "fee",
        "fee_kind": kind,
        "description": kind.replace("_", " "),
        "price_minor": price,
        **more,
    }


def card(key: str, amount: int, reference: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "method": "card",
        "amount_minor": amount,
        "provider": "psp",
        "provider_reference": reference,
        "masked_number": "411111......1111",
        "card_type": "VISA",
        **more,
    }


def booking(
    name: str,
    lines: Sequence[Mapping[str, Any]],
    payments: Sequence[Mapping[str, Any]],
    **more: Any,
) -> dict[str, Any]:
    """A booking of the native format; its contact is C-<name> unless `more` says otherwise."""
    return {
        "booking_id": name,
        "transaction_id": f"T-{name}",
        "sold_at": "2026-11-01T10:00:00+01:00",
        "contact": {"key": f"C-{name}", "name": "Bette Davis", "email": "bette@example.org"},
        "performances": [
            {"key": "P-1", "event": "Hamlet", "starts_at": "2026-12-02T19:30:00+01:00"}
        ],
        "lines": lines,
        "payments": payments,
        **more,
    }
