"""The shape of a plan as `refund --json` prints it, as JSON Schema (draft 2020-12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from backend_client.domain.external_details import EXTERNAL_DETAILS
from backend_client.domain.kinds import FeeKind
from backend_client.domain.problem import MoneyMoved
from backend_client.domain.refund import LegState, Method

Schema: TypeAlias = dict[str, Any]


def _text(about: str = "") -> Schema:
    return {"type": "string", "description": about} if about else {"type": "string"}


def _one_of(values: type[Method] | type[LegState] | type[FeeKind] | type[MoneyMoved]) -> Schema:
    return {"enum": [value.value for value in values]}


def _list(items: Schema, about: str = "") -> Schema:
    schema: Schema = {"type": "array", "items": items}
    return {**schema, "description": about} if about else schema


def _object(about: str, properties: Mapping[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "description": about,
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


MINOR: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53}
CURRENCY: Schema = {"type": "string", "pattern": "^[A-Z]{3}$"}
SEQUENCE: Schema = {"type": "integer", "minimum": 1}
CODE: Schema = {"type": "string", "pattern": "^[a-z-]+$"}
FINGERPRINT: Schema = {
    "type": "string",
    "pattern": "^[0-9a-f]{32}$",
    "description": "of everything the plan was decided on; give it to --plan",
}

BOOKING_KEY = _object(
    "what names the booking for ever",
    {"site": _text(), "booking_id": _text(), "transaction_id": _text()},
)
LINE = _object(
    "a line that goes back",
    {
        "sequence": SEQUENCE,
        "description": _text(),
        "seat": _text(),
        "value_minor": MINOR,
        "currency": CURRENCY,
    },
)
LEG = _object(
    "one part of the money as it will be born",
    {
        "method": _one_of(Method),
        "amount_minor": MINOR,
        "currency": CURRENCY,
        "state": _one_of(LegState),
        "payment": _text("the key of the payment it goes back to, or empty"),
        "provider": _text(),
        "reference": _text("proof of a payment already made, or empty"),
        "masked_number": _text("the card of an external payment, masked, or empty"),
        "card_type": _text("its type, or empty"),
        "card_expiry": _text("its expiry as in 2030-12, or empty"),
        "label": _text("the payment or account in words"),
    },
)
KEPT_FEE = _object(
    "a fee that stays when what it belongs to goes back",
    {
        "sequence": SEQUENCE,
        "fee_kind": _one_of(FeeKind),
        "amount_minor": MINOR,
        "currency": CURRENCY,
    },
)
NOTICE = _object(
    "something a person must see",
    {
        "code": CODE,
        "message": _text(),
        "action": _text(),
        "sequences": _list(SEQUENCE),
        "amount_minor": MINOR,
        "currency": CURRENCY,
        "must_acknowledge": {"type": "boolean"},
        "acknowledged": {"type": "boolean"},
    },
)
DESTINATION = _object(
    "a place the money could go, chosen or not",
    {
        "method": _one_of(Method),
        "payment": _text("the key of the payment, or empty"),
        "limit_minor": MINOR,
        "currency": CURRENCY,
        "label": _text(),
        "code": _text("why it cannot go there, or empty"),
    },
)
REFUSAL: Mapping[str, Schema] = {
    "code": CODE,
    "message": _text(),
    "money_moved": _one_of(MoneyMoved),
    "action": _text(),
    "retryable": {"type": "boolean"},
    "details": {"type": "object"},
}
"""Beside a plan that was refused: the exit code is not 0."""

PLAN: Mapping[str, Schema] = {
    "booking": BOOKING_KEY,
    "booking_version": {"type": "integer", "minimum": 1},
    "policy_version": _text(),
    "reason": _text(),
    "currency": CURRENCY,
    "lines": _list(LINE),
    "legs": _list(LEG, "they sum to amount_minor"),
    "value_minor": MINOR,
    "retained_minor": MINOR,
    "breach_fee_minor": MINOR,
    "amount_minor": MINOR,
    "kept_fees": _list(KEPT_FEE),
    "notices": _list(NOTICE),
    "unacknowledged": _list(CODE, "codes that --acknowledge must name before a commit"),
    "missing": _list(
        {"enum": ["reason", "reference", *EXTERNAL_DETAILS, "number"]},
        "what a commit still needs",
    ),
    "destinations": _list(DESTINATION),
    "provider_environment": _text("practice, test or live"),
    "fingerprint": FINGERPRINT,
}

PLAN_SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Plan of a refund",
    **_object(
        "What a commit would do. Amounts are integers in minor units of the currency beside them.",
        {**REFUSAL, **PLAN},
        optional=tuple(REFUSAL),
    ),
}
