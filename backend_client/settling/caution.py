"""Before money goes out of a store that was restored from a copy: what it forgot may have moved."""

from __future__ import annotations

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LegToSend, Outcome
from backend_client.providers.port import FoundState, LookUp, Provider, RefundOrder, Verdict


def list_refunds(provider: Provider, order: RefundOrder) -> LookUp:
    """A list that cannot fail: an adapter's own mistake is no answer."""
    try:
        return provider.refunds_of(order)
    except Exception as mistake:
        return LookUp(answered=False, text=type(mistake).__name__)


def held_back(provider: Provider, order: RefundOrder, leg: LegToSend) -> Verdict | None:
    """Why this leg is not sent now; None where the provider knows no refund we do not.

    Where nobody can be asked, a person decides.
    """
    if leg.known is None:
        return None
    if not provider.capabilities.look_up:
        return Verdict(LegState.UNKNOWN, Outcome.NOT_SENT, "restored")
    listed = list_refunds(provider, order)
    if not listed.answered:
        return Verdict(LegState.PENDING, Outcome.NOT_SENT, "restored", listed.text)
    strange = [
        one
        for one in listed.found
        if leg.known.isdisjoint((one.our_reference, one.provider_refund_id))
        and one.state is not FoundState.DECLINED
    ]
    if not strange:
        return None
    ids = ", ".join(one.provider_refund_id for one in strange)
    return Verdict(LegState.DECLINED, Outcome.ALREADY_REFUNDED, "found-elsewhere", ids)
