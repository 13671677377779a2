"""A mail server over SMTP: what each of its answers means for one mail.

`smtplib` tells 451 and 550 apart only by the code, and takes a line cut before the text like one
cut after it; here each step is taken by itself.
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from backend_client.domain.mail import usable_address
from backend_client.domain.mailing import Arrival
from backend_client.domain.problems import Refused
from backend_client.domain.texts import clean_text
from backend_client.mail_settings import MailSettings
from backend_client.settling.mail.ports import Handover

PRACTICE = "practice"
_CLOSING = 421
_NOT_LOGGED_IN = frozenset({530, 534, 535, 538})
_LONGEST_TEXT = 200
_LINE_DOT = re.compile(rb"^\.", re.MULTILINE)


class SmtpServer:
    """The mail server of the house; `password` is asked for only when it is needed."""

    def __init__(
        self, settings: MailSettings, environment: str, password: Callable[[], str]
    ) -> None:
        self._settings = settings
        self._stays_here = environment == PRACTICE or settings.encryption == "none"
        self._password = password

    def probe(self) -> None:
        """Does it let us in? Raises Refused as `line` does; nothing is sent."""
        with self.line():
            return

    @contextmanager
    def line(self) -> Iterator[SmtpLine]:
        """A line that is encrypted and logged in as the settings say; anything less is refused."""
        try:
            smtp = self._connected()
        except smtplib.SMTPAuthenticationError as error:
            raise self._unusable("mail-login", _told(error)) from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise self._unusable("mail-server", _told(error)) from None
        try:
            yield SmtpLine(smtp)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _connected(self) -> smtplib.SMTP:
        mail = self._settings
        password = self._password() if mail.user else ""
        context = ssl.create_default_context(cafile=mail.certificates or None)
        smtp = self._dialled(context)
        try:
            if self._stays_here and not _is_here(smtp):
                raise self._unusable("mail-server", "it is not this machine")
            smtp.ehlo()
            if mail.encryption == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if mail.user:
                self._log_in(smtp, password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _dialled(self, context: ssl.SSLContext) -> smtplib.SMTP:
        mail = self._settings
        if mail.encryption == "tls":
            return smtplib.SMTP_SSL(
                mail.host,
                mail.port,
                local_hostname=mail.domain,
                timeout=mail.timeout_s,
                context=context,
            )
        return smtplib.SMTP(
            mail.host, mail.port, local_hostname=mail.domain, timeout=mail.timeout_s
        )

    def _log_in(self, smtp: smtplib.SMTP, password: str) -> None:
        try:
            smtp.login(self._settings.user, password)
        except smtplib.SMTPAuthenticationError:
            raise
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as error:
            raise self._unusable("mail-login", _told(error)) from None

    def _unusable(self, code: str, detail: str) -> Refused:
        return Refused(code, host=self._settings.host, detail=detail)


class SmtpLine:
    """One connection; mails go over it one after another."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        self._alive = True

    @property
    def is_alive(self) -> bool:
        return self._alive

    def deliver(self, sender: str, to: str, message: EmailMessage) -> Handover:
        """Hand one mail to the server. Only after its text went out is a lost answer unclear."""
        if usable_address(to) != to:
            return Handover(Arrival.REFUSED, text="this is not a plain address")
        text = _LINE_DOT.sub(b"..", message.as_bytes())
        try:
            refusal = self._envelope(sender, to)
        except (smtplib.SMTPException, OSError) as error:
            self._alive = False
            return Handover(Arrival.LATER, text=_told(error))
        if refusal is not None:
            return refusal
        try:
            self._smtp.send(text + b".\r\n")
            code, answer = self._smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._alive = False
            return Handover(Arrival.UNCLEAR, text=_told(error))
        return self._judged(code, answer)

    def _envelope(self, sender: str, to: str) -> Handover | None:
        """MAIL, RCPT, DATA; None when the server waits for the text."""
        code, answer = self._smtp.mail(sender)
        if not _is_yes(code):
            self._reset(code)
            return Handover(Arrival.LATER, str(code), _words(answer), about_us=True)
        code, answer = self._smtp.rcpt(to)
        if not _is_yes(code):
            self._reset(code)
            if code in _NOT_LOGGED_IN:
                return Handover(Arrival.LATER, str(code), _words(answer), about_us=True)
            return _refusal(code, answer)
        code, answer = self._smtp.docmd("DATA")
        if code == 354:
            return None
        self._reset(code)
        return _refusal(code, answer)

    def _judged(self, code: int, answer: bytes) -> Handover:
        """What the answer to the text means; a word that is none leaves it open."""
        if _is_yes(code):
            return Handover(Arrival.DELIVERED, str(code), _words(answer))
        if 400 <= code < 600:
            self._alive = code != _CLOSING
            return _refusal(code, answer)
        self._alive = False
        return Handover(Arrival.UNCLEAR, str(code), _words(answer))

    def _reset(self, code: int) -> None:
        """Make the line ready for another mail, if it still is one."""
        if code == _CLOSING or not 400 <= code < 600:
            self._alive = False
            return
        try:
            self._alive = _is_yes(self._smtp.docmd("RSET")[0])
        except (smtplib.SMTPException, OSError):
            self._alive = False


def _refusal(code: int, answer: bytes) -> Handover:
    arrival = Arrival.REFUSED if 500 <= code < 600 else Arrival.LATER
    return Handover(arrival, str(code), _words(answer))


def _is_yes(code: int) -> bool:
    return 200 <= code < 300


def _is_here(smtp: smtplib.SMTP) -> bool:
    """Does the line really end on this machine, whatever its name says?"""
    assert smtp.sock is not None, "not connected"
    address = smtp.sock.getpeername()[0]
    return ipaddress.ip_address(address).is_loopback


def _told(error: Exception) -> str:
    """An error in the server's words or the system's, in one harmless line."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {_words(said if isinstance(said, bytes) else said.encode())}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return clean_text(f"its certificate: {error.verify_message}", _LONGEST_TEXT)
    if isinstance(error, OSError) and error.strerror:
        return clean_text(error.strerror, _LONGEST_TEXT)
    return clean_text(str(error) or type(error).__name__, _LONGEST_TEXT)


def _words(answer: bytes) -> str:
    return clean_text(answer.decode("ascii", errors="replace"), _LONGEST_TEXT)
