"""A desk beside its provider: what it sold and gave back, and what the provider's own books say."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from backend_client.providers.practice_program.counter import Manners
from backend_client.providers.practice_program.server import PracticeProgram
from tests.functional.desk import SETTINGS, Desk, booking, card, ticket

PROVIDER = """
[providers.psp]
dialect = "stripe"
endpoint = "{url}"
look_up = {look_up}
"""


def sell(desk: Desk, *references: str) -> None:
    bookings = (
        booking(f"B{number}", [ticket(1, 1000)], [card("P-1", 1000, reference)])
        for number, reference in enumerate(references, 1)
    )
    assert desk.import_native(*bookings).code == 0


def give_back(desk: Desk, number: int, *more: str) -> None:
    desk("refund", f"B{number}", "--all", "--reason", "goodwill", "--commit", *more)


def ledger(desk: Desk, statement: str) -> None:
    """The provider's own books, changed behind our back."""
    path = desk.folder / "store.db.practice-provider"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


def give_back_there(desk: Desk, amount: str = "amount_minor") -> None:
    """What its books hold is given back once more in the provider's own back office."""
    ledger(
        desk,
        "INSERT INTO refund(provider_key, our_reference, payment_id, payment_reference, "
        "amount_minor, currency, state) SELECT 'office', 'office', payment_id, "
        f"payment_reference, {amount}, currency, 'final' FROM refund",
    )


@contextmanager
def remote(desk: Desk, *, look_up: bool = True) -> Iterator[None]:
    """The house's provider is a program of its own for a while."""
    program = PracticeProgram("stripe", manners=Manners(currency="CHF"))
    thread = threading.Thread(target=program.serve)
    thread.start()
    words = "true" if look_up else "false"
    desk.config.write_text(SETTINGS + PROVIDER.format(url=program.url, look_up=words))
    try:
        yield
    finally:
        program.stop()
        thread.join()


def states(desk: Desk) -> dict[str, str]:
    with closing(sqlite3.connect(desk.store)) as connection:
        rows = connection.execute(
            "SELECT 'R-' || (10000 + refund_id) || '.' || ordinal, state FROM leg"
        )
        return dict(rows.fetchall())
