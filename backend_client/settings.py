"""What a house configures, read from one TOML file into plain values (no pydantic: first paint)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from backend_client.domain.caller import Role
from backend_client.domain.kinds import FeeKind, PaymentMethod
from backend_client.domain.money import exponent
from backend_client.domain.policy import AllocationOrder, Policy, Reason
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.texts import clean_text
from backend_client.mail_settings import (
    ENCRYPTIONS,
    LANGUAGES,
    LARGEST_PORT,
    LONGEST_WAIT_S,
    MailSettings,
    is_this_machine,
)
from backend_client.provider_settings import (
    DIALECTS,
    FASTEST,
    PRACTICE_PROGRAM,
    PROVIDER_NAME,
    ProviderSettings,
)

LONGEST_NAME = 100
LARGEST_WHOLE = 2**53
LONGEST_CUT_OFF_MINUTES = 366 * 24 * 60
ENVIRONMENTS = ("practice", "test", "live")

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class House:
    """Where we are; `environment` (practice, test, live) is on screen at all times."""

    site: str = "0001"
    name: str = "Box office"
    currency: str = "EUR"
    zone: str = "UTC"
    environment: str = "practice"


@dataclass(frozen=True, slots=True)
class Settings:
    house: House = field(default_factory=House)
    policy: Policy = field(default_factory=Policy)
    operators: Mapping[str, Role] = field(default_factory=dict)
    operator: str = ""
    desk: str = "1"
    channel: str = "box-office"
    language: str = "en"
    theme: str = "dark"
    scan_prefix: str = "\x1e"
    keymap: Mapping[str, str] = field(default_factory=dict)
    providers: tuple[ProviderSettings, ...] = ()
    mail: MailSettings | None = None


def load_settings(path: Path | None) -> Settings:
    """The settings in the TOML file at `path`, or what holds without one.

    Raises Refused: `file-not-found`, or `config-invalid` naming the file and the field. An unknown
    field is refused too: a misspelt limit must not become no limit.
    """
    if path is None:
        return Settings()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return _settings(_Table(data))
    except FileNotFoundError:
        raise Refused("file-not-found", path=str(path)) from None
    except OSError as error:
        raise _invalid(path, f"it cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise _invalid(path, "it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise _invalid(path, f"it is not TOML ({error})") from None
    except RecursionError:
        raise _invalid(path, "it is nested too deeply") from None
    except _Mistake as mistake:
        raise _invalid(path, str(mistake)) from None


def _invalid(path: Path, detail: str) -> Refused:
    return Refused("config-invalid", path=str(path), detail=detail)


class _Mistake(Exception):
    """A field and what is wrong with it."""


class _Table:
    """A TOML table that is emptied field by field; what is left at the end is a misspelling."""

    def __init__(self, data: Mapping[str, Any], where: str = "") -> None:
        self._left = dict(data)
        self._where = where

    def place(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def take(self, name: str, kind: type[T], default: T, words: str) -> T:
        value = self._left.pop(name, default)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise _Mistake(f"{self.place(name)} must be {words}")
        return value

    def yes(self, name: str, default: bool) -> bool:
        return self.take(name, bool, default, "true or false")

    def text(self, name: str, default: str) -> str:
        """One line of plain text, not empty."""
        value = self.take(name, str, default, "text")
        if value != default and (not value.strip() or value != clean_text(value, LONGEST_NAME)):
            raise _Mistake(f"{self.place(name)} must be plain text on one line")
        return value

    def whole(self, name: str, default: int) -> int:
        value = self.take(name, int, default, "a whole number")
        if not 0 <= value <= LARGEST_WHOLE:
            raise _Mistake(f"{self.place(name)} must be a whole number from 0 to 2^53")
        return value

    def limit(self, name: str) -> int | None:
        return self.whole(name, 0) if name in self._left else None

    def one(self, name: str, kind: type[E], default: E) -> E:
        return self._member(kind, self.take(name, str, default.value, "text"), name)

    def some(self, name: str, kind: type[E], default: frozenset[E]) -> frozenset[E]:
        values = self.take(name, list, sorted(default), "a list")
        return frozenset(self._member(kind, value, name) for value in values)

    def _member(self, kind: type[E], value: object, name: str) -> E:
        try:
            return kind(str(value))
        except ValueError:
            known = ", ".join(sorted(kind))
            raise _Mistake(f"{self.place(name)} must be one of {known}") from None

    def texts(self, name: str) -> frozenset[str]:
        values = self.take(name, list, [], "a list of texts")
        if not all(isinstance(value, str) for value in values):
            raise _Mistake(f"{self.place(name)} must be a list of texts")
        return frozenset(values)

    def table(self, name: str) -> _Table:
        return _Table(self.take(name, dict, {}, "a table"), self.place(name))

    def tables(self, name: str) -> list[_Table] | None:
        if name not in self._left:
            return None
        rows = self.take(name, list, [], "a list of tables")
        if not all(isinstance(row, dict) for row in rows):
            raise _Mistake(f"{self.place(name)} must be a list of tables")
        return [_Table(row, f"{self.place(name)}[{index}]") for index, row in enumerate(rows)]

    def names(self) -> tuple[str, ...]:
        return tuple(self._left)

    def end(self) -> None:
        for name in self._left:
            raise _Mistake(f"{self.place(name)} is not a setting")


def _settings(root: _Table) -> Settings:
    plain = Settings()
    desk = root.table("desk")
    settings = Settings(
        house=_house(root.table("house")),
        policy=_policy(root.table("policy")),
        operators=_operators(root.table("operators")),
        operator=desk.text("operator", plain.operator),
        desk=desk.text("name", plain.desk),
        channel=desk.text("channel", plain.channel),
        language=desk.text("language", plain.language),
        theme=desk.text("theme", plain.theme),
        scan_prefix=desk.take("scan_prefix", str, plain.scan_prefix, "text"),
        keymap=_keys(root.table("keys")),
        providers=_providers(root.table("providers")),
        mail=_mail(root.table("mail")) if "mail" in root.names() else None,
    )
    desk.end()
    root.end()
    _refuse_real_mail_in_practice(settings)
    return settings


def _house(table: _Table) -> House:
    plain = House()
    house = House(
        site=table.text("site", plain.site),
        name=table.text("name", plain.name),
        currency=table.text("currency", plain.currency),
        zone=table.text("zone", plain.zone),
        environment=table.text("environment", plain.environment),
    )
    table.end()
    if not known_currency(house.currency):
        raise _Mistake(f"{table.place('currency')} must be a currency code like CHF")
    if not known_zone(house.zone):
        raise _Mistake(f"{table.place('zone')} must be a time zone like Europe/Zurich")
    if house.environment not in ENVIRONMENTS:
        known = ", ".join(ENVIRONMENTS)
        raise _Mistake(f"{table.place('environment')} must be one of {known}")
    return house


def known_currency(currency: str) -> bool:
    """Is this a currency whose minor unit we know?"""
    try:
        exponent(currency)
    except (Refused, ValueError):
        return False
    return True


def known_zone(zone: str) -> bool:
    """Is this a time zone of the IANA table?"""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        return False
    return True


def _operators(table: _Table) -> Mapping[str, Role]:
    operators: dict[str, Role] = {}
    for name in table.names():
        if not name.strip() or name != clean_text(name, LONGEST_NAME):
            raise _Mistake("operators: a name must be plain text on one line")
        operators[name] = table.one(name, Role, Role.CASHIER)
    return operators


def _keys(table: _Table) -> Mapping[str, str]:
    return {name: table.text(name, "") for name in table.names()}


def _providers(table: _Table) -> tuple[ProviderSettings, ...]:
    providers = []
    for name in table.names():
        if not PROVIDER_NAME.fullmatch(name):
            raise _Mistake("providers: a name is small letters, digits and hyphens")
        providers.append(_provider(name, table.table(name)))
    return tuple(providers)


def _provider(name: str, table: _Table) -> ProviderSettings:
    dialect = table.text("dialect", "")
    if dialect not in DIALECTS:
        raise _Mistake(f"{table.place('dialect')} must be one of {', '.join(DIALECTS)}")
    plain = ProviderSettings(name, dialect)
    payments = table.texts("payments") or {name}
    provider = ProviderSettings(
        name,
        dialect,
        merchant=table.text("merchant", ""),
        endpoint=table.text("endpoint", ""),
        payments=frozenset(payment.casefold() for payment in payments),
        methods=table.some("methods", PaymentMethod, plain.methods),
        channels=table.texts("channels"),
        bank_references=table.yes("bank_references", plain.bank_references),
        rate_per_second=table.whole("rate_per_second", plain.rate_per_second),
        look_up=table.yes("look_up", plain.look_up),
        unmatched=table.yes("unmatched", plain.unmatched),
        max_age_days=table.limit("max_age_days"),
        max_refunds_per_payment=table.limit("max_refunds_per_payment"),
        arrival_days=_days(table),
        faults=table.text("faults", ""),
    )
    table.end()
    if not 1 <= provider.rate_per_second <= FASTEST:
        raise _Mistake(f"{table.place('rate_per_second')} must be from 1 to {FASTEST}")
    named = bool(provider.merchant) or provider.endpoint == PRACTICE_PROGRAM
    if (dialect == "worldline" and not named) or (dialect != "worldline" and provider.merchant):
        raise _Mistake(f"{table.place('merchant')} is for worldline, and worldline needs it")
    if provider.faults and provider.endpoint != PRACTICE_PROGRAM:
        raise _Mistake(f"{table.place('faults')} is for the endpoint {PRACTICE_PROGRAM}")
    if provider.payments & {"terminal"}:
        raise _Mistake(f"{table.place('payments')}: a terminal at the desk is no provider")
    return provider


def _mail(table: _Table) -> MailSettings:
    from backend_client.domain.mail import usable_address  # 10 ms no window needs to start

    start = table.take("start", date, None, "a date like 2026-11-22")
    if start is None or isinstance(start, datetime):
        raise _Mistake(f"{table.place('start')} must be a date like 2026-11-22")
    mail = MailSettings(
        start=start,
        sender=usable_address(table.text("from", "")),
        host=table.text("host", ""),
        port=table.whole("port", 587),
        encryption=table.text("encryption", "starttls"),
        user=table.text("user", ""),
        reply_to=usable_address(reply_to := table.text("reply_to", "")),
        language=table.text("language", "en"),
        certificates=table.text("certificates", ""),
        timeout_s=table.whole("timeout_s", 60),
    )
    table.end()
    here = is_this_machine(mail.host)
    wrong = {
        "from": "must be one plain address" if not mail.sender else "",
        "reply_to": "must be one plain address" if reply_to and not mail.reply_to else "",
        "host": "must name the mail server" if not mail.host else "",
        "port": f"must be from 1 to {LARGEST_PORT}" if not 1 <= mail.port <= LARGEST_PORT else "",
        "encryption": _one_of(mail.encryption, ENCRYPTIONS),
        "language": _one_of(mail.language, LANGUAGES),
        "timeout_s": f"must be from 1 to {LONGEST_WAIT_S}"
        if not 1 <= mail.timeout_s <= LONGEST_WAIT_S
        else "",
        "user": "needs encryption" if mail.user and mail.encryption == "none" else "",
    }
    if mail.encryption == "none" and not here:
        wrong["encryption"] = "may be none on this machine alone"
    for name, why in wrong.items():
        if why:
            raise _Mistake(f"{table.place(name)} {why}")
    return mail


def _one_of(value: str, known: tuple[str, ...]) -> str:
    return "" if value in known else f"must be one of {', '.join(known)}"


def _refuse_real_mail_in_practice(settings: Settings) -> None:
    """Made-up refunds must never reach a customer."""
    mail = settings.mail
    if mail and settings.house.environment == "practice" and not is_this_machine(mail.host):
        raise _Mistake("mail.host must be this machine in practice")


def _days(table: _Table) -> tuple[int, int] | None:
    """From and to how many working days."""
    days = table.take("arrival_days", list, [], "a list")
    if not days:
        return None
    if len(days) != 2 or not all(type(day) is int and 0 <= day <= 99 for day in days):
        raise _Mistake(f"{table.place('arrival_days')} must be two numbers of days")
    if days[0] > days[1]:
        raise _Mistake(f"{table.place('arrival_days')} must not go backwards")
    return days[0], days[1]


def _policy(table: _Table) -> Policy:
    plain = Policy()
    reasons = table.tables("reasons")
    policy = Policy(
        collected_refundable=table.yes("collected_refundable", plain.collected_refundable),
        cut_off_minutes=table.whole("cut_off_minutes", plain.cut_off_minutes),
        closed_channels=table.texts("closed_channels"),
        kept_fee_kinds=table.some("kept_fee_kinds", FeeKind, plain.kept_fee_kinds),
        methods=table.some("methods", Method, plain.methods),
        cash_for_card=table.yes("cash_for_card", plain.cash_for_card),
        allocation_order=table.one("allocation_order", AllocationOrder, plain.allocation_order),
        reasons=plain.reasons if reasons is None else tuple(map(_reason, reasons)),
        free_reasons=table.yes("free_reasons", plain.free_reasons),
        limit_minor=table.limit("limit_minor"),
    )
    table.end()
    if policy.cut_off_minutes > LONGEST_CUT_OFF_MINUTES:
        raise _Mistake(f"{table.place('cut_off_minutes')} must be at most a year")
    named = ({one.code.casefold(), one.label.casefold()} for one in policy.reasons)
    names = [name for both in named for name in both]
    if len(names) != len(set(names)):
        raise _Mistake(f"{table.place('reasons')} must not share a code or label")
    return policy


def _reason(table: _Table) -> Reason:
    reason = Reason(
        code=table.text("code", ""),
        label=table.text("label", ""),
        breach_fee_minor=table.whole("breach_fee_minor", 0),
    )
    table.end()
    if not reason.code or not reason.label:
        raise _Mistake(f"{table.place('code')} and its label must be given")
    return reason
