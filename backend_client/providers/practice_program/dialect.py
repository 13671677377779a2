"""What a dialect of the practice provider must be able to say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from backend_client.providers.practice_program.bank import Ask, Said
from backend_client.providers.practice_program.ledger import Refund

MYSTERY = "mystery"
"""A state no table knows, for the fault that uses an unknown word."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request; `path` is as it came, `query` and `headers` (by lower-case name) are read."""

    method: str
    target: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Dialect(Protocol):
    name: str

    def refuse_stranger(self, request: Incoming) -> Outgoing | None:
        """The answer to whoever does not sign or name the practice key; None lets in."""
        ...

    def greets(self, request: Incoming) -> Outgoing | None:
        """The answer to "am I let in?"; None for every other request."""
        ...

    def key_of(self, request: Incoming) -> str: ...

    def refund_asked(self, request: Incoming) -> Ask | Outgoing | None:
        """A refund somebody wants, what is wrong with the request, or None for no such request."""
        ...

    def list_asked(self, request: Incoming) -> str | None:
        """The payment whose refunds are asked for; "" for all of them."""
        ...

    def said(self, ask: Ask, said: Said) -> Outgoing: ...

    def listed(self, request: Incoming, refunds: Sequence[Refund]) -> Outgoing: ...

    def key_used_otherwise(self) -> Outgoing | None:
        """The answer to a used key with another payload; None where the old answer is given."""
        ...

    def error(self, status: int) -> Outgoing: ...


def as_json(status: int, value: Any, **headers: str) -> Outgoing:
    return Outgoing(status, json.dumps(value).encode(), headers=headers)
