"""The v1HMAC signature of Worldline Direct.

https://docs.direct.worldline-solutions.com/integration/api-developer-guide/authentication
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping


def authorization(
    key_id: str, secret: str, method: str, target: str, headers: Mapping[str, str]
) -> str:
    """The Authorization header for a request; `headers` holds its Date, its Content-Type if it
    has a body, and its X-GCS- headers, `target` path and query as they are sent."""
    signature = hmac.new(
        secret.encode(), to_be_signed(method, target, headers).encode(), hashlib.sha256
    )
    return f"GCS v1HMAC:{key_id}:{base64.b64encode(signature.digest()).decode()}"


def to_be_signed(method: str, target: str, headers: Mapping[str, str]) -> str:
    given = {name.lower(): value.strip() for name, value in headers.items()}
    own = sorted(name for name in given if name.startswith("x-gcs-"))
    lines = [
        method.upper(),
        given.get("content-type", ""),
        given["date"],
        *(f"{name}:{given[name]}" for name in own),
        target,
    ]
    return "\n".join(lines) + "\n"
