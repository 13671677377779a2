"""Other programs that tests talk to over loopback, each ended by whoever started it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx

from backend_client.ports import SystemClock
from backend_client.providers.credentials import Secret
from backend_client.providers.http_client import HttpClient, Timeouts
from backend_client.providers.practice_program.counter import Manners
from backend_client.providers.practice_program.faults import parse_faults
from backend_client.providers.practice_program.keys import (
    STRIPE_KEY,
    WORLDLINE_KEY_ID,
    WORLDLINE_SECRET,
)
from backend_client.providers.practice_program.server import PracticeProgram
from backend_client.providers.stripe import StripeProvider
from backend_client.providers.worldline import WorldlineProvider

ROOT = Path(__file__).parent.parent
LOOPBACK = frozenset({"127.0.0.1"})
DIALECTS = ("stripe", "worldline")

Dialect = StripeProvider | WorldlineProvider


def adapter(dialect: str, url: str, *, timeouts: Timeouts | None = None) -> Dialect:
    """Our adapter, without a pace, speaking to the practice provider's program at `url`."""
    client = HttpClient(url, hosts=LOOPBACK, pace=None, timeouts=timeouts)
    if dialect == "stripe":
        return StripeProvider(
            client, name="stripe-practice", environment="practice", key=Secret(STRIPE_KEY)
        )
    return WorldlineProvider(
        client,
        SystemClock(),
        name="worldline-practice",
        environment="practice",
        merchant="practice",
        key_id=Secret(WORLDLINE_KEY_ID),
        secret=Secret(WORLDLINE_SECRET),
    )


@contextlib.contextmanager
def practice_program(
    dialect: str,
    ledger: Path,
    *,
    faults: str = "",
    seed: int = 1,
    manners: Manners | None = None,
    balance_minor: int | None = None,
) -> Iterator[str]:
    """The practice provider's program in a thread of this process; its address."""
    program = PracticeProgram(
        dialect,
        ledger=str(ledger),
        plan=parse_faults(faults, seed),
        manners=manners or Manners(),
        balance_minor=balance_minor,
    )
    thread = threading.Thread(target=program.serve)
    thread.start()
    try:
        yield program.url
    finally:
        program.stop()
        thread.join()


def control(url: str, what: str, value: object) -> None:
    """Change the world of a practice provider from outside."""
    httpx.post(f"{url}/practice/{what}", json=value, trust_env=False).raise_for_status()


@contextlib.contextmanager
def localstripe() -> Iterator[str]:
    """localstripe behind its shim, in a process of its own; its address."""
    program = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.localstripe_shim"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        assert url, "localstripe did not start"
        yield url
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait()
        if program.stdout is not None:
            program.stdout.close()


def charge(url: str, description: str, amount_minor: int, currency: str) -> str:
    """A captured charge at localstripe; its id."""
    card = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2032", "cvc": "123"}
    given = {f"card[{name}]": value for name, value in card.items()}
    method = _post(url, "payment_methods", {"type": "card", **given})
    asked = {
        "amount": str(amount_minor),
        "currency": currency.lower(),
        "source": method,
        "description": description,
    }
    return _post(url, "charges", asked)


def _post(url: str, what: str, form: dict[str, str]) -> str:
    answer = httpx.post(
        f"{url}/v1/{what}",
        content=urlencode(form),
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "authorization": f"Bearer {STRIPE_KEY}",
        },
        trust_env=False,
    )
    answer.raise_for_status()
    return str(answer.json()["id"])
