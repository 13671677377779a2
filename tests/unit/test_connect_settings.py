"""The [connect] section: what it may say, and that no secret and no wrong environment gets in."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_client.connect_settings import Cinema, ConnectSettings
from backend_client.domain.refund import Method
from backend_client.settings import load_settings
from tests.unit.refusing import refused

PLAIN = """
[house]
name = "Palais"
currency = "CHF"
zone = "Europe/Zurich"
environment = "test"

[connect]
url = "https://tickets.palais.example/WSVistaWebClient"
"""
CINEMA = '\n[connect.cinemas."0001"]\n'


def loaded(folder: Path, text: str) -> ConnectSettings | None:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path).connect


def test_without_the_section_there_is_no_connect_system(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") is None


def test_what_is_not_said_is_the_houses_and_safe(tmp_path: Path) -> None:
    found = loaded(tmp_path, PLAIN + CINEMA)
    assert found is not None
    assert found.cinemas == {
        "0001": Cinema(
            "0001",
            "Palais",
            "CHF",
            "Europe/Zurich",
            kinds=frozenset({Method.MATCHED, Method.EXTERNAL}),
        )
    }
    assert (found.connect_s, found.read_s, found.headers) == (5, 90, {})
    assert (found.origin, found.prefix) == (
        "https://tickets.palais.example",
        "/WSVistaWebClient",
    )


def test_everything_is_read(tmp_path: Path) -> None:
    text = f"""{PLAIN}connect_s = 3
read_s = 60

[connect.headers]
vista-tenant = "palais"
Connect-Region-Code = "CH"
{CINEMA}name = "Palais 1"
currency = "EUR"
zone = "Europe/Paris"
kinds = ["matched", "external", "unmatched"]
external_fields = ["masked_number", "card_type"]
stored_value_types = ["SVS", "VGC"]
"""
    found = loaded(tmp_path, text)
    assert found is not None
    assert found.headers == {"vista-tenant": "palais", "Connect-Region-Code": "CH"}
    cinema = found.cinemas["0001"]
    assert (cinema.name, cinema.currency, cinema.zone) == ("Palais 1", "EUR", "Europe/Paris")
    assert cinema.kinds == {Method.MATCHED, Method.EXTERNAL, Method.UNMATCHED}
    assert cinema.external_fields == {"masked_number", "card_type"}
    assert cinema.stored_value_types == ("SVS", "VGC")


MISTAKES = [
    ("", "cinemas.0001 is missing"),
    (f'{CINEMA}kinds = ["cash"]', "kinds must be some of"),
    (f"{CINEMA}kinds = []", "kinds must be some of"),
    (f'{CINEMA}external_fields = ["cvc"]', "external_fields must be some of"),
    (f'{CINEMA}currency = "JPY"', "two decimals"),
    (f'{CINEMA}currency = "KWD"', "two decimals"),
    (f'{CINEMA}zone = "Mars"', "time zone"),
    (f"{CINEMA}stored_value_types = []", "card types"),
    (f"{CINEMA}colour = 1", "is not a setting"),
    (f"read_s = 0{CINEMA}", "read_s must be from 1"),
    (f'token = "abc"{CINEMA}', "is not a setting"),
    (f'[connect.headers]\nconnectApiToken = "abc"{CINEMA}', "looks like a secret"),
    (f'[connect.headers]\nX-Api-Key = "abc"{CINEMA}', "looks like a secret"),
    (f'[connect.headers]\nAuthorization = "Bearer abc"{CINEMA}', "looks like a secret"),
    (f'[connect.headers]\nContent-Type = "text/html"{CINEMA}', "no header that can be set"),
    (f'[connect.headers]\n"a b" = "c"{CINEMA}', "no header that can be set"),
    (f'[connect.headers]\na = "b\\r\\nc: d"{CINEMA}', "must be plain text on one line"),
    ('[connect.cinemas."../x"]', "is no id of a cinema"),
]


@pytest.mark.parametrize(("text", "why"), MISTAKES, ids=[why for _, why in MISTAKES])
def test_a_mistake_is_named(tmp_path: Path, text: str, why: str) -> None:
    with refused("config-invalid") as caught:
        loaded(tmp_path, PLAIN + text)
    assert why in caught.value.details["detail"]


@pytest.mark.parametrize(
    ("environment", "url", "why"),
    [
        ("test", "http://tickets.palais.example", "must begin with https"),
        ("test", "ftp://127.0.0.1", "must be an address"),
        ("test", "https://user@host.example", "must be an address"),
        ("test", "https://host.example/a?b=c", "must be an address"),
        ("practice", "https://tickets.palais.example", "this machine in practice"),
        ("live", "http://127.0.0.1:8080/WSVistaWebClient", "not live"),
    ],
)
def test_test_and_live_are_never_mixed(
    tmp_path: Path, environment: str, url: str, why: str
) -> None:
    text = f'[house]\nenvironment = "{environment}"\n[connect]\nurl = "{url}"\n{CINEMA}'
    with refused("config-invalid") as caught:
        loaded(tmp_path, text)
    assert why in caught.value.details["detail"]


def test_a_server_on_this_machine_is_for_practice_and_test(tmp_path: Path) -> None:
    for environment in ("practice", "test"):
        text = f'[house]\nenvironment = "{environment}"\n[connect]\nurl = "http://[::1]:80"\n'
        assert loaded(tmp_path, text + CINEMA) is not None
