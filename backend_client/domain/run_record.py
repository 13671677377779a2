"""Runs as plain JSON values: all that is known of one, and its parameters there and back.

The same mapping is in the store, in exports and in the hands of a screen that carries what was
typed once into the next step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from backend_client.domain.amounts import Retention, RetentionKind
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.run_parameters import (
    CancellationParameters,
    CreditMode,
    DispatchParameters,
    Through,
)

if TYPE_CHECKING:
    from backend_client.domain.runs import PerformanceRow, Run, RunItem


def cancellation_record(parameters: CancellationParameters) -> dict[str, object]:
    """Every parameter of step 1 by its name."""
    retained = parameters.retained
    return {
        "performances": list(parameters.performances),
        "reason": parameters.reason,
        "contingents": list(parameters.contingents),
        "categories": list(parameters.categories),
        "tariffs": list(parameters.tariffs),
        "sold_through": list(parameters.sold_through),
        "methods": [method.value for method in parameters.methods],
        "methods_excluded": parameters.methods_excluded,
        "files": list(parameters.files),
        "contacts": list(parameters.contacts),
        "charges": parameters.charges,
        "shipment": parameters.shipment,
        "retained": {"kind": retained.kind.value, "amount": retained.amount} if retained else None,
        "block": parameters.block,
        "through": _through_record(parameters.through),
        "batch": parameters.batch,
    }


def cancellation_of(record: Mapping[str, Any]) -> CancellationParameters:
    retained = record["retained"]
    return CancellationParameters(
        performances=tuple(record["performances"]),
        reason=record["reason"],
        contingents=_texts(record["contingents"]),
        categories=_texts(record["categories"]),
        tariffs=_texts(record["tariffs"]),
        sold_through=_texts(record["sold_through"]),
        methods=tuple(map(PaymentMethod, record["methods"])),
        methods_excluded=record["methods_excluded"],
        files=_texts(record["files"]),
        contacts=_texts(record["contacts"]),
        charges=record["charges"],
        shipment=record["shipment"],
        retained=Retention(RetentionKind(retained["kind"]), retained["amount"])
        if retained
        else None,
        block=record["block"],
        through=_through_of(record["through"]),
        batch=record["batch"],
    )


def dispatch_record(parameters: DispatchParameters) -> dict[str, object]:
    """Every parameter of step 2 by its name; days as ISO 8601."""
    return {
        "first": parameters.first.isoformat(),
        "last": parameters.last.isoformat(),
        "credit": parameters.credit.value,
        "sold_through": list(parameters.sold_through),
        "email": parameters.email,
        "through": _through_record(parameters.through),
        "batch": parameters.batch,
    }


def dispatch_of(record: Mapping[str, Any]) -> DispatchParameters:
    return DispatchParameters(
        first=date.fromisoformat(record["first"]),
        last=date.fromisoformat(record["last"]),
        credit=CreditMode(record["credit"]),
        sold_through=_texts(record["sold_through"]),
        email=record["email"],
        through=_through_of(record["through"]),
        batch=record["batch"],
    )


def _through_record(through: Through) -> dict[str, str]:
    return {"channel": through.channel, "desk": through.desk}


def _through_of(record: Mapping[str, str]) -> Through:
    return Through(record["channel"], record["desk"])


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(map(str, values))


def record(one: Run | RunItem | PerformanceRow) -> dict[str, object]:
    """Everything by the names of its fields, for exports and programs; instants in UTC."""
    return {field.name: _plain(getattr(one, field.name)) for field in fields(one)}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
