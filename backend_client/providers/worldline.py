"""Worldline Direct, successor of Ogone: refunds by POST, looked up in the payment's list."""

from __future__ import annotations

import json
from email.utils import format_datetime
from urllib.parse import quote

from backend_client.ports import Clock
from backend_client.providers.credentials import Secret
from backend_client.providers.http_client import Exchange, Line, Request
from backend_client.providers.port import Answer, LookUp, ProviderCapabilities, RefundOrder
from backend_client.providers.worldline_answers import (
    answer_of,
    listed_of,
    served_of,
)
from backend_client.providers.worldline_signing import authorization

TEST_HOST = "payment.preprod.direct.worldline-solutions.com"
LIVE_HOST = "payment.direct.worldline-solutions.com"
CAPABILITIES = ProviderCapabilities(
    partial=True,
    look_up=True,
    max_age_days=None,
    max_refunds_per_payment=None,
    arrival_days_from=3,
    arrival_days_to=7,
)


class WorldlineProvider:
    """Speaks for one merchant account. `key_id` and `secret` sign every request."""

    def __init__(
        self,
        client: Line,
        clock: Clock,
        *,
        name: str,
        environment: str,
        merchant: str,
        key_id: Secret,
        secret: Secret,
        capabilities: ProviderCapabilities = CAPABILITIES,
    ) -> None:
        self.name = name
        self.environment = environment
        self.capabilities = capabilities
        self._client = client
        self._clock = clock
        self._merchant = f"/v2/{quote(merchant, safe='')}"
        self._key_id = key_id
        self._secret = secret

    def refund(self, order: RefundOrder) -> Answer:
        body = json.dumps(refund_body(order)).encode()
        exchange = self._send(
            "POST",
            f"{self._payment(order)}/refund",
            {"Content-Type": "application/json", "X-GCS-Idempotence-Key": order.provider_key},
            body,
        )
        return answer_of(exchange)

    def find(self, order: RefundOrder) -> LookUp:
        """The list of a payment's refunds has no pages."""
        return self.refunds_of(order).naming(order.our_reference)

    def refunds_of(self, order: RefundOrder) -> LookUp:
        return listed_of(self._send("GET", f"{self._payment(order)}/refunds"))

    def probe(self) -> LookUp:
        """Are we let in? Asks for nothing that moves money."""
        return served_of(self._send("GET", f"{self._merchant}/services/testconnection"))

    def close(self) -> None:
        self._client.close()

    def _payment(self, order: RefundOrder) -> str:
        return f"{self._merchant}/payments/{quote(order.payment_reference, safe='')}"

    def _send(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Exchange:
        signed = {**(headers or {}), "Date": format_datetime(self._clock.now(), usegmt=True)}
        signed["Authorization"] = authorization(
            self._key_id.reveal(), self._secret.reveal(), method, target, signed
        )
        return self._client.send(Request(method, target, signed, body))


def refund_body(order: RefundOrder) -> dict[str, object]:
    return {
        "amountOfMoney": {"amount": order.amount_minor, "currencyCode": order.currency},
        "operationReferences": {"merchantReference": order.our_reference},
    }
