"""The part of `config check` about Connect: is the token in place, and is it accepted there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend_client.connect_settings import Cinema, ConnectSettings, token_name
from backend_client.domain.problems import Refused
from tui import wiring
from tui.commands.config_lines import let_in, secret, told
from tui.commands.session import Session
from tui.text.inert import inert
from tui.text.problems import refusal_json

if TYPE_CHECKING:
    from backend_client.providers.credentials import Credential


@dataclass(frozen=True, slots=True)
class ConnectChecked:
    """The Connect system of a house: its token, or what is wrong; `reached` only where it was
    asked, by a reading that changes nothing."""

    settings: ConnectSettings
    token: Credential | None = None
    refused: Refused | None = None
    reached: bool = False

    @property
    def is_right(self) -> bool:
        return self.refused is None


def checked_connect(session: Session) -> ConnectChecked | None:
    """None where the house has none."""
    connect = session.settings.connect
    if connect is None:
        return None
    token = None
    try:
        token = wiring.credentials().find(token_name(session.settings.house.environment))
        if session.args.connect:
            wiring.probe_connect(connect, token.secret, session.tokens.token())
    except Refused as refused:
        return ConnectChecked(connect, token, refused)
    return ConnectChecked(connect, token, reached=session.args.connect)


def connect_lines(session: Session, checked: ConnectChecked) -> list[str]:
    text, connect = session.wording.text, checked.settings
    facts = [
        (text("command.config.connect.cinema", id=one.id), _cinema(session, one))
        for one in connect.cinemas.values()
    ]
    if checked.token is not None:
        facts.append(secret(session.wording, "token", checked.token))
    if checked.reached:
        facts.append(let_in(session.wording))
    head = text("command.config.connect.system", address=inert(connect.url))
    return told(session.wording, head, facts, checked.refused)


def _cinema(session: Session, cinema: Cinema) -> str:
    kinds = ", ".join(session.wording.text(f"method.{kind.value}") for kind in sorted(cinema.kinds))
    return f"{inert(cinema.name)} · {cinema.currency} · {cinema.zone} · {kinds}"


def connect_json(session: Session, checked: ConnectChecked) -> dict[str, Any]:
    connect = checked.settings
    return {
        "url": connect.url,
        "headers": sorted(connect.headers),
        "cinemas": {
            one.id: {
                "name": one.name,
                "currency": one.currency,
                "zone": one.zone,
                "kinds": sorted(one.kinds),
                "external_fields": sorted(one.external_fields),
            }
            for one in connect.cinemas.values()
        },
        "token": checked.token.source if checked.token else None,
        "ok": checked.is_right,
        "problem": refusal_json(session.wording, checked.refused) if checked.refused else None,
        "connection": "ok" if checked.reached else None,
    }
