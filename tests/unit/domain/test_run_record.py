"""Parameters of runs survive being kept as JSON."""

from __future__ import annotations

import json
from datetime import date

import pytest

from backend_client.domain.amounts import Retention, RetentionKind
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.run_parameters import (
    CancellationParameters,
    CreditMode,
    DispatchParameters,
    Through,
)
from backend_client.domain.run_record import (
    cancellation_of,
    cancellation_record,
    dispatch_of,
    dispatch_record,
)


@pytest.mark.parametrize(
    "parameters",
    [
        CancellationParameters((1,), "performance-cancelled"),
        CancellationParameters(
            (1, 2),
            "own words",
            contingents=("C1",),
            categories=("A", "B"),
            tariffs=("child",),
            sold_through=("internet",),
            methods=(PaymentMethod.CARD, PaymentMethod.CASH),
            methods_excluded=True,
            files=("WPM8TS9",),
            contacts=("C-1",),
            charges=False,
            shipment=True,
            retained=Retention(RetentionKind.PERCENT, 1050),
            block=False,
            through=Through("internet", "9"),
            batch=12,
        ),
    ],
)
def test_a_cancellation_is_the_same_after_json(parameters: CancellationParameters) -> None:
    assert cancellation_of(json.loads(json.dumps(cancellation_record(parameters)))) == parameters


@pytest.mark.parametrize("credit", CreditMode)
def test_a_dispatch_is_the_same_after_json(credit: CreditMode) -> None:
    parameters = DispatchParameters(
        date(2026, 11, 1),
        date(2026, 11, 22),
        credit,
        sold_through=("internet", "app"),
        email=False,
        through=Through("internet", "9"),
        batch=400,
    )
    assert dispatch_of(json.loads(json.dumps(dispatch_record(parameters)))) == parameters
