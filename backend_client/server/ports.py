"""What serving needs from the rest of the house, beside the `Backend` itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from backend_client.domain.caller import Caller


class Clients(Protocol):
    """Who a token belongs to."""

    def caller_of(self, token: str, correlation_id: str, address: str) -> Caller:
        """The program with this token; `address` is where the call came from.

        Raises Refused: `token-missing`, `token-unknown`, `token-revoked`, `token-expired`.
        """
        ...
