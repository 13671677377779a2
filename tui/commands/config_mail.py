"""The part of `config check` about mail: is its secret in place, does its server let us in?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend_client.domain.problems import Refused
from backend_client.mail_settings import MailSettings
from tui import wiring
from tui.commands.config_lines import let_in, secret, told
from tui.commands.session import Session
from tui.text.inert import inert
from tui.text.problems import refusal_json

if TYPE_CHECKING:
    from backend_client.providers.credentials import Credential


@dataclass(frozen=True, slots=True)
class MailChecked:
    """The mail of a house: its secret, where it logs in, or what is wrong; `reached` only where
    the server was asked."""

    settings: MailSettings
    secret: Credential | None = None
    refused: Refused | None = None
    reached: bool = False

    @property
    def is_right(self) -> bool:
        return self.refused is None


def checked_mail(session: Session) -> MailChecked | None:
    """None where the house sends none. What is in the settings was checked as they were read."""
    mail = session.settings.mail
    if mail is None:
        return None
    secret = None
    try:
        if mail.user:
            name = wiring.mail_secret(session.settings.house.environment)
            secret = wiring.credentials().find(name)
        _refuse_lost_authorities(mail)
        if session.args.connect:
            wiring.mail_server(session.settings).probe()
    except Refused as refused:
        return MailChecked(mail, secret, refused)
    return MailChecked(mail, secret, reached=session.args.connect)


def _refuse_lost_authorities(mail: MailSettings) -> None:
    if mail.certificates and not Path(mail.certificates).is_file():
        raise Refused("file-not-found", path=mail.certificates)


def mail_lines(session: Session, checked: MailChecked) -> list[str]:
    text, mail = session.wording.text, checked.settings
    encryption = text(f"command.config.mail.encryption.{mail.encryption}")
    facts = [
        (text("command.config.mail.from"), inert(mail.sender)),
        (text("command.config.mail.since"), mail.start.isoformat()),
        (text("command.config.mail.language"), mail.language),
    ]
    if mail.user:
        facts.append((text("command.config.mail.user"), inert(mail.user)))
    if checked.secret is not None:
        facts.append(secret(session.wording, "password", checked.secret))
    if checked.reached:
        facts.append(let_in(session.wording))
    server = f"{mail.host}:{mail.port}"
    head = text("command.config.mail.server", server=inert(server), encryption=encryption)
    return told(session.wording, head, facts, checked.refused)


def mail_json(session: Session, checked: MailChecked) -> dict[str, Any]:
    mail = checked.settings
    return {
        "host": mail.host,
        "port": mail.port,
        "encryption": mail.encryption,
        "from": mail.sender,
        "start": mail.start.isoformat(),
        "language": mail.language,
        "user": mail.user or None,
        "secret": checked.secret.source if checked.secret else None,
        "ok": checked.is_right,
        "problem": refusal_json(session.wording, checked.refused) if checked.refused else None,
        "connection": "ok" if checked.reached else None,
    }
