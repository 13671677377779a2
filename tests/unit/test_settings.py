"""The settings file: what it may say, and how its mistakes are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend_client.domain.caller import Role
from backend_client.domain.kinds import FeeKind, PaymentMethod
from backend_client.domain.policy import AllocationOrder, Policy, Reason
from backend_client.domain.refund import Method
from backend_client.provider_settings import ProviderSettings
from backend_client.settings import House, Settings, load_settings
from tests.unit.refusing import refused

EVERYTHING = """
[house]
site = "0042"
name = "Palais"
currency = "CHF"
zone = "Europe/Zurich"
environment = "test"

[desk]
name = "3"
operator = "A. Rochat"
channel = "internet"
language = "en"
theme = "light"
scan_prefix = "\\u0002"
lock_after_minutes = 15

[operators]
"A. Rochat" = "cashier"
"B. Keller" = "supervisor"
"C. Admin" = "admin"

[policy]
collected_refundable = true
cut_off_minutes = 30
closed_channels = ["resale"]
kept_fee_kinds = ["shipment", "insurance"]
methods = ["matched", "requested"]
cash_for_card = true
allocation_order = "pro_rata"
free_reasons = false
limit_minor = 50000

[[policy.reasons]]
code = "rain"
label = "Rain"
breach_fee_minor = 200

[[policy.change_reasons]]
code = "boss"
label = "Manager's decision"

[[policy.retry_reasons]]
code = "new-card"
label = "A new card of the same account"

[keys]
commit = "ctrl+y"

[providers.worldline]
dialect = "worldline"
merchant = "Palais"
endpoint = "http://127.0.0.1:8701"
payments = ["Worldline", "ogone", ""]
methods = ["card", "gift_card"]
channels = ["internet"]
bank_references = true
rate_per_second = 5
look_up = false
max_age_days = 365
max_refunds_per_payment = 20
arrival_days = [3, 7]

[providers.stripe-eu]
dialect = "stripe"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_everything_is_plain() -> None:
    assert load_settings(None) == Settings()


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "")) == Settings()


def test_a_file_can_say_everything(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, EVERYTHING)) == Settings(
        house=House("0042", "Palais", "CHF", "Europe/Zurich", "test"),
        policy=Policy(
            collected_refundable=True,
            cut_off_minutes=30,
            closed_channels=frozenset({"resale"}),
            kept_fee_kinds=frozenset({FeeKind.SHIPMENT, FeeKind.INSURANCE}),
            methods=frozenset({Method.MATCHED, Method.REQUESTED}),
            cash_for_card=True,
            allocation_order=AllocationOrder.PRO_RATA,
            reasons=(Reason("rain", "Rain", 200),),
            change_reasons=(Reason("boss", "Manager's decision"),),
            retry_reasons=(Reason("new-card", "A new card of the same account"),),
            free_reasons=False,
            limit_minor=50_000,
        ),
        operators={
            "A. Rochat": Role.CASHIER,
            "B. Keller": Role.SUPERVISOR,
            "C. Admin": Role.ADMIN,
        },
        operator="A. Rochat",
        desk="3",
        channel="internet",
        language="en",
        theme="light",
        scan_prefix="\x02",
        lock_after_minutes=15,
        keymap={"commit": "ctrl+y"},
        providers=(
            ProviderSettings(
                "worldline",
                "worldline",
                merchant="Palais",
                endpoint="http://127.0.0.1:8701",
                payments=frozenset({"worldline", "ogone", ""}),
                methods=frozenset({PaymentMethod.CARD, PaymentMethod.GIFT_CARD}),
                channels=frozenset({"internet"}),
                bank_references=True,
                rate_per_second=5,
                look_up=False,
                max_age_days=365,
                max_refunds_per_payment=20,
                arrival_days=(3, 7),
            ),
            ProviderSettings("stripe-eu", "stripe", payments=frozenset({"stripe-eu"})),
        ),
    )


def test_the_policy_of_a_file_has_its_own_version(tmp_path: Path) -> None:
    policy = load_settings(written(tmp_path, EVERYTHING)).policy
    assert policy.version != Policy().version


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[house]\ncurrency = 5", "house.currency"),
        ('[house]\ncurrency = "XYZ"', "house.currency"),
        ('[house]\ncurrency = "chf"', "house.currency"),
        ('[house]\nzone = "Mars/Base"', "house.zone"),
        ('[house]\nzone = "../etc/passwd"', "house.zone"),
        ('[house]\nenvironment = "prod"', "house.environment"),
        ('[house]\nname = ""', "house.name"),
        ('[house]\nname = "\\u001b[31m"', "house.name"),
        ('[house]\ncolour = "red"', "house.colour"),
        ('house = "Palais"', "house"),
        ('[hous]\nname = "Palais"', "hous"),
        ('[desk]\nname = "  "', "desk.name"),
        ("[desk]\nscan_prefix = 30", "desk.scan_prefix"),
        ("[desk]\nlock_after_minutes = 0", "desk.lock_after_minutes"),
        ("[desk]\nlock_after_minutes = 61", "desk.lock_after_minutes"),
        ('[operators]\nweb = "client"', "operators.web"),
        ('[operators]\n"A" = "boss"', "operators.A"),
        ('[operators]\n"" = "cashier"', "operators"),
        ('[operators]\n"\\u202e" = "cashier"', "operators"),
        ("[policy]\ncut_off_minutes = -1", "policy.cut_off_minutes"),
        ("[policy]\ncut_off_minutes = 1.5", "policy.cut_off_minutes"),
        ("[policy]\ncut_off_minutes = true", "policy.cut_off_minutes"),
        ("[policy]\ncut_off_minutes = 9007199254740992", "policy.cut_off_minutes"),
        (
            '[[policy.reasons]]\ncode = "a"\nlabel = "A 1"\nbreach_fee_minor = 500\n'
            '[[policy.reasons]]\ncode = "b"\nlabel = "A"',
            "policy.reasons",
        ),
        ("[policy]\nlimit_minor = 9007199254740993", "policy.limit_minor"),
        ('[policy]\nlimit_minor = "500"', "policy.limit_minor"),
        ('[policy]\ncash_for_card = "no"', "policy.cash_for_card"),
        ('[policy]\nmethods = ["gold"]', "policy.methods"),
        ("[policy]\nmethods = [1]", "policy.methods"),
        ('[policy]\nkept_fee_kinds = "shipment"', "policy.kept_fee_kinds"),
        ("[policy]\nclosed_channels = [1]", "policy.closed_channels"),
        ('[policy]\nallocation_order = "random"', "policy.allocation_order"),
        ('[policy]\nreasons = ["rain"]', "policy.reasons"),
        (
            '[[policy.retry_reasons]]\ncode = "a"\nlabel = "A"\nbreach_fee_minor = 1',
            "breach_fee_minor",
        ),
        ('[[policy.change_reasons]]\ncode = "a"', "policy.change_reasons"),
        ('[[policy.reasons]]\nlabel = "Rain"', "policy.reasons[0].code"),
        ('[[policy.reasons]]\ncode = "a"\nlabel = "A"\nfee = 1', "policy.reasons[0].fee"),
        ("[policy]\nlimit = 5", "policy.limit"),
        ("[keys]\ncommit = 9", "keys.commit"),
        ('[providers.X]\ndialect = "stripe"', "providers"),
        ("[providers.x]", "providers.x.dialect"),
        ('[providers.x]\ndialect = "adyen"', "providers.x.dialect"),
        ('[providers.x]\ndialect = "worldline"', "providers.x.merchant"),
        ('[providers.x]\ndialect = "stripe"\nmerchant = "Palais"', "providers.x.merchant"),
        ('[providers.x]\ndialect = "stripe"\nsecret = "sk_test_1"', "providers.x.secret"),
        ('[providers.x]\ndialect = "stripe"\npayments = "x"', "providers.x.payments"),
        ('[providers.x]\ndialect = "stripe"\npayments = [1]', "providers.x.payments"),
        ('[providers.x]\ndialect = "stripe"\npayments = ["Terminal"]', "providers.x.payments"),
        ('[providers.x]\ndialect = "stripe"\nmethods = ["gold"]', "providers.x.methods"),
        ('[providers.x]\ndialect = "stripe"\nrate_per_second = 0', "providers.x.rate_per_second"),
        ('[providers.x]\ndialect = "stripe"\nrate_per_second = 9999', "rate_per_second"),
        ('[providers.x]\ndialect = "stripe"\narrival_days = [3]', "providers.x.arrival_days"),
        ('[providers.x]\ndialect = "stripe"\narrival_days = [7, 3]', "providers.x.arrival_days"),
        ('[providers.x]\ndialect = "stripe"\narrival_days = [1.5, 3]', "arrival_days"),
        ("[house", "TOML"),
    ],
)
def test_a_mistake_names_file_and_field(tmp_path: Path, text: str, place: str) -> None:
    path = written(tmp_path, text)
    with refused("config-invalid") as caught:
        load_settings(path)
    assert str(path) in caught.value.message
    assert place in caught.value.details["detail"]


@pytest.mark.parametrize("prefix", ["a", "4", "é", " ", "\\n", "\\u001b", "%", "*", "~~"])
def test_a_scanner_is_not_told_by_what_people_type(tmp_path: Path, prefix: str) -> None:
    with refused("config-invalid") as caught:
        load_settings(written(tmp_path, f'[desk]\nscan_prefix = "{prefix}"'))
    assert "desk.scan_prefix must be" in caught.value.details["detail"]


@pytest.mark.parametrize("prefix", ["", "~", "\\u0002", "\\u001e"])
def test_a_scanner_is_told_by_a_mark_or_a_control_character(tmp_path: Path, prefix: str) -> None:
    assert (
        len(load_settings(written(tmp_path, f'[desk]\nscan_prefix = "{prefix}"')).scan_prefix) < 2
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[desk]\noperator = "{}"', "desk.operator"),
        ('[desk]\nname = "{}"', "desk.name"),
        ('[desk]\nchannel = "{}"', "desk.channel"),
        ('[house]\nname = "{}"', "house.name"),
        ('[operators]\n"{}" = "cashier"', "operators."),
        ('[operators]\nA = "{}"', "operators.A"),
        ('[keys]\ncommit = "{}"', "keys.commit"),
        ('["{}"]\nx = 1', ""),
        ('[policy]\nclosed_channels = ["internet", "{}"]', "policy.closed_channels[1]"),
        ('[[policy.reasons]]\ncode = "a"\nlabel = "for {}"', "policy.reasons[0].label"),
        ('[providers.x]\nmerchant = "{}"', "providers.x.merchant"),
        ('[mail]\nhost = "{}"', "mail.host"),
        ('[connect]\nurl = "{}"', "connect.url"),
    ],
)
@pytest.mark.parametrize(
    "card",
    ["4111111111111111", "4111 1111 1111 1111", "%B4111111111111111^DAVIS/BETTE^30121010000?"],
)
def test_a_card_number_anywhere_is_refused_and_not_told(
    tmp_path: Path, text: str, place: str, card: str
) -> None:
    with refused("config-invalid") as caught:
        load_settings(written(tmp_path, text.format(card)))
    told = caught.value.details["detail"]
    assert told.startswith(place)
    assert told.endswith("must not hold a full card number")
    assert "1111111" not in caught.value.message.replace(" ", "")
    assert "DAVIS" not in caught.value.message


@pytest.mark.parametrize("text", ['["{0}"]\n["{0}"]', '"{0}" = 1\n"{0}" = 2', "[{0}\n"])
def test_a_card_number_in_what_is_no_toml_is_not_told(tmp_path: Path, text: str) -> None:
    with refused("config-invalid") as caught:
        load_settings(written(tmp_path, text.format("4111111111111111")))
    assert "not TOML" in caught.value.message
    assert "4111111111" not in caught.value.message


def test_a_role_that_people_have_not_is_answered_with_those_they_have(tmp_path: Path) -> None:
    with refused("config-invalid") as caught:
        load_settings(written(tmp_path, '[operators]\n"A" = "boss"'))
    assert caught.value.details["detail"].endswith("one of admin, cashier, supervisor")


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    with refused("config-invalid") as refusal:
        load_settings(Path("/dev/zero"))
    assert "longer than" in refusal.value.details["detail"]


def test_a_file_nested_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("deep = " + "[" * 100_000, encoding="utf-8")
    with refused("config-invalid") as refusal:
        load_settings(path)
    assert refusal.value.details["path"] == str(path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe[house]")
    with refused("config-invalid"):
        load_settings(path)
    with refused("config-invalid"):
        load_settings(tmp_path)


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with refused("file-not-found"):
        load_settings(tmp_path / "nowhere.toml")


def test_the_settings_in_the_readme_are_right(tmp_path: Path) -> None:
    readme = Path(__file__).parent.parent.parent / "README.md"
    examples = re.findall(r"```toml\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) >= 2
    loaded = [load_settings(written(tmp_path, example)) for example in examples]
    assert ["worldline", "stripe"] in [[one.name for one in each.providers] for each in loaded]
