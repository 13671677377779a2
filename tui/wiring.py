"""The composition root: which rooms stand behind the Backend protocol.

The rooms are imported inside the functions: the first screen and most answers need none of them.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.problems import Refused
from backend_client.ports import Clock, RandomTokens, SystemClock, TokenSource
from backend_client.settings import Settings
from tui.places import config_folder

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.connect_settings import ConnectSettings
    from backend_client.domain.mailing import MailRun
    from backend_client.local.intake_rows import Prepare, Prepared, ReadSource
    from backend_client.local.store import Store
    from backend_client.provider_settings import ProviderSettings
    from backend_client.providers.credentials import Credentials, Secret
    from backend_client.providers.directory import ProviderDirectory, ServiceDirectory
    from backend_client.providers.practice_program.host import PracticeHost
    from backend_client.reports import ImportReport, ImportSource
    from backend_client.server.host import Host
    from backend_client.settling.mail.smtp import SmtpServer
    from backend_client.settling.settler import Settler

PRACTICE = "practice"


def caller(settings: Settings, entrance: Entrance, tokens: TokenSource) -> Caller:
    """Who asks: the configured operator or the user of the machine, in the role configured.

    A house that lists nobody has one person, who is the supervisor too; where people are listed, a
    stranger is a cashier. A name typed in another case is the one that is listed.
    """
    operator = settings.operator or _user_of_the_machine()
    operator = _as_listed(operator, settings.operators)
    role = settings.operators.get(operator, Role.CASHIER) if settings.operators else Role.SUPERVISOR
    return Caller(operator, role, settings.desk, settings.channel, entrance, tokens.token())


def _as_listed(operator: str, listed: Collection[str]) -> str:
    """The listed spelling of this name; where two differ in case alone, each is only itself."""
    alike = [one for one in listed if one.casefold() == operator.casefold()]
    return alike[0] if len(alike) == 1 else operator


def _user_of_the_machine() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "operator"


def open_backend(
    store_url: str,
    settings: Settings,
    *,
    create: bool,
    clock: Clock | None = None,
    tokens: TokenSource | None = None,
    read_source: ReadSource | None = None,
) -> Backend:
    """The backend the settings name, with everything it needs; `create` makes a store that is not
    there.

    Blocks for as long as importing SQLAlchemy and opening the file take. Raises `Refused` with a
    store-… code.
    """
    if settings.connect is not None:
        return _connect_backend(store_url, settings, clock, tokens)
    from backend_client.local.backend import LocalBackend
    from backend_client.local.connect import place_of
    from backend_client.local.store import Store
    from backend_client.settling.deferred import DeferredSettler

    clock = clock or SystemClock()
    path = place_of(store_url).path
    if create and path is not None:
        _make_room(path)
    store = Store.open(store_url, create=create, clock=clock)
    try:
        directory, let_go = _providers(settings, path, clock)
    except BaseException:
        store.close()
        raise
    settler = DeferredSettler(lambda: _settler(store, settings, directory, clock))
    return LocalBackend(
        store,
        settings=settings,
        directory=directory,
        settle=settler.settle,
        recover=settler.recover,
        read_source=read_source or _read_file,
        clock=clock,
        tokens=tokens or RandomTokens(),
        let_go=let_go,
        driver=settler,
        load=settler.load,
        send_mail=_mailing(settings, store, clock, lambda: settler.stopped),
    )


def _connect_backend(
    store_url: str, settings: Settings, clock: Clock | None, tokens: TokenSource | None
) -> Backend:
    """The bookings are at Connect; the store keeps what was sent there, and makes itself."""
    from backend_client.connect_settings import token_name
    from backend_client.local.backend import LocalBackend
    from backend_client.local.connect import place_of
    from backend_client.local.journal import LocalJournal
    from backend_client.local.store import Store
    from backend_client.providers.directory import ServiceDirectory
    from backend_client.remote.client import ConnectClient
    from backend_client.remote.connect import ConnectBackend

    connect = settings.connect
    assert connect is not None
    clock, tokens = clock or SystemClock(), tokens or RandomTokens()
    environment = settings.house.environment
    token = credentials().find(token_name(environment)).secret
    place = place_of(store_url)
    create = place.path is None or not (place.read_only or place.path.exists())
    if create and place.path is not None:
        _make_room(place.path)
    store = Store.open(store_url, create=create, clock=clock)
    kept_here = LocalBackend(
        store,
        settings=settings,
        directory=ServiceDirectory(environment, ()),
        settle=lambda _legs: None,
        recover=lambda: 0,
        read_source=_read_file,
        clock=clock,
        tokens=tokens,
    )
    return ConnectBackend(
        connect,
        client=ConnectClient(connect, token),
        journal=LocalJournal(store),
        kept_here=kept_here,
        clock=clock,
        tokens=tokens,
    )


def probe_connect(connect: ConnectSettings, token: Secret, correlation_id: str) -> None:
    """Ask each cinema for a booking nobody has; raises `Refused` unless the token is accepted."""
    from backend_client.remote.client import ConnectClient, probe
    from backend_client.remote.looking import refusal_of

    client = ConnectClient(connect, token)
    try:
        for cinema in connect.cinemas.values():
            refused = refusal_of(probe(client, cinema.id, correlation_id), cinema, "0")
            if refused.code != "booking-not-found":
                raise refused
    finally:
        client.close()


def _settler(
    store: Store,
    settings: Settings,
    directory: ProviderDirectory | ServiceDirectory,
    clock: Clock,
) -> Settler:
    from backend_client.local.leg_store import LocalLegStore
    from backend_client.local.outbox import mail_rules
    from backend_client.settling.settler import Settler

    legs = LocalLegStore(store, mail_rules(settings))
    return Settler(legs, directory, clock, ticks=time.monotonic)


def _mailing(
    settings: Settings, store: Store, clock: Clock, stopped: Callable[[], bool]
) -> Callable[[], MailRun] | None:
    """What sends the mail that is due; None where none is configured."""
    mail, house = settings.mail, settings.house
    if mail is None:
        return None

    def send() -> MailRun:
        from backend_client.local.outbox_store import LocalOutbox
        from backend_client.settling.mail.letter import Letterhead
        from backend_client.settling.mail.mailer import Mailer

        head = Letterhead(house.name, mail.sender, house.environment, mail.reply_to)
        outbox = LocalOutbox(store)
        return Mailer(outbox, mail_server(settings), head, clock, stopped=stopped).send_due()

    return send


def mail_server(settings: Settings) -> SmtpServer:
    """The mail server of a house that has one; its password is read when it is needed."""
    from backend_client.settling.mail.smtp import SmtpServer

    assert settings.mail is not None
    environment = settings.house.environment

    def password() -> str:
        return credentials().find(mail_secret(environment)).secret.reveal()

    return SmtpServer(settings.mail, environment, password)


def pin_secret(operator: str) -> str:
    """The name of the secret that holds the PIN of an operator who works unattended."""
    return f"operator.{re.sub(r'[^A-Za-z0-9.-]+', '_', operator)}.pin"


def mail_secret(environment: str) -> str:
    return f"mail.{environment}.password"


def _make_room(path: Path) -> None:
    """The folder of a new store, for its owner alone."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused("store-read-only", store=str(path)) from error


def _providers(
    settings: Settings, store: Path | None, clock: Clock
) -> tuple[ProviderDirectory | ServiceDirectory, Callable[[], None]]:
    """Who gives money back in this house, and how to let go of them.

    Without any configured, practice has its own provider and a real house none: the practice
    provider must never seem to have moved real money.
    """
    ledger = ":memory:" if store is None else f"{store}.practice-provider"
    if settings.providers or settings.house.environment != PRACTICE:
        from backend_client.providers.configured import ConfiguredProviders

        configured = ConfiguredProviders(
            settings,
            credentials(),
            clock,
            practice_ledger=ledger,
            hosts=None if store is None else lambda one: practice_host(store, one),
        )
        return configured.directory, configured.close
    from backend_client.providers.directory import ProviderDirectory
    from backend_client.providers.practice import PracticeProvider

    provider = PracticeProvider(ledger)
    return ProviderDirectory(provider), provider.close


def practice_host(store: Path, provider: ProviderSettings) -> PracticeHost:
    """Who starts the provider to practise with beside a store, and finds it where it runs."""
    from backend_client.providers.practice_program.host import PracticeHost

    address = practice_file(store, ".address")
    command = [
        *(sys.executable, "-m", "tui", "practice-provider", "--while-input"),
        *("--dialect", provider.dialect, "--faults", provider.faults),
        *("--ledger", str(practice_file(store)), "--address-file", str(address)),
    ]
    return PracticeHost(address, command, Path(__file__).resolve().parent.parent)


def practice_file(store: Path, more: str = "") -> Path:
    """Where the program to practise with keeps its own books, and what is beside them."""
    return store.with_name(f"{store.name}.practice-program{more}")


def can_serve() -> bool:
    """Is the extra `server` installed?"""
    try:
        from backend_client.server import host  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


def connect_host(
    backend: Backend,
    tokens: TokenSource,
    *,
    host: str,
    port: int,
    report: Callable[[BaseException], object],
) -> Host:
    """The calls of Vista Connect over this backend, for the clients its store knows.

    Raises OSError where it cannot listen.
    """
    from backend_client.local.backend import LocalBackend
    from backend_client.server.connect_face import ConnectFace
    from backend_client.server.host import Host

    assert isinstance(backend, LocalBackend), "only the own store is served"
    face = ConnectFace(backend, backend.doors, tokens, report=report)
    return Host(face.app(), host, port)


def credentials() -> Credentials:
    """Where this user keeps the keys to providers: `$XDG_CONFIG_HOME/ticket-window/secrets`."""
    from backend_client.providers.credentials import Credentials

    return Credentials(config_folder() / "secrets")


def _read_file(source: ImportSource, prepare: Prepare) -> Iterator[Prepared]:
    from backend_client.importing.reader import read

    return read(source, prepare)


def recognise(path: str) -> str:
    """The format of a file of bookings, `connect` or `native`."""
    from backend_client.importing.recognise import recognise

    return recognise(path)


def booking_schema() -> dict[str, Any]:
    """The JSON Schema of one line of a native file."""
    from backend_client.importing.native import booking_schema

    return booking_schema()


def awkward_cases() -> tuple[tuple[str, str], ...]:
    """Every awkward booking of the practice venue by its id, and what it shows."""
    from backend_client.importing.practice_awkward import awkward_cases as cases

    return cases()


def build_practice_venue(
    store_url: str,
    settings: Settings,
    *,
    bookings: int,
    seed: int,
    clock: Clock,
    tokens: TokenSource,
    progress: Callable[[int], None],
) -> ImportReport:
    """A store full of made-up bookings; they go the way of every import."""
    from backend_client.importing.practice_venue import practice_bookings
    from backend_client.reports import ImportSource

    house = settings.house
    source = ImportSource(PRACTICE, PRACTICE, house.site, house.currency, house.zone)
    builder = Caller(PRACTICE, Role.ADMIN, "", "", Entrance.COMMAND_LINE, tokens.token())
    backend = open_backend(
        store_url,
        settings,
        create=True,
        clock=clock,
        tokens=tokens,
        read_source=lambda _, prepare: map(prepare, practice_bookings(bookings, seed, clock.now())),
    )
    try:
        return backend.import_bookings(builder, source, progress)
    finally:
        backend.close()
