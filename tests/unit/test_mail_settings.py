"""The [mail] section: what it may say, and that practice never writes to anybody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from backend_client.mail_settings import MailSettings, is_this_machine
from backend_client.settings import load_settings
from tests.unit.refusing import refused

PLAIN = """
[house]
environment = "live"

[mail]
start = 2026-11-22
from = "office@palais.example"
host = "smtp.palais.example"
"""
EVERYTHING = f"""{PLAIN}port = 465
encryption = "tls"
user = "office"
reply_to = "box@palais.example"
language = "fr"
certificates = "/etc/ssl/house.pem"
timeout_s = 30
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_the_section_no_mail_is_sent(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "")).mail is None


def test_what_is_not_said_is_safe(tmp_path: Path) -> None:
    mail = load_settings(written(tmp_path, PLAIN)).mail
    assert mail == MailSettings(date(2026, 11, 22), "office@palais.example", "smtp.palais.example")
    assert (mail.port, mail.encryption, mail.domain) == (587, "starttls", "palais.example")


def test_everything_is_read(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, EVERYTHING)).mail == MailSettings(
        start=date(2026, 11, 22),
        sender="office@palais.example",
        host="smtp.palais.example",
        port=465,
        encryption="tls",
        user="office",
        reply_to="box@palais.example",
        language="fr",
        certificates="/etc/ssl/house.pem",
        timeout_s=30,
    )


MISTAKES = [
    ("start = 2026-11-22", "", "mail.start"),
    ("start = 2026-11-22", 'start = "2026-11-22"', "mail.start"),
    ("start = 2026-11-22", "start = 2026-11-22T10:00:00", "mail.start"),
    ("office@palais.example", "nobody", "mail.from"),
    ("office@palais.example", "a@palais.example, b@palais.example", "mail.from"),
    ('host = "smtp.palais.example"', "", "mail.host"),
    ("port = 465", "port = 0", "mail.port"),
    ("port = 465", "port = 65536", "mail.port"),
    ('"tls"', '"ssl"', "mail.encryption"),
    ('"tls"', '"none"', "mail.encryption"),
    ("box@palais.example", "box", "mail.reply_to"),
    ('"fr"', '"de"', "mail.language"),
    ("timeout_s = 30", "timeout_s = 0", "mail.timeout_s"),
    ("timeout_s = 30", "timeout_s = 601", "mail.timeout_s"),
    ("timeout_s = 30", 'password = "x"', "mail.password is not a setting"),
    ('"live"', '"practice"', "mail.host must be this machine in practice"),
]


@pytest.mark.parametrize(("before", "after", "said"), MISTAKES)
def test_mistakes_are_told_by_their_field(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    assert before in EVERYTHING
    with refused("config-invalid") as caught:
        load_settings(written(tmp_path, EVERYTHING.replace(before, after)))
    assert said in caught.value.message


def test_a_password_needs_encryption_even_on_this_machine(tmp_path: Path) -> None:
    text = EVERYTHING.replace("smtp.palais.example", "localhost").replace('"tls"', '"none"')
    with refused("config-invalid") as caught:
        load_settings(written(tmp_path, text))
    assert "mail.user needs encryption" in caught.value.message


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.0.1", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("", False),
    ],
)
def test_only_names_that_can_mean_nothing_else_are_this_machine(host: str, is_here: bool) -> None:
    assert is_this_machine(host) is is_here
