"""`ticket-window outbox`: what customers were written, sent to a server on this machine."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.functional.desk import SETTINGS, Desk, booking, card, ticket
from tests.mail_server import PASSWORD, USER, Post, mail_server

VENUE = (
    booking("GOOD", [ticket(1, 1000)], [card("P-GOOD", 1000, "psp-1")]),
    booking("SLOW", [ticket(1, 1000)], [card("P-SLOW", 1000, "slow-1")]),
    booking(
        "MUTE",
        [ticket(1, 1000)],
        [card("P-MUTE", 1000, "psp-2")],
        contact={"key": "C-MUTE", "name": "No Address"},
    ),
)


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as made:
        yield made


@pytest.fixture
def venue(desk: Desk, post: Post) -> Desk:
    mailing(desk, 'encryption = "none"', port=post.port)
    assert desk.import_native(*VENUE).code == 0
    return desk


def mailing(desk: Desk, *more: str, port: int, host: str = "127.0.0.1") -> None:
    """Have the desk's house send mail."""
    lines = [
        "[mail]",
        "start = 2026-11-22",
        'from = "office@palais.example"',
        f'host = "{host}"',
        f"port = {port}",
        *more,
    ]
    desk.config.write_text(SETTINGS + "\n" + "\n".join(lines) + "\n", encoding="utf-8")


def give_back(desk: Desk, name: str) -> str:
    answer = desk("refund", name, "--all", "--reason", "goodwill", "--commit", "--json")
    return str(answer.json["refund"])


def test_a_refund_is_told_by_the_command(venue: Desk, post: Post) -> None:
    number = give_back(venue, "GOOD")
    listed = venue("outbox", "--json").json
    assert listed["totals"] == {"waiting": 1}
    (mail,) = listed["mails"]
    assert (mail["refund"], mail["kind"], mail["state"]) == (number, "refunded", "waiting")
    assert mail["amount_minor"] == 1000
    sent = venue("outbox", "--send", "--json").json
    assert sent["run"] == {
        "sent": 1,
        "later": 0,
        "unclear": 0,
        "bounced": 0,
        "failed": 0,
        "waiting": 0,
    }
    (received,) = post.received
    assert received.message_id == mail["message_id"] == sent["mails"][0]["message_id"]
    assert received.to == "bette@example.org"
    again = venue("outbox", "--send")
    assert again.code == 0
    assert "Nothing was due" in again.err
    assert "1 sent" in again.out
    assert len(post.received) == 1


def test_what_is_only_accepted_is_not_told(venue: Desk) -> None:
    give_back(venue, "SLOW")
    assert venue("outbox", "--json").json["mails"] == []


def test_who_has_no_address_is_named(venue: Desk) -> None:
    number = give_back(venue, "MUTE")
    assert venue("outbox", "--json").json["no_address"] == [number]
    assert f"No address, not told: {number}" in venue("outbox").out


def test_the_booking_tells_what_became_of_its_mail(venue: Desk, post: Post) -> None:
    number = give_back(venue, "GOOD")
    waits = venue("show", "GOOD", "--json").json["timeline"][-1]
    assert (waits["what"], waits["details"]["refund"]) == ("mail_waiting", number)
    post.to_recipient.append("550 no such user")
    venue.clock.move(minutes=1)
    venue("outbox", "--send")
    shown = venue("show", "GOOD").out
    assert f"mail to the customer bounced · {number}" in shown
    assert "no such user" in shown
    assert "mail to the customer waits" not in shown


def test_the_settings_of_mail_are_checked(desk: Desk, post: Post, tmp_path: Path) -> None:
    mailing(desk, 'encryption = "none"', port=post.port)
    told = desk("config", "check", "--json")
    assert (told.code, told.json["mail"]["ok"], told.json["mail"]["connection"]) == (0, True, None)
    assert post.sessions == 0, "nobody is asked unless that is wanted"
    assert desk("config", "check", "--connect", "--json").json["mail"]["connection"] == "ok"
    assert (post.sessions, post.received) == (1, [])
    words = desk("config", "check", "--connect").out
    assert f"mail: 127.0.0.1:{post.port}, not encrypted, on this machine alone" in words
    assert "office@palais.example" in words
    mailing(desk, 'encryption = "none"', port=1)
    assert desk("config", "check").code == 0
    away = desk("config", "check", "--connect", "--json")
    assert (away.code, away.json["mail"]["problem"]["code"]) == (2, "mail-server")
    mailing(desk, f'certificates = "{tmp_path / "lost.pem"}"', port=post.port)
    assert desk("config", "check", "--json").json["mail"]["problem"]["code"] == "file-not-found"


def test_the_secret_of_mail_must_be_its_owner_s_alone(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    mailing(desk, 'user = "office"', port=587)
    missing = desk("config", "check", "--json")
    assert (missing.code, missing.json["mail"]["problem"]["code"]) == (2, "secret-missing")
    secrets = tmp_path / "config" / "ticket-window" / "secrets"
    secrets.mkdir(parents=True)
    secret = secrets / "mail.practice.password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    assert desk("config", "check", "--json").json["mail"]["problem"]["code"] == "secret-exposed"
    secret.chmod(0o600)
    right = desk("config", "check")
    assert right.code == 0
    assert "secret password" in right.out
    assert PASSWORD not in right.out


def test_a56_no_card_number_goes_out_by_mail_or_comes_back_from_its_server(
    venue: Desk, post: Post
) -> None:
    """Pushed in wherever a mail takes words from, and by the server that refuses one."""
    canary, grouped = "4000056655665556", "4000 0566 5566 5556"
    dirty = (
        {"contact": {"key": "C-D", "name": f"Bette {grouped}", "email": "bette@example.org"}},
        {"contact": {"key": "C-D", "name": "Bette", "email": f"{canary}@example.org"}},
        {"lines": [ticket(1, 1000, description=f"Adult {canary}")]},
    )
    for more in dirty:
        lines = [ticket(1, 1000)]
        bad = {**booking("DIRTY", lines, [card("P-DIRTY", 1000, "psp-9")]), **more}
        assert venue.import_native(bad).code == 1
    reason = ("--all", "--commit", "--reason", f"goodwill {grouped}")
    assert venue("refund", "GOOD", *reason).code == 1
    number = give_back(venue, "GOOD")
    post.to_text.append(f"451 no room for {canary} now")
    assert "later" in venue("outbox", "--send").err
    venue.clock.move(hours=1)
    post.to_recipient.append(f"450 {grouped} is busy")
    listed = venue("outbox", "--send")
    assert "later" in listed.err
    shown = venue("show", "GOOD", "--json")
    words = listed.out + listed.err + shown.out + venue("audit", "export").out
    assert number in words
    venue.clock.move(hours=5)
    assert "1 sent" in venue("outbox", "--send").err
    assert post.received
    for file in venue.folder.glob("store.db*"):
        words += file.read_bytes().decode("latin-1")
    for received in post.received:
        words += received.message.as_string()
    for one in (canary, grouped, "4000-0566-5566-5556"):
        assert one not in words


def test_bounced_mail_is_listed_with_the_servers_words(venue: Desk, post: Post) -> None:
    number = give_back(venue, "GOOD")
    post.to_recipient.append("550 no such user")
    answer = venue("outbox", "--send")
    assert answer.code == 0
    assert "1 bounced" in answer.err
    row = next(line for line in answer.out.splitlines() if number in line)
    assert "bounced" in row
    assert "550 no such user" in row
    assert venue("doctor").code == 0


def test_french_is_written_to_the_french(desk: Desk, post: Post) -> None:
    mailing(desk, 'encryption = "none"', 'language = "fr"', port=post.port)
    assert desk.import_native(*VENUE).code == 0
    give_back(desk, "GOOD")
    desk("outbox", "--send")
    (received,) = post.received
    assert str(received.message["Subject"]).startswith("[EXERCICE] Votre remboursement")
    assert "10,00 CHF" in received.text


def test_settling_sends_the_mail_of_what_it_finished(venue: Desk, post: Post) -> None:
    give_back(venue, "GOOD")
    settled = venue("settle")
    assert settled.code == 0
    assert "Mail: 1 sent" in settled.err
    assert len(post.received) == 1
    assert "Mail" not in venue("settle").err


def test_settling_goes_on_without_a_mail_server(desk: Desk) -> None:
    mailing(desk, 'encryption = "none"', port=1)
    assert desk.import_native(*VENUE).code == 0
    give_back(desk, "GOOD")
    settled = desk("settle", "--json")
    assert settled.code == 0
    assert "cannot be used" in settled.err
    assert settled.json["paused"] == {}


def test_a_house_without_mail_says_so(desk: Desk) -> None:
    assert desk.import_native(*VENUE).code == 0
    give_back(desk, "GOOD")
    listed = desk("outbox")
    assert listed.code == 0
    assert "This house sends no mail" in listed.out
    refused = desk("outbox", "--send", "--json")
    assert (refused.code, refused.problem) == (2, "mail-off")


def test_a_server_that_is_away_leaves_everything_as_it_is(desk: Desk, post: Post) -> None:
    mailing(desk, 'encryption = "none"', port=1)
    assert desk.import_native(*VENUE).code == 0
    give_back(desk, "GOOD")
    refused = desk("outbox", "--send", "--json")
    assert (refused.code, refused.problem) == (5, "mail-server")
    assert desk("outbox", "--json").json["totals"] == {"waiting": 1}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this user keeps secrets."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    folder = tmp_path / "config" / "ticket-window" / "secrets"
    folder.mkdir(parents=True)
    return folder


def test_the_password_comes_from_its_own_file(desk: Desk, home: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(desk.folder / "authority.pem"))
    with mail_server(tls=context, login=True) as post:
        trusted = f'certificates = "{desk.folder / "authority.pem"}"'
        mailing(desk, f'user = "{USER}"', trusted, port=post.port, host="localhost")
        assert desk.import_native(*VENUE).code == 0
        give_back(desk, "GOOD")
        missing = desk("outbox", "--send", "--json")
        assert missing.problem == "secret-missing"
        secret = home / "mail.practice.password"
        secret.write_text(PASSWORD + "\n", encoding="ascii")
        secret.chmod(0o644)
        assert desk("outbox", "--send", "--json").problem == "secret-exposed"
        secret.chmod(0o600)
        sent = desk("outbox", "--send", "--json")
        assert sent.json["run"]["sent"] == 1
        assert PASSWORD not in sent.out + sent.err
        assert post.encrypted == [True]
