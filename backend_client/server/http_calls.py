"""What every call over HTTP shares: a bounded body, a correlation id, answers nobody keeps."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from backend_client.domain.card_numbers import holds_card
from backend_client.domain.problems import Refused
from backend_client.ports import TokenSource

MOST_BYTES = 1_000_000
BODY_S = 30.0
"""A client that takes longer to send its call is not waited for."""
_CORRELATION = re.compile(r"[A-Za-z0-9._:{}-]{1,80}", re.ASCII)
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def body_of(request: Request) -> bytes:
    """The whole body; raises `request-too-large`, or `request-invalid` for one that never ends or
    breaks off, which is the client's affair and no mistake of ours."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MOST_BYTES:
        raise Refused("request-too-large", limit=MOST_BYTES)
    try:
        async with asyncio.timeout(BODY_S):
            return await _collected(request)
    except TimeoutError:
        raise Refused("request-invalid", field="body", reason="it took too long") from None
    except ClientDisconnect:
        raise Refused("request-invalid", field="body", reason="it broke off") from None


async def _collected(request: Request) -> bytes:
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > MOST_BYTES:
            raise Refused("request-too-large", limit=MOST_BYTES)
    return bytes(parts)


def correlation_id(request: Request, header: str, tokens: TokenSource) -> str:
    """The client's own name for this call, if it can be written down; else one of ours."""
    given = request.headers.get(header, "").strip()
    if _CORRELATION.fullmatch(given) and not holds_card(given):
        return given
    return tokens.token()


def json_answer(
    value: Mapping[str, Any],
    status: int = 200,
    *,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return Response(
        text.encode(), status, headers=NO_STORE | dict(headers or {}), media_type=media_type
    )
