"""Sends what is due in the outbox: claim, hand over, record. Whatever happens, no refund changes.

At least once, as mail is: the Message-ID never changes, and a mail that may have arrived is sent
again only so often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from backend_client.domain.mail import MailState
from backend_client.domain.mailing import Arrival, MailResult, MailRun, MailToSend
from backend_client.ports import Clock
from backend_client.settling.mail.letter import Letterhead, message_of
from backend_client.settling.mail.limits import MailLimits
from backend_client.settling.mail.ports import Handover, Line, MailServer, Outbox


class Mailer:
    """One run at a time sends all that is due; two processes never hold the same mail.

    `stopped` ends a run between two mails.
    """

    def __init__(
        self,
        outbox: Outbox,
        server: MailServer,
        head: Letterhead,
        clock: Clock,
        *,
        limits: MailLimits | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._outbox = outbox
        self._server = server
        self._head = head
        self._clock = clock
        self._limits = limits or MailLimits()
        self._stopped = stopped

    def send_due(self) -> MailRun:
        """Send until nothing is due or the server is no use.

        Raises Refused (`mail-server`, `mail-login`) before anything is claimed, so that a wrong
        password costs no mail an attempt.
        """
        counts = Counter[str]()
        dead_lines = 0
        goes_on = True
        while goes_on and dead_lines < self._limits.dead_lines:
            if self._stopped() or not self._outbox.is_due(self._clock.now()):
                break
            with self._server.line() as line:
                goes_on = self._send(line, counts)
                dead_lines = 0 if line.is_alive else dead_lines + 1
        return MailRun(
            sent=counts[MailState.SENT],
            later=counts[Arrival.LATER],
            unclear=counts[Arrival.UNCLEAR],
            bounced=counts[MailState.BOUNCED],
            failed=counts[MailState.FAILED],
            waiting=self._outbox.waiting(),
        )

    def _send(self, line: Line, counts: Counter[str]) -> bool:
        """Send over this line while it lives; False when there is no point in another."""
        while line.is_alive:
            if self._stopped():
                return False
            now = self._clock.now()
            mail = self._outbox.claim(now, now + self._limits.claim)
            if mail is None:
                return False
            if mail.unclear >= self._limits.unclear:
                handover = Handover(Arrival.UNCLEAR, text="it may have arrived; not sent again")
            else:
                message = message_of(mail, self._head)
                handover = line.deliver(self._head.sender, mail.to, message)
            result = self._result(mail, handover)
            self._outbox.record(result, self._clock.now())
            waits = result.state is MailState.WAITING
            counts[result.arrival if waits else result.state] += 1
            if handover.about_us:
                return False
        return True

    def _result(self, mail: MailToSend, handover: Handover) -> MailResult:
        state = self._state(mail, handover)
        next_try = None
        if state is MailState.WAITING:
            next_try = self._clock.now() + self._limits.wait(mail.attempts)
        return MailResult(
            mail.mail_id,
            mail.attempts,
            handover.arrival,
            state,
            next_try,
            handover.code,
            handover.text,
        )

    def _state(self, mail: MailToSend, handover: Handover) -> MailState:
        if handover.arrival is Arrival.DELIVERED:
            return MailState.SENT
        if handover.arrival is Arrival.REFUSED:
            return MailState.BOUNCED
        if handover.arrival is Arrival.UNCLEAR:
            often = mail.unclear + 1 >= self._limits.unclear
            return MailState.FAILED if often else MailState.WAITING
        age = self._clock.now() - mail.created_at
        tired = age >= self._limits.patience and mail.attempts >= self._limits.tries
        return MailState.FAILED if tired and not handover.about_us else MailState.WAITING
