"""`serve`: answer the calls of other programs over this store until told to end."""

from __future__ import annotations

import ipaddress
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from backend_client.domain.money import exponent
from backend_client.domain.problems import Refused
from tui import wiring
from tui.commands.mistakes import where
from tui.commands.session import Session
from tui.commands.signals import told_to_end
from tui.driving import Driving
from tui.text.inert import inert
from tui.text.problems import refusal_text

_DECIMALS = 2

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.providers.practice_program.address import AddressFile
    from backend_client.server.host import Host


def serve(session: Session) -> int:
    """0 when told to end: calls on the wire are answered first.

    It drives, too: payments that wait are sent, and outcomes found out, by whoever has the store
    open and holds its lease.
    """
    args, say = session.args, session.wording.text
    _check(session)
    with ExitStack() as held:
        told = held.enter_context(_address_file(session)) if args.address_file else None
        backend = held.enter_context(session.backend())
        host = held.enter_context(closing(_host(session, backend)))
        held.enter_context(told_to_end(host.stop))
        driving = _driving(session, backend)
        if told is not None:
            told.write(host.url)

        def ready() -> None:
            driving.start()
            session.console.say(say("command.serve.listening", url=host.url))

        try:
            host.serve(ready)
        finally:
            driving.end()
    session.console.say(say("command.serve.ended"))
    return 0


def _check(session: Session) -> None:
    """Tokens in plain HTTP are for this machine alone, unless somebody else ends TLS before us;
    what is at a Connect system already is not served once more; its calls count in cents; and
    nobody types a PIN for what is not installed."""
    args = session.args
    if session.settings.connect is not None:
        raise session.usage("serve_connect")
    if not (args.insecure or _is_loopback(args.host)):
        raise session.usage("serve_insecure", host=inert(args.host))
    if exponent(session.settings.house.currency) != _DECIMALS:
        raise session.usage("serve_currency", currency=session.settings.house.currency)
    if not wiring.can_serve():
        raise session.usage("serve_extra")


def _is_loopback(host: str) -> bool:
    """Can only this machine reach that address?"""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address_file(session: Session) -> closing[AddressFile]:
    from backend_client.providers.practice_program.address import AddressFile, AddressTaken

    path = Path(session.args.address_file)
    try:
        return closing(AddressFile(path.absolute()))
    except AddressTaken:
        raise session.usage("serve_address_taken", path=inert(str(path))) from None
    except OSError:
        raise session.usage("address_file", path=inert(str(path))) from None


def _host(session: Session, backend: Backend) -> Host:
    args = session.args
    try:
        return wiring.connect_host(
            backend,
            session.tokens,
            host=args.host,
            port=args.port,
            report=lambda mistake: _say_mistake(session, mistake),
        )
    except OSError:
        raise session.usage("serve_port", host=inert(args.host), port=args.port) from None


def _say_mistake(session: Session, mistake: BaseException) -> None:
    refused = Refused("internal", detail=where(mistake))
    session.console.say(refusal_text(session.wording, refused).message)


def _driving(session: Session, backend: Backend) -> Driving:
    """Rounds as an open window makes them; the same trouble is said once."""
    heed = _Saying(session)
    return Driving(backend, session.caller(), settled=heed, mailed=heed)


class _Saying:
    """Says what keeps payments or mail from being sent, when it changes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._said = ""

    def __call__(self, result: object) -> None:
        if not isinstance(result, Refused):
            return
        text = refusal_text(self._session.wording, result).message
        if text != self._said:
            self._session.console.say(text)
        self._said = text
