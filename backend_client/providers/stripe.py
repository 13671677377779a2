"""Stripe: refunds by form, found again by our reference in their metadata."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from backend_client.providers.credentials import Secret
from backend_client.providers.http_client import Exchange, Line, Request
from backend_client.providers.port import (
    Answer,
    AnswerClass,
    Found,
    LookUp,
    ProviderCapabilities,
    RefundOrder,
)
from backend_client.providers.stripe_answers import (
    REFERENCE,
    answer_of,
    found_of,
    page_of,
    to_stripe,
)

HOST = "api.stripe.com"
VERSION = "2025-04-30.basil"
"""Answers keep this shape whatever the account's own version is."""
PAGE = 100
MOST_PAGES = 100
CAPABILITIES = ProviderCapabilities(
    partial=True,
    look_up=True,
    max_age_days=None,
    max_refunds_per_payment=None,
    arrival_days_from=5,
    arrival_days_to=10,
)


class StripeProvider:
    """Speaks for one account. Its key says by its prefix whether it is for test or live."""

    def __init__(
        self,
        client: Line,
        *,
        name: str,
        environment: str,
        key: Secret,
        capabilities: ProviderCapabilities = CAPABILITIES,
    ) -> None:
        self.name = name
        self.environment = environment
        self.capabilities = capabilities
        self._client = client
        self._key = key

    def refund(self, order: RefundOrder) -> Answer:
        amount = to_stripe(order.amount_minor, order.currency)
        if amount is None:
            text = f"Stripe has no such amount in {order.currency}"
            return Answer(AnswerClass.DECLINED, code="amount", text=text)
        form = {
            _kind(order): order.payment_reference,
            "amount": str(amount),
            f"metadata[{REFERENCE}]": order.our_reference,
        }
        exchange = self._send(
            "POST",
            "/v1/refunds",
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Idempotency-Key": order.provider_key,
            },
            urlencode(form).encode(),
        )
        return answer_of(exchange)

    def find(self, order: RefundOrder) -> LookUp:
        """Every page of the payment's refunds: ours may be on any of them."""
        return self.refunds_of(order).naming(order.our_reference)

    def refunds_of(self, order: RefundOrder) -> LookUp:
        found: list[Found] = []
        after = ""
        for _ in range(MOST_PAGES):
            page = page_of(self._send("GET", self._list(order, after)))
            if isinstance(page, LookUp):
                return page
            refunds, more = page
            found += map(found_of, refunds)
            if not more:
                return LookUp(answered=True, found=tuple(found))
            last = str(refunds[-1]["id"]) if refunds else after
            if last == after:
                return LookUp(answered=False, text="the list goes in circles")
            after = last
        return LookUp(answered=False, text="the list does not end")

    def probe(self) -> LookUp:
        """Are we let in? Asks for nothing that moves money."""
        page = page_of(self._send("GET", "/v1/refunds?limit=1"))
        return page if isinstance(page, LookUp) else LookUp(answered=True)

    def close(self) -> None:
        self._client.close()

    def _list(self, order: RefundOrder, after: str) -> str:
        query = f"{_kind(order)}={quote(order.payment_reference, safe='')}&limit={PAGE}"
        more = f"&starting_after={quote(after, safe='')}" if after else ""
        return f"/v1/refunds?{query}{more}"

    def _send(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Exchange:
        given = {
            **(headers or {}),
            "Authorization": f"Bearer {self._key.reveal()}",
            "Stripe-Version": VERSION,
        }
        return self._client.send(Request(method, target, given, body))


def _kind(order: RefundOrder) -> str:
    return "payment_intent" if order.payment_reference.startswith("pi_") else "charge"
