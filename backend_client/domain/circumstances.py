"""What a plan depends on besides the booking and the request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backend_client.domain.booking import Booking
from backend_client.domain.caller import Caller
from backend_client.domain.policy import Policy
from backend_client.domain.reach import RefundLimits, within_reach


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The house's policy, the instant, who asks, and what providers can do now.

    `provider_of` maps the ids of payments that can be reversed to provider names;
    `loads_gift_cards` is the provider that loads a gift card by its number, if one was switched on
    for it.
    `limits_of` says by provider how far back it goes; `external_fields` are the details that a
    payment made elsewhere must be recorded with.
    `given_today_minor` is what the caller has given back in this business day, in the booking's
    currency.
    `provider_environment` (practice, test, live) is part of a plan, so that a plan made in one is
    never carried out in another.
    """

    policy: Policy
    now: datetime
    caller: Caller
    provider_of: Mapping[int, str]
    provider_environment: str
    loads_gift_cards: str = ""
    limits_of: Mapping[str, RefundLimits] = field(default_factory=dict)
    external_fields: frozenset[str] = frozenset()
    given_today_minor: int = 0

    def reaching(self, booking: Booking) -> Booking:
        """The booking with the payments marked that no provider gives anything back to any more."""
        return within_reach(booking, self.provider_of, self.limits_of, self.now)
