"""Keys counted: what is done many times a day takes few of them besides the PIN."""

from __future__ import annotations

from tests.functional.window import Cashier, typist

MOST = 3


async def few_keys(person: Cashier, *keys: str) -> None:
    """Press exactly these, each once the one before was answered; digits together are a PIN."""
    assert sum(not key.isdigit() for key in keys) <= MOST
    for key in keys:
        if key.isdigit():
            await person.type(key)
        else:
            await person.press(key)
        await person.settled()
        typist(person.app).wait(1)
