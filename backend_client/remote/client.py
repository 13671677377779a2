"""The calls to Connect that a refund client needs, each sent once.

Header names go out exactly as they are written, over HTTP/1.1: there are hosts that turn away any
other spelling of the token's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from backend_client.connect_settings import ConnectSettings
from backend_client.providers.credentials import Secret
from backend_client.providers.http_client import (
    Exchange,
    HttpClient,
    Line,
    Reply,
    Request,
    Timeouts,
)
from backend_client.remote.answers import Said, said_by

TOKEN_HEADER = "connectApiToken"
_NOT_IN_A_HEADER = re.compile(r"[^A-Za-z0-9._:-]")


class ConnectClient:
    """One Connect system through one line; nothing is ever sent twice by itself."""

    def __init__(self, settings: ConnectSettings, token: Secret, line: Line | None = None) -> None:
        self._settings = settings
        self._token = token
        self._line = line or line_to(settings)

    def booking(self, cinema: str, name: Mapping[str, str], correlation_id: str) -> Said:
        """GetSingleBooking; `name` is a BookingId or a BookingNumber."""
        body = {"CinemaId": cinema, **name}
        return self._post("/RESTBooking.svc/booking", _spelled(body), correlation_id)

    def search(self, cinema: str, criteria: Mapping[str, object], correlation_id: str) -> Said:
        body = {"CinemaId": cinema, **criteria}
        return self._post("/RESTBooking.svc/booking/search", _spelled(body), correlation_id)

    def refund(self, cinema: str, booking_id: str, body: bytes, correlation_id: str) -> Said:
        """RefundBooking, once: what is not known afterwards only the booking can tell."""
        path = f"/cinemas/{quote(cinema, safe='')}/bookings/{quote(booking_id, safe='')}/refund"
        return self._post(path, body, correlation_id)

    def close(self) -> None:
        self._line.close()

    def _post(self, path: str, body: bytes, correlation_id: str) -> Said:
        headers = {
            TOKEN_HEADER: self._token.reveal(),
            "Content-Type": "application/json",
            "Accept": "application/json",
            "correlationId": call_name(correlation_id),
            # An answer that comes twice must not be taken for that to the next call.
            "Connection": "close",
            **self._settings.headers,
        }
        request = Request("POST", self._settings.prefix + path, headers, body)
        return said_by(self._without_token(self._line.send(request)))

    def _without_token(self, exchange: Exchange) -> Exchange:
        """Whoever repeats the token in an answer does not get it into words that are kept."""
        if not isinstance(exchange, Reply):
            return exchange
        token = re.escape(self._token.reveal().encode("ascii"))
        return replace(exchange, body=re.sub(token, b"(token)", exchange.body, flags=re.IGNORECASE))


def call_name(correlation_id: str) -> str:
    """A correlation id as it is sent."""
    return _NOT_IN_A_HEADER.sub("", correlation_id)[:64]


def line_to(settings: ConnectSettings) -> HttpClient:
    """The way money talks HTTP, with Connect's patience: refunds there take long."""
    read = float(settings.read_s)
    timeouts = Timeouts(connect=float(settings.connect_s), read=read, whole=read * 2)
    hosts = frozenset({settings.host})
    return HttpClient(settings.origin, hosts=hosts, pace=None, timeouts=timeouts)


def _spelled(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def probe(client: ConnectClient, cinema: str, correlation_id: str) -> Said:
    """A reading of a booking nobody has: whoever is told so was let in."""
    return client.booking(cinema, {"BookingId": "0"}, correlation_id)
