"""The outbox against a real mail server: every answer, cut lines, encryption, logins, crashes."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import trustme

from backend_client.domain.mail import MailState
from backend_client.domain.mailing import MailRun, MailToSend
from backend_client.domain.plan import Part
from backend_client.domain.refund import LegState, Method, RefundStatus
from backend_client.local.outbox_store import LocalOutbox
from backend_client.local.store import Store
from backend_client.mail_settings import MailSettings
from backend_client.settling.mail.letter import Letterhead
from backend_client.settling.mail.limits import MailLimits
from backend_client.settling.mail.mailer import Mailer
from backend_client.settling.mail.smtp import SmtpServer
from tests.mail_server import DROP, PASSWORD, SILENCE, USER, Post, mail_server
from tests.unit import builders
from tests.unit.local.mailing import MAIL, answer, mailing_desk, mails
from tests.unit.local.venue import Desk, counts_and_hashes, findings, opened, put
from tests.unit.refusing import refused

LIMITS = MailLimits()


@pytest.fixture
def store() -> Iterator[Store]:
    with opened() as made:
        yield made
        assert findings(made) == []


@pytest.fixture
def desk(store: Store) -> Desk:
    return mailing_desk(store)


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as made:
        yield made


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def certificates(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[Post]:
    """Offers STARTTLS for localhost and wants a login."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with mail_server(tls=context, login=True) as made:
        yield made


def plain(post: Post) -> MailSettings:
    return replace(MAIL, host="127.0.0.1", port=post.port, encryption="none", timeout_s=1)


def encrypted(post: Post, certificates: str) -> MailSettings:
    return replace(MAIL, host="localhost", port=post.port, user=USER, certificates=certificates)


def refund(desk: Desk, *, named: str = "B-1") -> str:
    """A refund that is final at once, and told."""
    put(desk.store, builders.sample_booking(), named=named)
    request = replace(
        builders.request(1, 2, 3, parts=(Part(Method.CREDIT),)), booking_id=desk_booking(desk)
    )
    return desk.backend.execute_refund(builders.caller(), desk.plan(request)).refund.number


def desk_booking(desk: Desk) -> int:
    """The booking put in last."""
    with desk.store.read() as connection:
        found = connection.exec_driver_sql("SELECT MAX(id) FROM booking").scalar_one()
    return int(found)


def mailer(
    desk: Desk, settings: MailSettings, password: Callable[[], str] = lambda: PASSWORD
) -> Mailer:
    head = Letterhead("Palais", settings.sender, "practice")
    server = SmtpServer(settings, "practice", password)
    return Mailer(LocalOutbox(desk.store), server, head, desk.clock, limits=LIMITS)


def state_of(desk: Desk) -> tuple[MailState, int, int, str]:
    (mail,) = mails(desk.store)
    return mail.state, mail.attempts, mail.unclear, mail.code


def test_a_mail_arrives_with_what_was_booked(desk: Desk, post: Post) -> None:
    number = refund(desk)
    assert mailer(desk, plain(post)).send_due() == MailRun(sent=1)
    (received,) = post.received
    assert received.sender == "office@palais.example"
    assert received.to == builders.BETTE.email
    assert received.message["Subject"] == f"[PRACTICE] Your refund {number}"
    assert "14.50 CHF" in received.text
    assert received.message_id == mails(desk.store)[0].message_id
    assert state_of(desk) == (MailState.SENT, 1, 0, "250")
    assert mailer(desk, plain(post)).send_due() == MailRun()
    assert len(post.received) == 1


def test_many_mails_go_over_one_line(desk: Desk, post: Post) -> None:
    for number in range(5):
        refund(desk, named=f"B-{number}")
    assert mailer(desk, plain(post)).send_due().sent == 5
    assert len({received.message_id for received in post.received}) == 5
    assert post.sessions == 1


def test_a_run_told_to_stop_ends_between_two_mails(desk: Desk, post: Post) -> None:
    for number in range(3):
        refund(desk, named=f"B-{number}")
    settings = plain(post)
    server = SmtpServer(settings, "practice", lambda: "")
    head = Letterhead("Palais", settings.sender, "practice")
    outbox = LocalOutbox(desk.store)
    run = Mailer(outbox, server, head, desk.clock, stopped=lambda: bool(post.received)).send_due()
    assert (run.sent, run.waiting, len(post.received)) == (1, 2, 1)
    assert mailer(desk, settings).send_due().sent == 2


def test_550_bounces_for_good_and_the_next_mail_goes(desk: Desk, post: Post) -> None:
    refund(desk)
    refund(desk, named="B-2")
    post.to_recipient.append("550 5.1.1 no such user")
    assert mailer(desk, plain(post)).send_due() == MailRun(sent=1, bounced=1)
    bounced, sent = mails(desk.store)
    assert (bounced.state, bounced.unclear, bounced.code) == (MailState.BOUNCED, 0, "550")
    assert sent.state is MailState.SENT
    desk.clock.move(days=2)
    assert mailer(desk, plain(post)).send_due() == MailRun()


@pytest.mark.parametrize("where", ["to_recipient", "to_text"])
@pytest.mark.parametrize("said", ["451 4.7.1 greylisted", "452 4.2.2 mailbox full"])
def test_451_and_452_are_tried_again_after_a_while(
    desk: Desk, post: Post, where: str, said: str
) -> None:
    refund(desk)
    getattr(post, where).append(said)
    assert mailer(desk, plain(post)).send_due() == MailRun(later=1, waiting=1)
    assert state_of(desk) == (MailState.WAITING, 1, 0, said[:3])
    assert mailer(desk, plain(post)).send_due() == MailRun(waiting=1)
    desk.clock.move(minutes=5)
    assert mailer(desk, plain(post)).send_due() == MailRun(sent=1)
    assert state_of(desk) == (MailState.SENT, 2, 0, "250")
    assert len(post.received) == 1


def test_a_server_that_always_says_later_is_given_up_after_days(desk: Desk, post: Post) -> None:
    refund(desk)
    waits = []
    for attempt in range(1, 40):
        post.to_recipient.append("451 later")
        run = mailer(desk, plain(post)).send_due()
        if run.failed:
            break
        wait = LIMITS.wait(attempt)
        waits.append(wait)
        desk.clock.move(seconds=wait.total_seconds())
    assert state_of(desk)[0] is MailState.FAILED
    assert sum(waits, timedelta()) >= LIMITS.patience
    assert len(waits) >= LIMITS.tries
    assert waits[:3] == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
    assert max(waits) == LIMITS.longest_wait


def test_a_line_dropped_after_the_text_may_have_delivered(desk: Desk, post: Post) -> None:
    """The server took it each time: the customer's program shows one mail, by its one name."""
    refund(desk)
    for times in range(1, LIMITS.unclear):
        post.to_text.append(DROP)
        assert mailer(desk, plain(post)).send_due() == MailRun(unclear=1, waiting=1)
        assert state_of(desk)[:3] == (MailState.WAITING, times, times)
        desk.clock.move(hours=4)
    post.to_text.append(DROP)
    assert mailer(desk, plain(post)).send_due() == MailRun(failed=1)
    assert len(post.received) == LIMITS.unclear
    assert len({received.message_id for received in post.received}) == 1
    desk.clock.move(days=9)
    assert mailer(desk, plain(post)).send_due() == MailRun()


def test_a_line_dropped_before_the_text_delivered_nothing(desk: Desk, post: Post) -> None:
    refund(desk)
    post.to_recipient.append(DROP)
    assert mailer(desk, plain(post)).send_due() == MailRun(later=1, waiting=1)
    assert state_of(desk)[:3] == (MailState.WAITING, 1, 0)


def test_a_server_that_falls_silent_is_left_and_asked_again(desk: Desk, post: Post) -> None:
    refund(desk)
    post.to_text.append(SILENCE)
    assert mailer(desk, plain(post)).send_due() == MailRun(unclear=1, waiting=1)
    desk.clock.move(minutes=5)
    assert mailer(desk, plain(post)).send_due() == MailRun(sent=1)


def test_a_new_line_is_taken_for_the_mails_after_a_dead_one(desk: Desk, post: Post) -> None:
    for number in range(4):
        refund(desk, named=f"B-{number}")
    post.to_text.append(DROP)
    assert mailer(desk, plain(post)).send_due() == MailRun(sent=3, unclear=1, waiting=1)
    assert post.sessions == 2


def test_a_server_that_kills_every_line_is_left_alone_for_now(desk: Desk, post: Post) -> None:
    for number in range(6):
        refund(desk, named=f"B-{number}")
    post.to_text.extend([DROP] * 6)
    run = mailer(desk, plain(post)).send_due()
    assert run == MailRun(unclear=LIMITS.dead_lines, waiting=6)


def test_a_sender_the_server_will_not_have_stops_the_run(desk: Desk, post: Post) -> None:
    """It says nothing about any customer: no mail bounces, however long it lasts."""
    refund(desk)
    refund(desk, named="B-2")
    post.to_sender.append("550 you are not allowed")
    assert mailer(desk, plain(post)).send_due() == MailRun(later=1, waiting=2)
    assert mails(desk.store)[0].code == "550"


def test_starttls_and_login(desk: Desk, secure: Post, certificates: str) -> None:
    refund(desk)
    assert mailer(desk, encrypted(secure, certificates)).send_due() == MailRun(sent=1)
    assert secure.logins == [USER]
    assert secure.encrypted == [True]


def test_a_wrong_password_costs_no_mail_an_attempt(
    desk: Desk, secure: Post, certificates: str
) -> None:
    refund(desk)
    wrong = mailer(desk, encrypted(secure, certificates), lambda: "wrong horse")
    with refused("mail-login") as caught:
        wrong.send_due()
    assert "horse" not in str(caught.value.details)
    assert state_of(desk)[:3] == (MailState.WAITING, 0, 0)
    assert secure.received == []


def test_nothing_is_said_to_a_server_nobody_vouches_for(desk: Desk, secure: Post) -> None:
    refund(desk)
    with refused("mail-server") as caught:
        mailer(desk, encrypted(secure, "")).send_due()
    assert "certificate" in caught.value.details["detail"]
    assert secure.logins == []
    assert state_of(desk)[:3] == (MailState.WAITING, 0, 0)


def test_a_server_without_encryption_gets_no_password(desk: Desk, post: Post) -> None:
    refund(desk)
    with refused("mail-server"):
        mailer(desk, encrypted(post, "")).send_due()
    assert (post.logins, post.received) == ([], [])


def test_a_server_that_is_not_there(desk: Desk) -> None:
    refund(desk)
    with closing(socket.create_server(("127.0.0.1", 0))) as held:
        port = held.getsockname()[1]
    with refused("mail-server"):
        mailer(desk, replace(plain(Post()), port=port)).send_due()
    assert state_of(desk)[:3] == (MailState.WAITING, 0, 0)


def test_nothing_due_asks_no_server(desk: Desk) -> None:
    assert mailer(desk, replace(plain(Post()), port=1)).send_due() == MailRun()


def test_practice_stays_on_this_machine_whatever_its_name_says(
    desk: Desk, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the name led elsewhere: the line is cut before a word is said."""
    refund(desk)
    monkeypatch.setattr("backend_client.settling.mail.smtp._is_here", lambda _smtp: False)
    with refused("mail-server"):
        mailer(desk, plain(post)).send_due()
    assert post.sessions == 0


@pytest.mark.parametrize(
    "name",
    [
        "Bette\r\nBcc: thief@example.org",
        "Bette\nSubject: other",
        "\x1b[31mBette\x00",
        "Bette <thief@example.org>",
        '"Bette" <a@b.example>, thief@example.org',
        "Zoë \u202eevil",
        "x" * 10_000,
        "=?utf-8?q?=0ABcc:_thief=40example.org?=",
        ".",
    ],
)
def test_a_name_never_becomes_a_header_or_a_recipient(desk: Desk, post: Post, name: str) -> None:
    customer = replace(builders.BETTE, key="C-77", name=name)
    put(desk.store, replace(builders.sample_booking(), contact=customer))
    request = builders.request(1, 2, 3, parts=(Part(Method.CREDIT),))
    desk.backend.execute_refund(builders.caller(), desk.plan(request))
    assert mailer(desk, plain(post)).send_due() == MailRun(sent=1)
    (received,) = post.received
    assert received.to == builders.BETTE.email
    assert received.message["Bcc"] is None
    assert received.message.get_all("Subject") == ["[PRACTICE] Your refund R-10001"]
    (to,) = received.message["To"].addresses
    assert to.addr_spec == builders.BETTE.email
    assert "\x1b" not in received.text
    assert "\u202e" not in received.text


@pytest.mark.parametrize("said", ["550 no", "451 later", DROP])
def test_whatever_becomes_of_mail_no_refund_is_touched(desk: Desk, post: Post, said: str) -> None:
    put(desk.store, builders.sample_booking())
    plan = desk.plan(builders.request(1, 2, 3))
    made = desk.backend.execute_refund(builders.caller(), plan).refund
    answer(desk.store, made.legs[0].id, LegState.SUCCEEDED)
    before = counts_and_hashes(desk.store)
    post.to_text.append(said)
    mailer(desk, plain(post)).send_due()
    after = counts_and_hashes(desk.store)
    assert {name for name in after if after[name] != before[name]} == {"outbox"}
    assert desk.backend.refund(builders.caller(), made.number).refund.status is RefundStatus.DONE


class Died(BaseException):
    """What no handler of errors catches, as little as a kill."""


class DyingOutbox(LocalOutbox):
    def claim(self, at: datetime, until: datetime) -> MailToSend | None:
        super().claim(at, until)
        raise Died


def test_a_sender_that_dies_leaves_the_mail_to_the_next(desk: Desk, post: Post) -> None:
    """After the claim, before a word was said: the row stays, and goes once with its one name."""
    refund(desk)
    settings = plain(post)
    dying = Mailer(
        DyingOutbox(desk.store),
        SmtpServer(settings, "practice", lambda: ""),
        Letterhead("Palais", settings.sender, "practice"),
        desk.clock,
    )
    with pytest.raises(Died):
        dying.send_due()
    name = mails(desk.store)[0].message_id
    assert mailer(desk, settings).send_due() == MailRun(waiting=1)
    desk.clock.move(seconds=LIMITS.claim.total_seconds())
    assert mailer(desk, settings).send_due() == MailRun(sent=1)
    assert [received.message_id for received in post.received] == [name]
