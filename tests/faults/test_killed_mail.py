"""kill -9 around the sending of mail: the row stays, and a customer's program shows one mail."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from backend_client.domain.mail import MailState
from backend_client.local.outbox_store import LocalOutbox
from backend_client.mail_settings import MailSettings
from backend_client.settling.mail.letter import Letterhead
from backend_client.settling.mail.limits import MailLimits
from backend_client.settling.mail.mailer import Mailer
from backend_client.settling.mail.smtp import SmtpServer
from tests.clocks import START, SteppingClock
from tests.mail_server import Post, mail_server
from tests.unit.local.doctors_ward import MAILING
from tests.unit.local.mailing import mails
from tests.unit.local.venue import findings, opened, url_of

pytestmark = pytest.mark.faults

CHILD = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path

from backend_client.local.outbox_store import LocalOutbox
from tests.faults.test_killed_mail import mailer, settings_for
from tests.shop import open_shop, sale
from tests.unit.local.doctors_ward import MAILING

folder, step, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
shop = open_shop(folder, settings=MAILING)
shop.sell([sale(1, email="bette.davis@example.org")])

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class Dying(LocalOutbox):
    def claim(self, at, until):
        if step == "before the claim":
            die()
        claimed = super().claim(at, until)
        if step == "after the claim":
            die()
        return claimed

    def record(self, result, at):
        if step == "before the record":
            die()
        recorded = super().record(result, at)
        if step == "after the record":
            die()
        return recorded

if step == "inside the commit":
    write = shop.store.write
    def dying(job, *, label, run=False):
        def stepped(connection):
            result = job(connection)
            if label == "record legs":
                die()
            return result
        return write(stepped, label=label, run=run)
    shop.store.write = dying
shop.refund(1)
if step == "after the commit":
    die()
mailer(Dying(shop.store), shop.clock, settings_for(port)).send_due()
"""
STEPS = {
    "after the commit": 0,
    "before the claim": 0,
    "after the claim": 0,
    "before the record": 1,
    "after the record": 1,
}
"""How many mails had arrived when the sender died."""


def settings_for(port: int) -> MailSettings:
    assert MAILING.mail is not None
    return replace(MAILING.mail, host="127.0.0.1", port=port, encryption="none", timeout_s=20)


def mailer(outbox: LocalOutbox, clock: SteppingClock, settings: MailSettings) -> Mailer:
    head = Letterhead("Palais", settings.sender, "practice")
    return Mailer(outbox, SmtpServer(settings, "practice", lambda: ""), head, clock)


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as made:
        yield made


def killed_at(step: str, folder: Path, post: Post) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), step, str(post.port)], check=False
    )
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("step", "arrived"), STEPS.items())
def test_the_mail_goes_under_one_name_whenever_its_sender_is_killed(
    tmp_path: Path, post: Post, step: str, arrived: int
) -> None:
    killed_at(step, tmp_path, post)
    assert len(post.received) == arrived
    clock = SteppingClock(START + MailLimits().claim + timedelta(minutes=1))
    with opened(url_of(tmp_path / "store.db"), create=False) as store:
        (row,) = mails(store)
        mailer(LocalOutbox(store), clock, settings_for(post.port)).send_due()
        (after,) = mails(store)
        assert after.state is MailState.SENT
        assert after.message_id == row.message_id
        assert findings(store) == []
    assert {received.message_id for received in post.received} == {row.message_id}
    again = 1 if step == "before the record" else 0
    assert len(post.received) == 1 + again


def test_killed_inside_the_commit_there_is_neither_refund_nor_mail(
    tmp_path: Path, post: Post
) -> None:
    killed_at("inside the commit", tmp_path, post)
    with opened(url_of(tmp_path / "store.db"), create=False) as store:
        assert mails(store) == []
        assert findings(store) == []
    assert post.received == []
