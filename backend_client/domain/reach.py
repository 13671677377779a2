"""How far back a provider gives money: data of a provider, asked when planning and when sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend_client.domain.booking import Booking, Payment


@dataclass(frozen=True, slots=True)
class RefundLimits:
    """What a provider allows for one payment; None is no limit."""

    max_age_days: int | None = None
    max_refunds: int | None = None


def out_of_reach(
    limits: RefundLimits, paid_at: datetime | None, earlier: int, now: datetime
) -> str:
    """Why a provider would refuse one more refund of a payment, a code of the catalogue; empty
    where it would not. `earlier` refunds of it are made or promised; an unknown date is no reason.
    """
    most = None if limits.max_age_days is None else timedelta(days=limits.max_age_days)
    if most is not None and paid_at is not None and now - paid_at > most:
        return "payment-too-old"
    if limits.max_refunds is not None and earlier >= limits.max_refunds:
        return "payment-refunds-used"
    return ""


def within_reach(
    booking: Booking,
    provider_of: Mapping[int, str],
    limits_of: Mapping[str, RefundLimits],
    now: datetime,
) -> Booking:
    """The booking with each payment its provider can give nothing back to any more marked so."""

    def marked(payment: Payment) -> Payment:
        limits = limits_of.get(provider_of.get(payment.id, ""))
        if limits is None:
            return payment
        earlier = payment.refunds_made + (payment.prior_refunded_minor > 0)
        code = out_of_reach(limits, booking.sold_at, earlier, now)
        return replace(payment, barred=code)

    return replace(booking, payments=tuple(marked(one) for one in booking.payments))
