"""What every call over HTTP shares."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from backend_client.server.http_calls import body_of
from tests.unit.refusing import refused

SCOPE = {"type": "http", "method": "POST", "path": "/", "headers": []}


async def test_a_client_that_hangs_up_in_the_middle_of_its_call_is_no_mistake_of_ours() -> None:
    told = [
        {"type": "http.request", "body": b'{"sequencesToRefund"', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Any:
        return told.pop(0)

    with refused("request-invalid") as caught:
        await body_of(Request(SCOPE, receive))
    assert caught.value.details["reason"] == "it broke off"
