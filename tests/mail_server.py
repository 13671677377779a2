"""A mail server for tests: aiosmtpd on this machine, with answers that a test writes down."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

DROP = "drop"
"""Instead of an answer: take the mail and cut the line."""
SILENCE = "silence"
"""Instead of an answer: none, ever."""
USER, PASSWORD = "office", "correct horse"


@dataclass(slots=True)
class Received:
    sender: str
    to: str
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        return str(self.message.get_content())


@dataclass(slots=True)
class Post:
    """What came in, and what is answered next to RCPT and to the text; 250 once nothing is
    written down. `started` counts greetings."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    to_sender: deque[str] = field(default_factory=deque)
    to_recipient: deque[str] = field(default_factory=deque)
    to_text: deque[str] = field(default_factory=deque)
    sessions: int = 0
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)


class _Handler:
    def __init__(self, post: Post) -> None:
        self._post = post

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, answer: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self._post.sessions += 1
        return answer

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = _next(self._post.to_sender)
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = _next(self._post.to_recipient)
        if answer == DROP:
            _cut(server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = _next(self._post.to_text)
        if answer == SILENCE:
            await asyncio.Event().wait()
        if answer.startswith("250") or answer == DROP:
            self._take(envelope)
            self._post.encrypted.append(session.ssl is not None)
        if answer == DROP:
            _cut(server)
        return answer

    def _take(self, envelope: Envelope) -> None:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        (to,) = envelope.rcpt_tos
        self._post.received.append(Received(envelope.mail_from or "", to, message))


def _next(answers: deque[str]) -> str:
    return answers.popleft() if answers else "250 OK"


def _cut(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


@contextmanager
def mail_server(*, tls: ssl.SSLContext | None = None, login: bool = False) -> Iterator[Post]:
    """A server on a port of its own; with `tls` it offers STARTTLS, with `login` it insists."""
    post = Post()

    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        post.logins.append(data.login.decode())
        good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        return SMTP(
            _Handler(post),
            hostname="localhost",
            tls_context=tls,
            require_starttls=tls is not None,
            authenticator=check,
            auth_required=login,
            loop=loop,
        )

    server = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", 0))
    post.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, name="mail-server", daemon=True)
    thread.start()
    try:
        yield post
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Close the door and end what still talks or keeps silent."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
