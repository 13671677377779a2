"""What a house configures, read from one TOML file into plain values (no pydantic: first paint).

What is said of providers, mail and Connect is read by rooms of their own, loaded where it is said.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from backend_client.domain.caller import PEOPLE, Role
from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.kinds import FeeKind
from backend_client.domain.policy import AllocationOrder, Policy, Reason
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.texts import clean_text
from backend_client.house_settings import House, read_house
from backend_client.settings_table import LONGEST_NAME, Mistake, Table, refuse_cards

if TYPE_CHECKING:
    from backend_client.connect_settings import ConnectSettings
    from backend_client.mail_settings import MailSettings
    from backend_client.provider_settings import ProviderSettings

__all__ = ["House", "RunSettings", "Settings", "load_settings"]

LONGEST_FILE = 1_000_000
LONGEST_CUT_OFF_MINUTES = 366 * 24 * 60
LONGEST_VALID_MINUTES = 24 * 60
LONGEST_IDLE_MINUTES = 60
_TYPED = frozenset(" \t\r\n\x1b\x7f*%;")
"""What people press, and what the track of a card begins with."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Mass runs: a simulation is valid for `expires_minutes`; unattended runs go live only below
    both ceilings, 0 allows none; a run that moves more than `four_eyes_minor` needs the approval of
    another supervisor, 0 says every run. Amounts are in the house's currency."""

    expires_minutes: int = 30
    unattended_items: int = 0
    unattended_minor: int = 0
    four_eyes_minor: int | None = None


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
    lock_after_minutes: int = 5
    keymap: Mapping[str, str] = field(default_factory=dict)
    providers: tuple[ProviderSettings, ...] = ()
    mail: MailSettings | None = None
    runs: RunSettings = field(default_factory=RunSettings)
    connect: ConnectSettings | None = None
    """The Vista Connect system this window works with, instead of bookings of its own store."""

    def __post_init__(self) -> None:
        """The policy's amounts are in the house's currency, which is said once."""
        object.__setattr__(self, "policy", replace(self.policy, currency=self.house.currency))


def load_settings(path: Path | None) -> Settings:
    """The settings in the TOML file at `path`, or what holds without one.

    Raises Refused: `file-not-found`, or `config-invalid` naming the file and the field. An unknown
    field is refused too: a misspelt limit must not become no limit.
    """
    if path is None:
        return Settings()
    try:
        data = tomllib.loads(_text_of(path))
        refuse_cards(data)
        return _settings(Table(data))
    except FileNotFoundError:
        raise Refused("file-not-found", path=str(path)) from None
    except OSError as error:
        raise _invalid(path, f"it cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise _invalid(path, "it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        said = mask_card_numbers(clean_text(str(error), LONGEST_NAME))
        raise _invalid(path, f"it is not TOML ({said})") from None
    except RecursionError:
        raise _invalid(path, "it is nested too deeply") from None
    except Mistake as mistake:
        raise _invalid(path, str(mistake)) from None


def _text_of(path: Path) -> str:
    with path.open("rb") as file:
        read = file.read(LONGEST_FILE + 1)
    if len(read) > LONGEST_FILE:
        raise Mistake("it is longer than a megabyte")
    return read.decode("utf-8")


def _invalid(path: Path, detail: str) -> Refused:
    return Refused("config-invalid", path=str(path), detail=detail)


def _settings(root: Table) -> Settings:
    plain = Settings()
    desk = root.table("desk")
    house = read_house(root.table("house"))
    settings = Settings(
        house=house,
        policy=_policy(root.table("policy")),
        operators=_operators(root.table("operators")),
        operator=desk.text("operator", plain.operator),
        desk=desk.text("name", plain.desk),
        channel=desk.text("channel", plain.channel),
        language=desk.text("language", plain.language),
        theme=desk.text("theme", plain.theme),
        scan_prefix=_scan_prefix(desk, plain.scan_prefix),
        lock_after_minutes=_lock_after(desk, plain.lock_after_minutes),
        keymap=_keys(root.table("keys")),
        providers=_providers(root.table("providers")),
        mail=_mail(root),
        runs=_runs(root.table("runs")),
        connect=_connect(root, house),
    )
    desk.end()
    root.end()
    _refuse_real_mail_in_practice(settings)
    return settings


def _lock_after(desk: Table, plain: int) -> int:
    minutes = desk.whole("lock_after_minutes", plain)
    if not 1 <= minutes <= LONGEST_IDLE_MINUTES:
        place = desk.place("lock_after_minutes")
        raise Mistake(f"{place} must be from 1 to {LONGEST_IDLE_MINUTES}")
    return minutes


def _scan_prefix(desk: Table, plain: str) -> str:
    """What a scanner sends first; empty for none. A letter would be taken out of every name that is
    typed, and the keys of the window are not a scanner's."""
    prefix = desk.take("scan_prefix", str, plain, "text")
    if len(prefix) > 1 or prefix.isalnum() or prefix in _TYPED:
        place = desk.place("scan_prefix")
        raise Mistake(f"{place} must be one character that is no letter, digit, blank or key")
    return prefix


def _operators(table: Table) -> Mapping[str, Role]:
    operators: dict[str, Role] = {}
    for name in table.names():
        if not name.strip() or name != clean_text(name, LONGEST_NAME):
            raise Mistake("operators: a name must be plain text on one line")
        role = table.take(name, str, "", "text")
        if role not in PEOPLE:
            raise Mistake(f"{table.place(name)} must be one of {', '.join(sorted(PEOPLE))}")
        operators[name] = Role(role)
    return operators


def _keys(table: Table) -> Mapping[str, str]:
    return {name: table.text(name, "") for name in table.names()}


def _providers(table: Table) -> tuple[ProviderSettings, ...]:
    if not table.names():
        return ()
    from backend_client.provider_settings import read_providers

    return read_providers(table)


def _mail(root: Table) -> MailSettings | None:
    if "mail" not in root.names():
        return None
    from backend_client.mail_settings import read_mail

    return read_mail(root.table("mail"))


def _connect(root: Table, house: House) -> ConnectSettings | None:
    if "connect" not in root.names():
        return None
    from backend_client.connect_settings import read_connect

    return read_connect(root.table("connect"), house)


def _runs(table: Table) -> RunSettings:
    plain = RunSettings()
    runs = RunSettings(
        expires_minutes=table.whole("expires_minutes", plain.expires_minutes),
        unattended_items=table.whole("unattended_items", plain.unattended_items),
        unattended_minor=table.whole("unattended_minor", plain.unattended_minor),
        four_eyes_minor=table.limit("four_eyes_minor"),
    )
    table.end()
    if not 1 <= runs.expires_minutes <= LONGEST_VALID_MINUTES:
        raise Mistake(f"{table.place('expires_minutes')} must be from a minute to a day")
    return runs


def _refuse_real_mail_in_practice(settings: Settings) -> None:
    """Made-up refunds must never reach a customer."""
    mail = settings.mail
    if mail is None:
        return
    from backend_client.mail_settings import is_this_machine

    if settings.house.environment == "practice" and not is_this_machine(mail.host):
        raise Mistake("mail.host must be this machine in practice")


def _policy(table: Table) -> Policy:
    plain = Policy()
    policy = Policy(
        collected_refundable=table.yes("collected_refundable", plain.collected_refundable),
        cut_off_minutes=table.whole("cut_off_minutes", plain.cut_off_minutes),
        closed_channels=table.texts("closed_channels"),
        kept_fee_kinds=table.some("kept_fee_kinds", FeeKind, plain.kept_fee_kinds),
        methods=table.some("methods", Method, plain.methods),
        cash_for_card=table.yes("cash_for_card", plain.cash_for_card),
        allocation_order=table.one("allocation_order", AllocationOrder, plain.allocation_order),
        reasons=_reasons(table, "reasons", plain.reasons, fee=True),
        change_reasons=_reasons(table, "change_reasons", plain.change_reasons),
        retry_reasons=_reasons(table, "retry_reasons", plain.retry_reasons),
        free_reasons=table.yes("free_reasons", plain.free_reasons),
        limit_minor=table.limit("limit_minor"),
        shift_limit_minor=table.limit("shift_limit_minor"),
        second_supervisor_minor=table.limit("second_supervisor_minor"),
        second_reviewer_minor=table.limit("second_reviewer_minor"),
    )
    table.end()
    if policy.cut_off_minutes > LONGEST_CUT_OFF_MINUTES:
        raise Mistake(f"{table.place('cut_off_minutes')} must be at most a year")
    return policy


def _reasons(
    table: Table, key: str, plain: tuple[Reason, ...], *, fee: bool = False
) -> tuple[Reason, ...]:
    """A list of reasons; `fee` says that one may be withheld for them."""
    given = table.tables(key)
    if given is None:
        return plain
    reasons = tuple(_reason(one, fee=fee) for one in given)
    named = ({one.code.casefold(), one.label.casefold()} for one in reasons)
    names = [name for both in named for name in both]
    if len(names) != len(set(names)):
        raise Mistake(f"{table.place(key)} must not share a code or label")
    return reasons


def _reason(table: Table, *, fee: bool) -> Reason:
    reason = Reason(
        code=table.text("code", ""),
        label=table.text("label", ""),
        breach_fee_minor=table.whole("breach_fee_minor", 0) if fee else 0,
    )
    table.end()
    if not reason.code or not reason.label:
        raise Mistake(f"{table.place('code')} and its label must be given")
    return reason
