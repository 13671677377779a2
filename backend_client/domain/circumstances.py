"""What a plan depends on besides the booking and the request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend_client.domain.caller import Caller
from backend_client.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The house's policy, the instant, who asks, and which payments a provider can reverse now.

    `provider_of` maps payment ids to provider names; `provider_environment` (practice, test, live)
    is part of a plan, so that a plan made in one is never carried out in another.
    """

    policy: Policy
    now: datetime
    caller: Caller
    provider_of: Mapping[int, str]
    provider_environment: str
