"""What drives beside a window: its rounds, its mail, and its end."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from backend_client.answers import Capabilities
from backend_client.domain.driving import DriveReport
from backend_client.domain.mailing import MailRun
from backend_client.domain.problems import Refused
from backend_client.domain.settlement import LeaseRow
from tests.beat import Beat
from tests.functional.scripted import ScriptedBackend
from tests.unit.builders import NOW, caller
from tui.driving import EVERY_S, FIRST_S, MAIL_RESTS, Driving

T = TypeVar("T")

BUSY = DriveReport(held_by=LeaseRow("other", "desk 2, process 7", NOW))


class Backend(ScriptedBackend):
    """Answers rounds as it is told to, else with nothing done."""

    def __init__(self, *, mails: bool = False) -> None:
        super().__init__(())
        self.mails = mails
        self.reports: deque[DriveReport | Exception] = deque()
        self.mail_runs: deque[MailRun | Exception] = deque()
        self.log: list[str] = []
        self.going_on = threading.Event()

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), sends_mail=self.mails)

    def settle(self, caller: Any, *, patient: bool = False) -> DriveReport:
        assert patient, "what is not due yet is left alone"
        self.log.append("settle")
        return _next(self.reports, DriveReport())

    def stop_settling(self) -> None:
        self.log.append("stop")
        self.going_on.set()

    def send_mail(self, caller: Any) -> MailRun:
        self.log.append("mail")
        return _next(self.mail_runs, MailRun())


def _next(answers: deque[T | Exception], otherwise: T) -> T:
    answer = answers.popleft() if answers else otherwise
    if isinstance(answer, Exception):
        raise answer
    return answer


class Desk:
    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.timer = Beat()
        self.settled: list[DriveReport | Refused] = []
        self.mailed: list[MailRun | Refused] = []
        self._mailed = threading.Semaphore(0)
        self.driving = Driving(
            backend,
            caller(),
            settled=self.settled.append,
            mailed=self._take_mail,
            timer=self.timer,
        )

    def _take_mail(self, result: MailRun | Refused) -> None:
        self.mailed.append(result)
        self._mailed.release()

    def mail(self) -> MailRun | Refused:
        """The result of the next mail round."""
        self._mailed.acquire()
        mail = self.driving._mail
        assert mail is not None
        if mail is not threading.current_thread():
            mail.join()
        return self.mailed[-1]


@contextmanager
def open_desk(backend: Backend) -> Iterator[Desk]:
    desk = Desk(backend)
    desk.driving.start()
    try:
        yield desk
    finally:
        desk.driving.end()


def test_the_first_round_waits_and_the_others_come_in_time() -> None:
    with open_desk(Backend()) as desk:
        desk.timer.beat()
        desk.timer.beat()
    assert desk.timer.asked == [FIRST_S, EVERY_S, EVERY_S]
    assert desk.settled == [DriveReport(), DriveReport()]
    assert desk.backend.log == ["settle", "settle", "stop"]


def test_trouble_is_told_and_the_next_round_tries_again() -> None:
    backend = Backend()
    backend.reports.extend([Refused("store-locked", store="s", seconds=5), ValueError("a secret")])
    with open_desk(backend) as desk:
        for _ in range(3):
            desk.timer.beat()
    first, second, third = desk.settled
    assert isinstance(first, Refused)
    assert first.code == "store-locked"
    assert isinstance(second, Refused)
    assert (second.code, dict(second.details)) == ("internal", {"detail": "ValueError"})
    assert third == DriveReport()


def test_who_drives_sends_the_mail_and_nobody_else() -> None:
    backend = Backend(mails=True)
    backend.reports.append(BUSY)
    backend.mail_runs.append(MailRun(sent=1))
    with open_desk(backend) as desk:
        desk.timer.beat()
        assert backend.log == ["settle"]
        desk.timer.beat()
        assert desk.mail() == MailRun(sent=1)
    assert desk.settled[0] == BUSY


def test_a_house_without_mail_sends_none() -> None:
    with open_desk(Backend()) as desk:
        desk.timer.beat()
    assert "mail" not in desk.backend.log


def test_a_mail_server_that_refused_us_is_left_alone_for_a_while() -> None:
    backend = Backend(mails=True)
    backend.mail_runs.append(Refused("mail-login", host="smtp", detail="535"))
    with open_desk(backend) as desk:
        desk.timer.beat()
        refused = desk.mail()
        assert isinstance(refused, Refused)
        for _ in range(MAIL_RESTS - 1):
            desk.timer.beat()
        assert backend.log.count("mail") == 1
        desk.timer.beat()
        assert desk.mail() == MailRun()


def test_mail_that_takes_its_time_holds_no_payment_up() -> None:
    backend = Backend(mails=True)
    begun = threading.Event()

    def slow(_caller: Any) -> MailRun:
        begun.set()
        assert backend.going_on.wait()
        return MailRun()

    backend.send_mail = slow  # type: ignore[method-assign,assignment]
    with open_desk(backend) as desk:
        desk.timer.beat()
        assert begun.wait()
        desk.timer.beat()
        assert backend.log == ["settle", "settle"]
        assert desk.mailed == []
    assert desk.mailed == [MailRun()], "the end waits for what is under way"


def test_the_end_stops_a_round_under_way_and_waits_for_it() -> None:
    backend = Backend()
    begun = threading.Event()

    def long(_caller: Any, *, patient: bool = False) -> DriveReport:
        begun.set()
        assert backend.going_on.wait()
        return DriveReport(stopped=True)

    backend.settle = long  # type: ignore[method-assign,assignment]
    desk = Desk(backend)
    desk.driving.start()
    with desk.timer._changed:
        desk.timer._beats += 1
        desk.timer._changed.notify_all()
    assert begun.wait()
    desk.driving.end()
    assert desk.settled == [DriveReport(stopped=True)]
    assert not desk.driving._rounds.is_alive()
