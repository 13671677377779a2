"""What a house says of one payment service provider it uses: plain values, no secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_client.domain.kinds import PaymentMethod
from backend_client.settings_table import Mistake, Table

DIALECTS = ("worldline", "stripe", "practice")
PROVIDER_NAME = re.compile(r"[a-z][a-z0-9-]{0,23}")
FASTEST = 1000
PRACTICE_PROGRAM = "practice-program"
"""The endpoint of a provider to practise with that is started when it is first needed."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """A provider and the payments it serves; of several that fit, the one written first serves.

    `payments` are the names payments carry for it, in small letters, where "" stands for payments
    that name none; no `channels` means all. `endpoint` is only said where it is not the provider's
    own. Limits and times that are not said are those the provider is known for. `unmatched`
    switches on that gift cards are loaded by their number; only a provider that declares it can.
    `faults` are what goes wrong at a practice program.
    """

    name: str
    dialect: str
    merchant: str = ""
    endpoint: str = ""
    payments: frozenset[str] = frozenset()
    methods: frozenset[PaymentMethod] = frozenset({PaymentMethod.CARD})
    channels: frozenset[str] = frozenset()
    bank_references: bool = False
    rate_per_second: int = 20
    look_up: bool = True
    unmatched: bool = False
    max_age_days: int | None = None
    max_refunds_per_payment: int | None = None
    arrival_days: tuple[int, int] | None = None
    faults: str = ""


def read_providers(table: Table) -> tuple[ProviderSettings, ...]:
    """Every provider of the table `providers`; raises `Mistake`."""
    providers = []
    for name in table.names():
        if not PROVIDER_NAME.fullmatch(name):
            raise Mistake("providers: a name is small letters, digits and hyphens")
        providers.append(_provider(name, table.table(name)))
    return tuple(providers)


def _provider(name: str, table: Table) -> ProviderSettings:
    dialect = table.text("dialect", "")
    if dialect not in DIALECTS:
        raise Mistake(f"{table.place('dialect')} must be one of {', '.join(DIALECTS)}")
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
        raise Mistake(f"{table.place('rate_per_second')} must be from 1 to {FASTEST}")
    named = bool(provider.merchant) or provider.endpoint == PRACTICE_PROGRAM
    if (dialect == "worldline" and not named) or (dialect != "worldline" and provider.merchant):
        raise Mistake(f"{table.place('merchant')} is for worldline, and worldline needs it")
    if provider.faults and provider.endpoint != PRACTICE_PROGRAM:
        raise Mistake(f"{table.place('faults')} is for the endpoint {PRACTICE_PROGRAM}")
    if provider.payments & {"terminal"}:
        raise Mistake(f"{table.place('payments')}: a terminal at the desk is no provider")
    return provider


def _days(table: Table) -> tuple[int, int] | None:
    """From and to how many working days."""
    days = table.take("arrival_days", list, [], "a list")
    if not days:
        return None
    if len(days) != 2 or not all(type(day) is int and 0 <= day <= 99 for day in days):
        raise Mistake(f"{table.place('arrival_days')} must be two numbers of days")
    if days[0] > days[1]:
        raise Mistake(f"{table.place('arrival_days')} must not go backwards")
    return days[0], days[1]
