"""Bookings, plans and refunds as JSON: amounts are integers beside their currency, times UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend_client.answers import (
    BookingView,
    CreditStatement,
    Hit,
    OpenLeg,
    RefundOutcome,
    StateTotal,
)
from backend_client.domain.booking import Booking, BookingKey, Contact, Line, Payment
from backend_client.domain.findings import Proposal
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.plan import Destination, Notice, PlannedLeg, RefundPlan
from backend_client.domain.refund import needs_number
from backend_client.domain.refundability import LineVerdict, can_go_back
from backend_client.reports import DoctorReport
from tui.text.dates import machine
from tui.text.problems import notice_text, verdict_text
from tui.text.wording import Wording

Json = dict[str, Any]


def _time(at: datetime | None) -> str | None:
    return machine(at) if at else None


def key_json(key: BookingKey) -> Json:
    return {
        "site": key.site,
        "booking_id": key.booking_id,
        "transaction_id": key.transaction_id,
    }


def contact_json(contact: Contact | None) -> Json | None:
    if contact is None:
        return None
    return {
        "key": contact.key,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
    }


def hit_json(hit: Hit) -> Json:
    return {
        "id": hit.booking_id,
        "booking": hit.reference,
        "customer": hit.customer,
        "performance": hit.performance,
        "starts_at": _time(hit.starts_at),
        "paid_minor": hit.paid_minor,
        "left_minor": hit.left_minor,
        "currency": hit.currency,
        "partly_refunded": hit.partly_refunded,
        "reason": hit.reason,
        "given_back": hit.given_back.value if hit.given_back else None,
        "line": hit.line,
        "seat": hit.seat,
    }


def booking_json(view: BookingView, wording: Wording) -> Json:
    """A booking in full, each line with whether it may go back and why not."""
    booking = view.booking
    verdicts = view.verdicts
    return {
        "id": booking.id,
        "key": key_json(booking.key),
        "number": booking.number,
        "version": booking.version,
        "currency": booking.currency,
        "contact": contact_json(booking.contact),
        "channel": booking.channel,
        "sold_at": _time(booking.sold_at),
        "is_paid": booking.is_paid,
        "settled_minor": booking.settled_minor,
        "unsettled_minor": booking.unsettled_minor,
        "prior_refunded_minor": booking.prior_refunded_minor,
        "promised_minor": booking.promised_minor,
        "left_minor": booking.left_minor,
        "can_go_back_minor": can_go_back(booking, verdicts),
        "lines": [
            line_json(line, verdicts.get(line.sequence), view, wording) for line in booking.lines
        ],
        "payments": [payment_json(payment, booking.currency) for payment in booking.payments],
        "refunds": [refund_json(refund, booking) for refund in view.refunds],
        "timeline": [
            {
                "at": machine(event.at),
                "what": event.what,
                "operator": event.operator,
                "desk": event.desk,
                "amount_minor": event.amount_minor,
                "currency": booking.currency,
                "details": dict(event.details),
            }
            for event in view.timeline
        ],
        "policy_version": view.policy.version,
    }


def line_json(line: Line, verdict: LineVerdict | None, view: BookingView, wording: Wording) -> Json:
    performance = line.performance
    return {
        "sequence": line.sequence,
        "kind": line.kind.value,
        "fee_kind": line.fee_kind.value if line.fee_kind else None,
        "description": line.description,
        "quantity": line.quantity,
        "price_minor": line.price_minor,
        "value_minor": line.value_minor,
        "currency": view.booking.currency,
        "state": line.state.value,
        "performance": None
        if performance is None
        else {
            "key": performance.key,
            "event": performance.event,
            "starts_at": _time(performance.starts_at),
        },
        "seat": line.seat,
        "contingent": line.contingent,
        "category": line.category,
        "tariff": line.tariff,
        "groups": list(line.groups),
        "product": line.product,
        "parent_sequence": line.parent_sequence,
        "collected": line.collected,
        "collected_at": _time(line.collected_at),
        "refundable": verdict.refundable if verdict else False,
        "code": verdict.code if verdict else "",
        "why_not": verdict_text(wording, verdict, view.refunds) if verdict else "",
    }


def payment_json(payment: Payment, currency: str) -> Json:
    return {
        "key": payment.key,
        "method": payment.method.value,
        "amount_minor": payment.amount_minor,
        "settled_minor": payment.settled_minor,
        "refundable_minor": payment.refundable_minor,
        "unsettled_minor": payment.unsettled_minor,
        "prior_refunded_minor": payment.prior_refunded_minor,
        "found_minor": payment.found_minor,
        "currency": currency,
        "payer": contact_json(payment.payer),
        "provider": payment.provider,
        "provider_reference": payment.provider_reference,
        "bank_reference": payment.bank_reference,
        "masked_number": payment.masked_number,
        "card_type": payment.card_type,
        "card_expiry": payment.card_expiry,
    }


def plan_json(plan: RefundPlan, booking: Booking, wording: Wording) -> Json:
    """A plan; its shape is written down in plan_schema.py."""
    currency = plan.currency
    return {
        "booking": key_json(plan.booking_key),
        "booking_version": plan.booking_version,
        "policy_version": plan.policy_version,
        "reason": plan.request.reason,
        "currency": currency,
        "lines": [
            {
                "sequence": line.sequence,
                "description": line.description,
                "seat": line.seat,
                "value_minor": line.value_minor,
                "currency": currency,
            }
            for line in plan.lines
        ],
        "legs": [_planned_leg_json(leg, booking, currency) for leg in plan.legs],
        "value_minor": plan.value_minor,
        "retained_minor": plan.retained_minor,
        "breach_fee_minor": plan.breach_fee_minor,
        "amount_minor": plan.amount_minor,
        "kept_fees": [
            {
                "sequence": fee.sequence,
                "fee_kind": fee.fee_kind.value,
                "amount_minor": fee.amount_minor,
                "currency": currency,
            }
            for fee in plan.kept_fees
        ],
        "notices": [_notice_json(notice, plan, wording) for notice in plan.notices],
        "unacknowledged": [notice.code for notice in plan.unacknowledged],
        "missing": list(plan.missing),
        "destinations": [_destination_json(one, currency) for one in plan.destinations],
        "provider_environment": plan.provider_environment,
        "fingerprint": plan.fingerprint,
    }


def _planned_leg_json(leg: PlannedLeg, booking: Booking, currency: str) -> Json:
    return {
        "method": leg.method.value,
        "amount_minor": leg.amount_minor,
        "currency": currency,
        "state": leg.state.value,
        "payment": payment_key(booking, leg.payment_id),
        "provider": leg.provider,
        "reference": leg.reference,
        "masked_number": leg.masked_number,
        "card_type": leg.card_type,
        "card_expiry": leg.card_expiry,
        "label": leg.label,
    }


def _notice_json(notice: Notice, plan: RefundPlan, wording: Wording) -> Json:
    text = notice_text(wording, notice, plan.currency)
    return {
        "code": notice.code,
        "message": text.message,
        "action": text.action,
        "sequences": list(notice.sequences),
        "amount_minor": notice.amount_minor,
        "currency": plan.currency,
        "must_acknowledge": notice.must_acknowledge,
        "acknowledged": notice.code in plan.request.acknowledged,
    }


def _destination_json(destination: Destination, currency: str) -> Json:
    return {
        "method": destination.method.value,
        "payment": destination.payment_key,
        "limit_minor": destination.limit_minor,
        "currency": currency,
        "label": destination.label,
        "code": destination.code,
    }


def payment_key(booking: Booking, payment_id: int | None) -> str:
    payment = None if payment_id is None else booking.payment(payment_id)
    return payment.key if payment else ""


def refund_json(refund: Refund, booking: Booking) -> Json:
    return {
        "refund": refund.number,
        "booking": key_json(booking.key),
        "status": refund.status.value,
        "origin": refund.origin.value,
        "lines": [
            {
                "sequence": line.sequence,
                "description": line.description,
                "value_minor": line.value_minor,
                "currency": refund.currency,
            }
            for line in refund.lines
        ],
        "legs": [leg_json(leg, booking, refund.currency) for leg in refund.legs],
        "value_minor": refund.value_minor,
        "retained_minor": refund.retained_minor,
        "breach_fee_minor": refund.breach_fee_minor,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "reason": refund.reason,
        "operator": refund.operator,
        "desk": refund.desk,
        "created_at": machine(refund.created_at),
        "voided_at": _time(refund.voided_at),
        "commit_key": refund.commit_key,
    }


def outcome_json(outcome: RefundOutcome) -> Json:
    return {
        **refund_json(outcome.refund, outcome.booking),
        "already_done": outcome.already_done,
    }


def leg_json(leg: Leg, booking: Booking, currency: str) -> Json:
    return {
        "leg": leg.number,
        "method": leg.method.value,
        "amount_minor": leg.amount_minor,
        "currency": currency,
        "state": leg.state.value,
        "requested_at": machine(leg.requested_at),
        "payment": payment_key(booking, leg.payment_id),
        "label": leg.label,
        "provider": leg.provider,
        "our_reference": leg.our_reference,
        "provider_refund_id": leg.provider_refund_id,
        "reference": leg.reference,
        "by_hand": leg.by_hand,
        "attempts": [
            {
                "at": machine(attempt.at),
                "outcome": attempt.outcome,
                "code": attempt.code,
                "text": attempt.text,
            }
            for attempt in leg.attempts
        ],
        "proposal": _proposal_json(leg.proposal),
    }


def _proposal_json(proposal: Proposal | None) -> Json | None:
    """What a supervisor said of it, while that waits for another one."""
    if proposal is None:
        return None
    said = proposal.resolution
    return {
        "operator": proposal.operator,
        "at": machine(proposal.at),
        "finding": said.finding.value,
        "reference": said.reference,
        "evidence": said.evidence,
    }


def open_leg_json(leg: OpenLeg) -> Json:
    return {
        "leg": leg.leg_number,
        "refund": leg.refund_number,
        "booking": leg.booking_reference,
        "customer": leg.customer,
        "method": leg.method.value,
        "state": leg.state.value,
        "needs_number": needs_number(leg.method, leg.state),
        "amount_minor": leg.amount_minor,
        "currency": leg.currency,
        "requested_at": machine(leg.requested_at),
        "label": leg.label,
        "no_provider": leg.no_provider,
    }


def total_json(total: StateTotal) -> Json:
    return {
        "state": total.state.value,
        "needs_number": total.needs_number,
        "no_provider": total.no_provider,
        "count": total.count,
        "amount_minor": total.amount_minor,
        "currency": total.currency,
    }


def credit_json(statement: CreditStatement) -> Json:
    return {
        "contact": contact_json(statement.contact),
        "balances": [
            {"currency": currency, "balance_minor": balance}
            for currency, balance in statement.balances
        ],
        "entries": [
            {
                "at": machine(entry.at),
                "what": entry.what,
                "amount_minor": entry.amount_minor,
                "currency": entry.currency,
                "reference": entry.reference,
            }
            for entry in statement.entries
        ],
    }


def doctor_json(report: DoctorReport) -> Json:
    facts: Mapping[str, str] = report.facts
    return {
        "ok": report.ok,
        "checks": [
            {
                "code": check.code,
                "title": check.title,
                "ok": check.ok,
                "findings": list(check.findings),
            }
            for check in report.checks
        ],
        "facts": dict(facts),
    }
