"""From configuration to providers: what fits is built, what mixes test and live is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.booking import Payment
from backend_client.domain.kinds import PaymentMethod
from backend_client.provider_settings import ProviderSettings
from backend_client.providers.configured import ConfiguredProviders, arrange
from backend_client.providers.credentials import Credentials
from backend_client.providers.port import AnswerClass, RefundOrder
from backend_client.settings import House, Settings
from tests import programs
from tests.clocks import SteppingClock
from tests.unit.refusing import refused

WORLDLINE = ProviderSettings(
    "worldline", "worldline", merchant="Palais", payments=frozenset({"worldline", "ogone"})
)
STRIPE = ProviderSettings("stripe", "stripe", payments=frozenset({"stripe"}))
PRACTICE = ProviderSettings("own", "practice", payments=frozenset({"own", ""}))
LOOPBACK = "http://127.0.0.1:8701"
SECRETS = {
    "worldline.test.key-id": "test-key-id",
    "worldline.test.secret": "test-secret",
    "worldline.live.key-id": "live-key-id",
    "worldline.live.secret": "live-secret",
    "stripe.test.secret": "sk_test_0123456789",
    "stripe.live.secret": "rk_live_0123456789",
}


def credentials(secrets: Mapping[str, str] = SECRETS) -> Credentials:
    return Credentials(Path("/nowhere"), environ={}, keyring=secrets.get)


@pytest.mark.parametrize(
    ("settings", "environment", "address"),
    [
        (WORLDLINE, "test", "https://payment.preprod.direct.worldline-solutions.com"),
        (WORLDLINE, "live", "https://payment.direct.worldline-solutions.com"),
        (STRIPE, "test", "https://api.stripe.com"),
        (STRIPE, "live", "https://api.stripe.com"),
        (replace(WORLDLINE, endpoint=f"{LOOPBACK}/"), "test", LOOPBACK),
        (replace(WORLDLINE, endpoint=LOOPBACK), "practice", LOOPBACK),
        (replace(STRIPE, endpoint=LOOPBACK), "practice", LOOPBACK),
        (
            replace(WORLDLINE, endpoint="https://payment.direct.worldline-solutions.com"),
            "live",
            "https://payment.direct.worldline-solutions.com",
        ),
    ],
)
def test_the_address_is_the_environment_s_own(
    settings: ProviderSettings, environment: str, address: str
) -> None:
    assert arrange(settings, environment, credentials()).address == address


@pytest.mark.parametrize(
    ("settings", "environment"),
    [
        (replace(WORLDLINE, endpoint="https://payment.direct.worldline-solutions.com"), "test"),
        (
            replace(WORLDLINE, endpoint="https://payment.preprod.direct.worldline-solutions.com"),
            "live",
        ),
        (replace(WORLDLINE, endpoint=LOOPBACK), "live"),
        (replace(STRIPE, endpoint="https://localhost"), "live"),
        (replace(STRIPE, endpoint="https://api.stripe.com"), "practice"),
        (replace(STRIPE, endpoint="https://api.stripe.com.example.org"), "live"),
        (replace(STRIPE, endpoint="https://127.0.0.1.example.org"), "practice"),
        (PRACTICE, "test"),
        (PRACTICE, "live"),
    ],
)
def test_another_address_is_a_mix(settings: ProviderSettings, environment: str) -> None:
    with refused("environment-mixed") as caught:
        arrange(settings, environment, credentials())
    assert settings.name in caught.value.message


@pytest.mark.parametrize(
    ("environment", "key"),
    [("live", "sk_test_0123456789"), ("test", "sk_live_0123456789"), ("test", "rk_live_01234")],
)
def test_a_key_of_the_other_mode_is_a_mix(environment: str, key: str) -> None:
    with refused("environment-mixed") as caught:
        arrange(STRIPE, environment, credentials({f"stripe.{environment}.secret": key}))
    assert key not in str(caught.value)


@pytest.mark.parametrize("key", ["pk_test_0123456789", "whsec_0123456789", "test-secret"])
def test_a_key_that_is_no_secret_key_is_told(key: str) -> None:
    with refused("provider-misconfigured") as caught:
        arrange(STRIPE, "test", credentials({"stripe.test.secret": key}))
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "endpoint",
    ["localhost:8701", "ftp://127.0.0.1", "http://127.0.0.1/x", "http://[::1", "http://a@[::1]"],
)
def test_an_endpoint_that_is_no_address_is_told(endpoint: str) -> None:
    with refused("provider-misconfigured"):
        arrange(replace(STRIPE, endpoint=endpoint), "practice", credentials())


def test_a_real_host_is_never_spoken_to_without_tls() -> None:
    with refused("provider-misconfigured"):
        arrange(replace(STRIPE, endpoint="http://api.stripe.com"), "test", credentials())


def test_practice_must_say_where_and_has_no_secrets() -> None:
    with refused("provider-misconfigured"):
        arrange(STRIPE, "practice", credentials())
    arranged = arrange(replace(STRIPE, endpoint=LOOPBACK), "practice", credentials({}))
    assert [found.source for found in arranged.secrets.values()] == ["practice"]


def test_a_secret_of_the_other_environment_does_not_do() -> None:
    only_live = {name: key for name, key in SECRETS.items() if ".live." in name}
    with refused("secret-missing"):
        arrange(WORLDLINE, "test", credentials(only_live))


def test_the_books_know_test_from_live() -> None:
    assert arrange(WORLDLINE, "live", credentials()).name == "worldline"
    assert arrange(WORLDLINE, "test", credentials()).name == "worldline-test"


def test_what_a_house_says_of_its_contract_counts() -> None:
    own = replace(
        STRIPE,
        look_up=False,
        max_age_days=180,
        max_refunds_per_payment=20,
        arrival_days=(2, 4),
    )
    able = arrange(own, "test", credentials()).capabilities
    assert (able.look_up, able.max_age_days, able.max_refunds_per_payment) == (False, 180, 20)
    assert (able.arrival_days_from, able.arrival_days_to) == (2, 4)
    plain = arrange(STRIPE, "test", credentials()).capabilities
    assert (plain.partial, plain.look_up, plain.max_age_days) == (True, True, None)
    assert (plain.arrival_days_from, plain.arrival_days_to) == (5, 10)


def house(environment: str, *providers: ProviderSettings) -> Settings:
    return Settings(house=House(environment=environment), providers=providers)


def opened(settings: Settings, secrets: Mapping[str, str] = SECRETS) -> ConfiguredProviders:
    return ConfiguredProviders(
        settings, credentials(secrets), SteppingClock(), practice_ledger=":memory:"
    )


def paid(provider: str, reference: str, method: PaymentMethod = PaymentMethod.CARD) -> Payment:
    return Payment(1, "1", method, 1450, 1450, provider=provider, provider_reference=reference)


@pytest.mark.parametrize(
    ("payment", "channel", "served"),
    [
        (paid("worldline", "3254564310"), "", "worldline-test"),
        (paid("Ogone", "3254564310_0"), "", "worldline-test"),
        (paid("stripe", "ch_3PabcDEF"), "", "stripe-test"),
        (paid("stripe", "pi_3PabcDEF"), "", "stripe-test"),
        (paid("worldline", "ch_3PabcDEF"), "", None),
        (paid("stripe", "3254564310"), "", None),
        (paid("stripe", "sk_live_0123"), "", None),
        (paid("worldline", ""), "", None),
        (paid("adyen", "3254564310"), "", None),
        (paid("", "3254564310"), "", None),
        (paid("terminal", "3254564310"), "", None),
        (paid("worldline", "3254564310", PaymentMethod.CASH), "", None),
        (paid("worldline", "3254564310", PaymentMethod.GIFT_CARD), "", None),
    ],
)
def test_a_payment_goes_to_the_provider_it_names_or_to_none(
    payment: Payment, channel: str, served: str | None
) -> None:
    providers = opened(house("test", WORLDLINE, STRIPE))
    assert providers.directory.environment == "test"
    assert providers.directory.provider_of(payment, channel) == served
    if served:
        provider = providers.directory.get(served)
        assert provider is not None
        assert (provider.name, provider.environment) == (served, "test")
    providers.close()


def test_channels_and_methods_narrow_and_the_first_that_fits_serves() -> None:
    internet = replace(
        WORLDLINE, name="web", channels=frozenset({"internet"}), payments=frozenset({""})
    )
    desk = replace(
        WORLDLINE,
        name="desk",
        payments=frozenset({""}),
        methods=frozenset({PaymentMethod.CARD, PaymentMethod.GIFT_CARD}),
    )
    secrets = {
        f"{name}.live.{part}": "x" * 20 for name in ("web", "desk") for part in ("key-id", "secret")
    }
    providers = opened(house("live", internet, desk), secrets)
    directory = providers.directory
    card = paid("", "3254564310")
    assert directory.provider_of(card, "internet") == "web"
    assert directory.provider_of(card, "box-office") == "desk"
    gift = paid("", "3254564310", PaymentMethod.GIFT_CARD)
    assert directory.provider_of(gift, "internet") == "desk"
    assert directory.arrival_days() == {"web": (3, 7), "desk": (3, 7)}
    assert directory.get("worldline") is None
    providers.close()


def test_a_bank_reference_names_a_payment_only_where_the_house_says_so() -> None:
    payment = Payment(1, "1", PaymentMethod.CARD, 1450, 1450, bank_reference="3254564310")
    unnamed = replace(WORLDLINE, payments=frozenset({""}))
    for by_bank, served in ((False, None), (True, "worldline-test")):
        providers = opened(house("test", replace(unnamed, bank_references=by_bank)))
        assert providers.directory.provider_of(payment) == served
        providers.close()


def test_one_that_does_not_fit_keeps_all_from_opening() -> None:
    with refused("secret-missing"):
        opened(house("test", STRIPE, WORLDLINE), {"stripe.test.secret": "sk_test_0123456789"})


def test_the_practice_provider_can_be_one_of_them() -> None:
    providers = opened(house("practice", PRACTICE))
    assert providers.directory.provider_of(paid("", "any")) == "practice"
    order = RefundOrder("key-1", "ref-1", "any", 500, "EUR", 5_000, 1)
    practice = providers.directory.get("practice")
    assert practice is not None
    assert practice.refund(order).kind is AnswerClass.FINAL
    providers.close()
    assert practice.refund(order).kind is AnswerClass.NOT_EXECUTED


@pytest.mark.parametrize("dialect", programs.DIALECTS)
def test_the_program_is_reached_as_configured(dialect: str, tmp_path: Path) -> None:
    settings = WORLDLINE if dialect == "worldline" else STRIPE
    with programs.practice_program(dialect, tmp_path / "ledger") as url:
        providers = opened(house("practice", replace(settings, endpoint=url)), {})
        name = providers.directory.provider_of(paid(dialect, "any name at all"))
        assert name == f"{dialect}-practice"
        provider = providers.directory.get(name)
        assert provider is not None
        order = RefundOrder("key-1", "ref-1", "any name at all", 500, "EUR", 5_000, 1)
        assert provider.refund(order).kind is AnswerClass.FINAL
        providers.close()
        assert provider.refund(order).kind is AnswerClass.NOT_EXECUTED
