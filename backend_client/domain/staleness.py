"""Why a plan no longer holds, in words."""

from __future__ import annotations

from collections.abc import Iterable

from backend_client.domain.booking import Booking
from backend_client.domain.money import format_amount
from backend_client.domain.permissions import PERMISSION_CODES
from backend_client.domain.plan import MethodPlan, PlannedLeg, RefundPlan, VoidPlan
from backend_client.domain.problems import Refused


def refusal_now(refusal: Refused, booking: Booking, version_seen: int) -> Refused:
    """What to answer when a plan that was possible is refused now.

    A changed booking makes the plan stale. With the same booking it is the clock, the rules or who
    asks that changed, and the refusal says it best itself.
    """
    if booking.version == version_seen or refusal.code in PERMISSION_CODES:
        return refusal
    return stale(_version(version_seen, booking.version), refusal.message)


def stale(*changed: str) -> Refused:
    return Refused("plan-stale", changed=[one for one in changed if one])


def what_changed(before: RefundPlan, now: RefundPlan) -> Refused:
    """A stale refund plan, with every difference a person would look for."""
    currency = now.currency
    return _named(
        _version(before.booking_version, now.booking_version),
        "the rules of the house" if before.policy_version != now.policy_version else "",
        _environment(before.provider_environment, now.provider_environment),
        _amount("value", before.value_minor, now.value_minor, currency),
        _amount("amount", before.amount_minor, now.amount_minor, currency),
        _legs(before.legs, now.legs, currency),
    )


def what_changed_for_leg(before: MethodPlan, now: MethodPlan) -> Refused:
    return _named(
        _version(before.booking_version, now.booking_version),
        _amount("amount", before.amount_minor, now.amount_minor, now.currency),
        _legs(before.legs, now.legs, now.currency),
    )


def what_changed_for_void(before: VoidPlan, now: VoidPlan) -> Refused:
    return _named(
        _version(before.booking_version, now.booking_version),
        _amount("amount", before.amount_minor, now.amount_minor, now.currency),
    )


def _named(*changed: str) -> Refused:
    """What differs in none of the figures differs in what a line or leg may do now."""
    return stale(*(one for one in changed if one)) if any(changed) else stale("what is allowed")


def _version(before: int, now: int) -> str:
    return f"the booking, version {before} is now {now}" if before != now else ""


def _environment(before: str, now: str) -> str:
    return f"the environment, {before} is now {now}" if before != now else ""


def _amount(name: str, before: int, now: int, currency: str) -> str:
    if before == now:
        return ""
    seen, found = format_amount(before, currency), format_amount(now, currency)
    return f"the {name}, {seen} is now {found} {currency}"


def _legs(before: Iterable[PlannedLeg], now: Iterable[PlannedLeg], currency: str) -> str:
    seen, found = (_in_words(legs, currency) for legs in (before, now))
    return f"where it goes, {seen} is now {found}" if seen != found else ""


def _in_words(legs: Iterable[PlannedLeg], currency: str) -> str:
    words = (
        f"{format_amount(leg.amount_minor, currency)} {leg.method.value.replace('_', ' ')}"
        + (f" ({leg.label})" if leg.label else "")
        for leg in legs
    )
    return " + ".join(words) or "nothing"
