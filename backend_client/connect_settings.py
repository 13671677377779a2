"""What a house says of the Vista Connect system it works with: plain values, never the token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from backend_client.domain.external_details import EXTERNAL_DETAILS
from backend_client.domain.money import exponent
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.house_settings import House, known_zone
from backend_client.mail_settings import is_this_machine
from backend_client.settings_table import Mistake, Table

CONNECT_KINDS = frozenset({Method.MATCHED, Method.EXTERNAL, Method.UNMATCHED})
DEFAULT_KINDS = CONNECT_KINDS - {Method.UNMATCHED}
LIVE, PRACTICE = "live", "practice"
DECIMALS = 2
"""Connect counts in cents and names no currency: others than those with two decimals do not fit."""
LONGEST_WAIT_S = 600
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}")
_SECRET_WORDS = ("token", "auth", "key", "secret", "password", "cookie", "credential")
_OUR_HEADERS = frozenset(
    {"host", "content-type", "content-length", "transfer-encoding", "connection", "accept"}
    | {"accept-encoding", "user-agent", "correlationid"}
)
_CINEMA = re.compile(r"[A-Za-z0-9_-]{1,20}")
_CARD_TYPE = re.compile(r"[A-Za-z0-9 _-]{1,20}")


@dataclass(frozen=True, slots=True)
class Cinema:
    """One cinema behind Connect: its money and time, and which refunds it takes.

    `external_fields` are the details an external payment must be recorded with there;
    `stored_value_types` are the card types a gift card may be sent with, the first is used.
    """

    id: str
    name: str
    currency: str
    zone: str
    kinds: frozenset[Method] = DEFAULT_KINDS
    external_fields: frozenset[str] = frozenset()
    stored_value_types: tuple[str, ...] = ("SVS",)


@dataclass(frozen=True, slots=True)
class ConnectSettings:
    """Where the system is and how long it may take; `headers` are sent exactly as written, beside
    the token, because tenants are named differently from host to host."""

    url: str
    cinemas: Mapping[str, Cinema]
    headers: Mapping[str, str]
    connect_s: int = 5
    read_s: int = 90

    @property
    def origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def prefix(self) -> str:
        """The path everything lies under, usually `/WSVistaWebClient`."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


def token_name(environment: str) -> str:
    """The secret a token for Connect is kept under."""
    return f"connect.{environment}.token"


def read_connect(table: Table, house: House) -> ConnectSettings:
    """The table `connect`; raises `Mistake`."""
    settings = ConnectSettings(
        url=_url(table, house.environment),
        headers=_headers(table.table("headers")),
        connect_s=_seconds(table, "connect_s", 5),
        read_s=_seconds(table, "read_s", 90),
        cinemas=_cinemas(table.table("cinemas"), house),
    )
    table.end()
    return settings


def _url(table: Table, environment: str) -> str:
    url, place = table.text("url", ""), table.place("url")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        whole = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        host, whole = "", False
    if not (host and whole) or parts.query or parts.fragment or parts.username:
        raise Mistake(f"{place} must be an address like https://host/WSVistaWebClient")
    ours = is_this_machine(host)
    if parts.scheme != "https" and not ours:
        raise Mistake(f"{place} must begin with https://")
    if environment == PRACTICE and not ours:
        raise Mistake(f"{place} must be this machine in practice")
    if environment == LIVE and ours:
        raise Mistake(f"{place} is this machine, which is not live")
    return url.rstrip("/")


def _headers(table: Table) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    for name in table.names():
        low = name.casefold()
        if not _HEADER.fullmatch(name) or low in _OUR_HEADERS:
            raise Mistake(f"{table.place(name)} is no header that can be set")
        if any(word in low for word in _SECRET_WORDS):
            raise Mistake(f"{table.place(name)} looks like a secret: those are not kept here")
        value = table.text(name, "")
        if not value.isascii():
            raise Mistake(f"{table.place(name)} must be plain letters")
        headers[name] = value
    return headers


def _seconds(table: Table, name: str, plain: int) -> int:
    seconds = table.whole(name, plain)
    if not 1 <= seconds <= LONGEST_WAIT_S:
        raise Mistake(f"{table.place(name)} must be from 1 to {LONGEST_WAIT_S}")
    return seconds


def _cinemas(table: Table, house: House) -> Mapping[str, Cinema]:
    cinemas = {name: _cinema(name, table.table(name), house) for name in table.names()}
    if not cinemas:
        raise Mistake(f'{table.place(house.site)} is missing: name each cinema, as in ["0001"]')
    return cinemas


def _cinema(name: str, table: Table, house: House) -> Cinema:
    if not _CINEMA.fullmatch(name):
        raise Mistake(f"connect.cinemas: {name[:20]!r} is no id of a cinema")
    cinema = Cinema(
        id=name,
        name=table.text("name", house.name),
        currency=table.text("currency", house.currency),
        zone=table.text("zone", house.zone),
        kinds=table.some("kinds", Method, DEFAULT_KINDS),
        external_fields=table.texts("external_fields"),
        stored_value_types=_types(table),
    )
    table.end()
    if not cinema.kinds or not cinema.kinds <= CONNECT_KINDS:
        known = ", ".join(sorted(CONNECT_KINDS))
        raise Mistake(f"{table.place('kinds')} must be some of {known}")
    if not cinema.external_fields <= set(EXTERNAL_DETAILS):
        known = ", ".join(EXTERNAL_DETAILS)
        raise Mistake(f"{table.place('external_fields')} must be some of {known}")
    if not known_zone(cinema.zone):
        raise Mistake(f"{table.place('zone')} must be a time zone like Europe/Zurich")
    if not _two_decimals(cinema.currency):
        raise Mistake(f"{table.place('currency')} must be a currency with two decimals")
    return cinema


def _two_decimals(currency: str) -> bool:
    try:
        return exponent(currency) == DECIMALS
    except (Refused, ValueError):
        return False


def _types(table: Table) -> tuple[str, ...]:
    types = table.take("stored_value_types", list, ["SVS"], "a list of texts")
    if not types or not all(isinstance(one, str) and _CARD_TYPE.fullmatch(one) for one in types):
        raise Mistake(f"{table.place('stored_value_types')} must be a list of card types like SVS")
    return tuple(types)
