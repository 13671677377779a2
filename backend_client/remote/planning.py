"""Plans refunds through Connect: the ordinary rules, with what Connect cannot do taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from backend_client.connect_settings import CONNECT_KINDS, Cinema
from backend_client.domain.amounts import total_value
from backend_client.domain.approval import needed
from backend_client.domain.caller import Caller, Role
from backend_client.domain.connect_intent import PROVIDER
from backend_client.domain.plan import Destination, Notice, Part, RefundPlan, RefundRequest
from backend_client.domain.planning import Circumstances, plan_refund
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.remote.reading import Reading

WHY_NOT: Mapping[Method, str] = MappingProxyType(
    {
        Method.REQUESTED: "connect-pays-at-once",
        Method.CREDIT: "connect-no-accounts",
        Method.WAITING: "connect-no-accounts",
        Method.CASH: "connect-records-external",
        Method.GIFT_CARD: "connect-records-external",
        Method.TRANSFER: "connect-records-external",
    }
)
"""Why a method that Connect does not have is not there."""
KIND_OFF = "connect-kind-off"
MIXED = "connect-mixed-kinds"
_CLOSED = frozenset({"method-not-allowed", "unmatched-disabled"})


@dataclass(frozen=True, slots=True)
class House:
    """What the rules need of this house besides the booking."""

    policy: Policy
    environment: str
    zone: str = "UTC"

    def policy_of(self, cinema: Cinema) -> Policy:
        """The house's choices narrowed to what this cinema takes, in its currency."""
        methods = self.policy.methods & cinema.kinds
        return replace(self.policy, currency=cinema.currency, methods=methods)

    def circumstances(
        self, reading: Reading, cinema: Cinema, caller: Caller, now: datetime
    ) -> Circumstances:
        policy = self.policy_of(cinema)
        able = reading.reversible if Method.MATCHED in policy.methods else frozenset()
        return Circumstances(
            policy=policy,
            now=now,
            caller=caller,
            provider_of=dict.fromkeys(able, PROVIDER),
            provider_environment=self.environment,
            loads_gift_cards=PROVIDER if Method.UNMATCHED in policy.methods else "",
            external_fields=cinema.external_fields,
        )

    def why_not(self, method: Method, cinemas: Sequence[Cinema]) -> str:
        """The code of why a method is not there at any of these cinemas; empty where it is."""
        if method not in self.policy.methods and method in CONNECT_KINDS:
            return "method-not-allowed"
        if method in WHY_NOT:
            return WHY_NOT[method]
        return "" if any(method in cinema.kinds for cinema in cinemas) else KIND_OFF


def plan(
    house: House,
    reading: Reading,
    cinema: Cinema,
    caller: Caller,
    request: RefundRequest,
    now: datetime,
    given_today_minor: int = 0,
) -> RefundPlan:
    """Exactly what one call would do, now or once it is approved. Raises as `plan_refund`,
    `connect-no-retention`, and `number-cannot-wait`."""
    circumstances = house.circumstances(reading, cinema, caller, now)
    circumstances = replace(circumstances, given_today_minor=given_today_minor)
    _refuse_retention(request, circumstances.policy)
    made = _plan(reading, request, circumstances)
    _refuse_number_that_waits(made, circumstances)
    notices = (*made.notices, *_mixed(made))
    destinations = tuple(_explained(house, cinema, one) for one in made.destinations)
    return replace(made, notices=notices, destinations=destinations)


def _refuse_retention(request: RefundRequest, policy: Policy) -> None:
    reason = policy.reason(request.reason) if request.reason else None
    if request.retained_minor or (reason and reason.breach_fee_minor):
        raise Refused("connect-no-retention")


def _refuse_number_that_waits(made: RefundPlan, asked: Circumstances) -> None:
    """All of a refund goes in one call, which has to bring the number with it."""
    if not made.awaits_approval or all(leg.method is not Method.UNMATCHED for leg in made.legs):
        return
    other = replace(asked.caller, role=Role.SUPERVISOR, scope=None)
    alone = needed(other, made.amount_minor, asked.policy, 0, made.currency) is None
    raise Refused("number-cannot-wait", instead=", or let a supervisor make it" if alone else "")


def _plan(reading: Reading, request: RefundRequest, circumstances: Circumstances) -> RefundPlan:
    """The plan; where not everything can go back the way it came, the proposal is to record the
    rest as paid elsewhere: nothing can be left for later."""
    booking, policy = reading.booking, circumstances.policy
    try:
        return plan_refund(booking, request, circumstances)
    except Refused as refused:
        stays = refused.details.get("method") == Method.REQUESTED.value
        if refused.code != "method-not-allowed" or not stays or request.parts:
            raise
    if Method.EXTERNAL not in policy.methods:
        raise Refused("connect-pays-at-once")
    chosen = [line for line in booking.lines if line.sequence in set(request.sequences)]
    able = sum(
        payment.refundable_minor
        for payment in booking.payments
        if payment.id in circumstances.provider_of
    )
    back = min(able, booking.left_minor, total_value(chosen))
    parts = (*((Part(Method.MATCHED, back),) if back else ()), Part(Method.EXTERNAL))
    return plan_refund(booking, replace(request, parts=parts), circumstances)


def _mixed(made: RefundPlan) -> tuple[Notice, ...]:
    """More than one payment in a call: if the second fails, nobody can try again."""
    if len(made.legs) < 2:
        return ()
    return (Notice(MIXED, amount_minor=made.amount_minor, must_acknowledge=True),)


def _explained(house: House, cinema: Cinema, place: Destination) -> Destination:
    """A closed way with the reason Connect has for it."""
    if place.code not in _CLOSED:
        return place
    return replace(place, code=house.why_not(place.method, (cinema,)) or place.code)
