"""From what a house configured to providers that work; whatever does not fit is refused here.

Test and live never mix: the address must be one of the environment's own, a key that tells its
mode must tell the right one, secrets have a name for each environment, and so has the provider in
the books, so that what was committed in one is never sent in another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlsplit

from backend_client.domain.problems import Refused
from backend_client.ports import Clock
from backend_client.provider_settings import PRACTICE_PROGRAM, ProviderSettings
from backend_client.providers import practice, stripe, worldline
from backend_client.providers.credentials import Credential, Credentials, Secret
from backend_client.providers.directory import Service, ServiceDirectory
from backend_client.providers.http_client import HttpClient, Timeouts, is_loopback
from backend_client.providers.port import LookUp, Provider, ProviderCapabilities
from backend_client.providers.practice import PracticeProvider
from backend_client.providers.practice_program.beside import ProviderBeside
from backend_client.providers.practice_program.faults import parse_faults
from backend_client.providers.practice_program.host import PracticeHost
from backend_client.providers.practice_program.keys import (
    STRIPE_KEY,
    WORLDLINE_KEY_ID,
    WORLDLINE_SECRET,
)
from backend_client.providers.token_bucket import TokenBucket
from backend_client.settings import Settings

PRACTICE, TEST, LIVE = "practice", "test", "live"
_HOSTS: Mapping[tuple[str, str], str] = {
    ("worldline", TEST): worldline.TEST_HOST,
    ("worldline", LIVE): worldline.LIVE_HOST,
    ("stripe", TEST): stripe.HOST,
    ("stripe", LIVE): stripe.HOST,
}
_SHAPES = {
    "worldline": re.compile(r"[0-9]{6,20}(_[0-9]{1,3})?"),
    "stripe": re.compile(r"(ch|py|pi)_[A-Za-z0-9_]{1,250}"),
}
_SECRETS = {"worldline": ("key-id", "secret"), "stripe": ("secret",), "practice": ()}
_PRACTICE_SECRETS = {
    ("worldline", "key-id"): WORLDLINE_KEY_ID,
    ("worldline", "secret"): WORLDLINE_SECRET,
    ("stripe", "secret"): STRIPE_KEY,
}
_STRIPE_KEYS = {TEST: ("sk_test_", "rk_test_"), LIVE: ("sk_live_", "rk_live_")}
_CAPABILITIES = {
    "worldline": worldline.CAPABILITIES,
    "stripe": stripe.CAPABILITIES,
    "practice": practice.CAPABILITIES,
}


Hosts = Callable[[ProviderSettings], PracticeHost]
"""Who starts the program of a provider to practise with."""


class Closable(Provider, Protocol):
    def close(self) -> None: ...


class Probed(Closable, Protocol):
    def probe(self) -> LookUp: ...


@dataclass(frozen=True, slots=True)
class Arranged:
    """A provider's configuration, found right: where it is and with which secrets."""

    settings: ProviderSettings
    environment: str
    name: str
    address: str
    secrets: Mapping[str, Credential]
    capabilities: ProviderCapabilities


def arrange(settings: ProviderSettings, environment: str, credentials: Credentials) -> Arranged:
    """Raises Refused: `provider-misconfigured`, `environment-mixed` or a secret-… code."""
    if settings.dialect == PRACTICE and environment != PRACTICE:
        raise _mixed(settings, environment, "it only practises")
    if settings.unmatched and not _CAPABILITIES[settings.dialect].unmatched:
        raise _wrong(settings, "it does not load gift cards by their number")
    return Arranged(
        settings,
        environment,
        name_in(settings, environment),
        _address(settings, environment),
        _secrets(settings, environment, credentials),
        _capabilities(settings),
    )


def name_in(settings: ProviderSettings, environment: str) -> str:
    """What legs and books call a provider: its own name when it is live."""
    return settings.name if environment == LIVE else f"{settings.name}-{environment}"


def build(
    arranged: Arranged,
    clock: Clock,
    *,
    practice_ledger: str,
    hosts: Hosts | None = None,
    timeouts: Timeouts | None = None,
) -> Closable:
    """The provider itself; it connects when it is first asked."""
    settings = arranged.settings
    if settings.endpoint == PRACTICE_PROGRAM:
        if hosts is None:
            raise _wrong(settings, "a practice program needs a store that is a file")
        return _beside(arranged, clock, hosts(settings), timeouts)
    if settings.dialect == PRACTICE:
        return PracticeProvider(practice_ledger, unmatched=arranged.capabilities.unmatched)
    return build_remote(arranged, clock, timeouts)


def _beside(
    arranged: Arranged, clock: Clock, host: PracticeHost, timeouts: Timeouts | None
) -> ProviderBeside:
    return ProviderBeside(
        arranged.name,
        arranged.environment,
        arranged.capabilities,
        host,
        lambda url: build_remote(replace(arranged, address=url), clock, timeouts),
    )


def build_remote(arranged: Arranged, clock: Clock, timeouts: Timeouts | None = None) -> Probed:
    settings = arranged.settings
    host = urlsplit(arranged.address).hostname or ""
    client = HttpClient(
        arranged.address,
        hosts=frozenset({host}),
        pace=TokenBucket(settings.rate_per_second),
        timeouts=timeouts,
    )
    keys = {name: found.secret for name, found in arranged.secrets.items()}
    if settings.dialect == "stripe":
        return stripe.StripeProvider(
            client,
            name=arranged.name,
            environment=arranged.environment,
            key=keys["secret"],
            capabilities=arranged.capabilities,
        )
    return worldline.WorldlineProvider(
        client,
        clock,
        name=arranged.name,
        environment=arranged.environment,
        merchant=settings.merchant or PRACTICE,
        key_id=keys["key-id"],
        secret=keys["secret"],
        capabilities=arranged.capabilities,
    )


def service(settings: ProviderSettings, provider: Provider, environment: str) -> Service:
    """Made-up payments have references of every shape."""
    return Service(
        provider,
        settings.payments,
        settings.methods,
        settings.channels,
        settings.bank_references,
        None if environment == PRACTICE else _SHAPES.get(settings.dialect),
    )


class ConfiguredProviders:
    """All providers of a house, opened together and let go of together."""

    def __init__(
        self,
        settings: Settings,
        credentials: Credentials,
        clock: Clock,
        *,
        practice_ledger: str,
        hosts: Hosts | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        environment = settings.house.environment
        plans = [arrange(one, environment, credentials) for one in settings.providers]
        self._providers = [
            build(plan, clock, practice_ledger=practice_ledger, hosts=hosts, timeouts=timeouts)
            for plan in plans
        ]
        self.directory = ServiceDirectory(
            environment,
            [
                service(plan.settings, provider, environment)
                for plan, provider in zip(plans, self._providers, strict=True)
            ],
        )

    def close(self) -> None:
        for provider in self._providers:
            provider.close()


def _address(settings: ProviderSettings, environment: str) -> str:
    if settings.dialect == PRACTICE:
        if settings.endpoint:
            raise _wrong(settings, "a practice provider in this program has no endpoint")
        return ""
    if settings.endpoint == PRACTICE_PROGRAM:
        return _no_address_yet(settings, environment)
    own = _HOSTS.get((settings.dialect, environment))
    if not settings.endpoint:
        if own is None:
            raise _wrong(settings, "practice needs the endpoint that practice-provider printed")
        return f"https://{own}"
    try:
        parts = urlsplit(settings.endpoint)
        host = parts.hostname or ""
        whole = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        host, whole = "", False
    if not (host and whole) or parts.path not in ("", "/") or parts.query or parts.username:
        raise _wrong(settings, "the endpoint is no address like https://host")
    if host != own and not (is_loopback(host) and environment != LIVE):
        raise _mixed(settings, environment, f"{host} is not its address")
    if parts.scheme != "https" and not is_loopback(host):
        raise _wrong(settings, "the endpoint must begin with https://")
    return f"{parts.scheme}://{parts.netloc}"


def _no_address_yet(settings: ProviderSettings, environment: str) -> str:
    """A program to practise with has its address when it runs."""
    if environment != PRACTICE:
        raise _mixed(settings, environment, "it only practises")
    try:
        parse_faults(settings.faults)
    except ValueError as mistake:
        raise _wrong(settings, f"faults: {mistake}") from None
    return ""


def _secrets(
    settings: ProviderSettings, environment: str, credentials: Credentials
) -> Mapping[str, Credential]:
    names = _SECRETS[settings.dialect]
    if environment == PRACTICE:
        return {
            name: Credential(Secret(_PRACTICE_SECRETS[settings.dialect, name]), PRACTICE)
            for name in names
        }
    found = {name: credentials.find(f"{settings.name}.{environment}.{name}") for name in names}
    if settings.dialect == "stripe":
        key = found["secret"].secret.reveal()
        if not key.startswith(_STRIPE_KEYS[environment]):
            other = LIVE if environment == TEST else TEST
            if key.startswith(_STRIPE_KEYS[other]):
                raise _mixed(settings, environment, f"its key is for {other}")
            raise _wrong(settings, "its key is no secret key of Stripe")
    return found


def _capabilities(settings: ProviderSettings) -> ProviderCapabilities:
    """What the provider is known for, with what the house said of its own contract."""
    known = _CAPABILITIES[settings.dialect]
    first, last = settings.arrival_days or (known.arrival_days_from, known.arrival_days_to)
    return replace(
        known,
        look_up=known.look_up and settings.look_up,
        unmatched=known.unmatched and settings.unmatched,
        max_age_days=settings.max_age_days or known.max_age_days,
        max_refunds_per_payment=settings.max_refunds_per_payment or known.max_refunds_per_payment,
        arrival_days_from=first,
        arrival_days_to=last,
    )


def _wrong(settings: ProviderSettings, detail: str) -> Refused:
    return Refused("provider-misconfigured", provider=settings.name, detail=detail)


def _mixed(settings: ProviderSettings, environment: str, detail: str) -> Refused:
    return Refused(
        "environment-mixed", provider=settings.name, environment=environment, detail=detail
    )
