"""`config check`: are the settings right, and the keys to providers and mail in place?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend_client.domain.problems import Refused
from backend_client.provider_settings import PRACTICE_PROGRAM, ProviderSettings
from tui import wiring
from tui.commands.config_connect import (
    ConnectChecked,
    checked_connect,
    connect_json,
    connect_lines,
)
from tui.commands.config_lines import let_in, secret, told
from tui.commands.config_mail import MailChecked, checked_mail, mail_json, mail_lines
from tui.commands.session import Session
from tui.text.columns import table
from tui.text.inert import inert
from tui.text.problems import refusal_json

if TYPE_CHECKING:
    from backend_client.providers.configured import Arranged


@dataclass(frozen=True, slots=True)
class Checked:
    """One provider of the settings: how it is arranged, or why it cannot be.

    `reached` is what a provider said that was asked, "" for "let in"; None where none was.
    """

    settings: ProviderSettings
    arranged: Arranged | None
    refused: Refused | None = None
    reached: str | None = None

    @property
    def is_right(self) -> bool:
        return self.refused is None and not self.reached


def check(session: Session) -> int:
    """0 when everything fits, 2 when something has to be mended."""
    checked = [_checked(session, settings) for settings in session.settings.providers]
    mail = checked_mail(session)
    connect = checked_connect(session)
    beside = [one for one in (mail, connect) if one is not None]
    mistakes = sum(not one.is_right for one in (*checked, *beside))
    console = session.console
    red = Refused("config-red", count=mistakes)
    if console.json:
        if mistakes:
            return console.refuse(red, beside=_json(session, checked, mail, connect))
        console.value(_json(session, checked, mail, connect))
        return 0
    console.data(_lines(session, checked))
    if mail is not None:
        console.data(("", *mail_lines(session, mail)))
    if connect is not None:
        console.data(("", *connect_lines(session, connect)))
    if mistakes:
        return console.refuse(red)
    console.say(session.wording.text("command.config.all_ok"))
    return 0


def _checked(session: Session, settings: ProviderSettings) -> Checked:
    from backend_client.providers.configured import arrange

    environment = session.settings.house.environment
    try:
        arranged = arrange(settings, environment, wiring.credentials())
    except Refused as refused:
        return Checked(settings, None, refused)
    reached = _reached(session, arranged) if session.args.connect and arranged.address else None
    return Checked(settings, arranged, reached=reached)


def _reached(session: Session, arranged: Arranged) -> str:
    from backend_client.providers.configured import build_remote

    provider = build_remote(arranged, session.clock)
    try:
        answer = provider.probe()
    finally:
        provider.close()
    return "" if answer.answered else answer.text or "?"


def _lines(session: Session, checked: list[Checked]) -> list[str]:
    text, settings = session.wording.text, session.settings
    config = str(session.config) if session.config else text("command.config.no_file")
    facts = [
        (text("command.config.file"), inert(config)),
        (text("command.config.environment"), settings.house.environment),
        (text("command.config.store"), inert(session.store_url)),
    ]
    lines = table(facts)
    if not checked and session.settings.connect is None:
        practice = settings.house.environment == wiring.PRACTICE
        none = "none_practice" if practice else "none"
        lines += ["", text(f"command.config.{none}")]
    for one in checked:
        lines += ["", *_provider_lines(session, one)]
    return lines


def _provider_lines(session: Session, one: Checked) -> list[str]:
    text, settings = session.wording.text, one.settings
    address = one.arranged.address if one.arranged else settings.endpoint
    elsewhere = "inside" if settings.dialect == wiring.PRACTICE else "unclear"
    if settings.endpoint == PRACTICE_PROGRAM:
        elsewhere = "beside"
    head = text(
        "command.config.provider",
        name=settings.name,
        dialect=settings.dialect,
        address=inert(address) or text(f"command.config.{elsewhere}"),
    )
    facts = [(text("command.config.serves"), _served(session, settings))]
    if one.arranged is not None:
        facts += _arranged_facts(session, one.arranged)
    if one.reached is not None:
        facts.append(let_in(session.wording, one.reached))
    return told(session.wording, head, facts, one.refused)


def _served(session: Session, settings: ProviderSettings) -> str:
    text = session.wording.text
    payments = sorted(name or text("command.config.unnamed") for name in settings.payments)
    return text(
        "command.config.payments",
        payments=inert(", ".join(payments)),
        methods=", ".join(text(f"payment_method.{one}") for one in sorted(settings.methods)),
        channels=inert(", ".join(sorted(settings.channels)))
        or text("command.config.every_channel"),
    )


def _arranged_facts(session: Session, arranged: Arranged) -> list[tuple[str, str]]:
    text, able = session.wording.text, arranged.capabilities
    facts = [secret(session.wording, name, found) for name, found in arranged.secrets.items()]
    rate = arranged.settings.rate_per_second
    look_up = text("command.config.able" if able.look_up else "command.config.unable")
    days = text("command.config.days", first=able.arrival_days_from, last=able.arrival_days_to)
    told = (text("command.config.gift_cards"), text("command.config.by_number"))
    gift_cards = [told] if able.unmatched else []
    return [
        *facts,
        (text("command.config.rate"), text("command.config.per_second", rate=rate)),
        (text("command.config.look_up"), look_up),
        (text("command.config.arrival"), days),
        *gift_cards,
    ]


def _json(
    session: Session,
    checked: list[Checked],
    mail: MailChecked | None,
    connect: ConnectChecked | None,
) -> dict[str, Any]:
    return {
        "config": str(session.config) if session.config else None,
        "environment": session.settings.house.environment,
        "store": session.store_url,
        "providers": [_provider_json(session, one) for one in checked],
        "mail": mail_json(session, mail) if mail else None,
        "connect": connect_json(session, connect) if connect else None,
    }


def _provider_json(session: Session, one: Checked) -> dict[str, Any]:
    settings, arranged = one.settings, one.arranged
    return {
        "name": settings.name,
        "dialect": settings.dialect,
        "payments": sorted(settings.payments),
        "methods": sorted(settings.methods),
        "channels": sorted(settings.channels),
        "ok": one.is_right,
        "problem": refusal_json(session.wording, one.refused) if one.refused else None,
        "connection": one.reached if one.reached is None else one.reached or "ok",
        "arranged": _arranged_json(arranged) if arranged else None,
    }


def _arranged_json(arranged: Arranged) -> Mapping[str, Any]:
    able = arranged.capabilities
    return {
        "name": arranged.name,
        "address": arranged.address or None,
        "secrets": {name: found.source for name, found in arranged.secrets.items()},
        "rate_per_second": arranged.settings.rate_per_second,
        "look_up": able.look_up,
        "unmatched": able.unmatched,
        "partial": able.partial,
        "max_age_days": able.max_age_days,
        "max_refunds_per_payment": able.max_refunds_per_payment,
        "arrival_days": [able.arrival_days_from, able.arrival_days_to],
    }
