"""`clients`: programs that ask over HTTP, and their tokens; for admins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from backend_client.domain.kinds import LineKind
from backend_client.domain.money import parse_minor
from backend_client.domain.scopes import EVERY_PART, Scope, ScopeWord
from tui.commands.accounts import accounts, tell_all, tell_one
from tui.text.columns import wrap
from tui.text.dates import machine
from tui.text.inert import inert
from tui.text.money import money

if TYPE_CHECKING:
    from backend_client.access import ApiClient
    from tui.commands.session import Session

USUAL_DAYS = 365
_HEADS = ("name", "token", "state", "used", "scope")


def clients(session: Session) -> int:
    """List, add and revoke; the token is printed once and never again."""
    what: str = session.args.what
    _check(session, what)
    if what == "list":
        return _list(session)
    return _add(session) if what == "add" else _revoke(session)


def _check(session: Session, what: str) -> None:
    args = session.args
    if (what == "list") == (args.name is not None):
        raise session.usage("clients_name")
    narrowing = (args.site, args.channel, args.part, args.limit, args.expires)
    if what == "add":
        if not args.scope:
            raise session.usage("clients_scope", known=", ".join(ScopeWord))
    elif args.scope or args.own or any(one for one in narrowing):
        raise session.usage("clients_add_only")


def _list(session: Session) -> int:
    with accounts(session) as backend:
        found = backend.api_clients(session.caller())
    return tell_all(session, "clients", found, _json, _row, *_HEADS)


def _add(session: Session) -> int:
    scope = _scope(session)
    with accounts(session) as backend:
        made = backend.add_api_client(session.caller(), session.args.name, scope, _expires(session))
    if session.console.json:
        session.console.value({**_json(made.client), "token": made.token})
        return 0
    session.console.data((made.token,))
    words = session.wording.text(
        "command.clients.added",
        name=inert(made.client.name),
        scope=_scope_words(session, made.client.scope),
    )
    session.console.say(*wrap(words, 80))
    return 0


def _revoke(session: Session) -> int:
    with accounts(session) as backend:
        client = backend.revoke_api_client(session.caller(), session.args.name)
    words = session.wording.text("command.clients.revoked", name=inert(client.name))
    return tell_one(session, _json(client), words)


def _scope(session: Session) -> Scope:
    args = session.args
    parts = frozenset(map(LineKind, args.part)) if args.part else EVERY_PART
    currency = session.settings.house.currency
    return Scope(
        words=frozenset(map(ScopeWord, args.scope)),
        sites=frozenset(args.site),
        channels=frozenset(args.channel),
        own_only=args.own,
        parts=parts,
        limit_minor=None if args.limit is None else parse_minor(args.limit, currency),
    )


def _expires(session: Session) -> datetime | None:
    """0 days means never."""
    days = USUAL_DAYS if session.args.expires is None else session.args.expires
    return session.clock.now() + timedelta(days=days) if days else None


def _row(session: Session, client: ApiClient) -> tuple[str, ...]:
    used = client.last_used_at
    return (
        inert(client.name),
        f"tw_{client.prefix}_…",
        _state(session, client),
        session.dates.full(used) if used else session.wording.text("command.clients.never"),
        _scope_words(session, client.scope),
    )


def _state(session: Session, client: ApiClient) -> str:
    say, until = session.wording.text, client.expires_at
    if client.revoked_at is not None:
        return say("command.clients.state.revoked")
    if until is None:
        return say("command.clients.state.active")
    ended = until <= session.clock.now()
    key = "command.clients.state.expired" if ended else "command.clients.state.until"
    return say(key, until=session.dates.full(until))


def _scope_words(session: Session, scope: Scope) -> str:
    say = session.wording.text
    words = [", ".join(sorted(scope.words))]
    if scope.sites:
        words.append(say("command.clients.scope.sites", sites=_listed(scope.sites)))
    if scope.channels:
        words.append(say("command.clients.scope.channels", channels=_listed(scope.channels)))
    if scope.own_only:
        words.append(say("command.clients.scope.own"))
    if scope.parts != EVERY_PART:
        words.append(say("command.clients.scope.parts", parts=_listed(scope.parts)))
    if scope.limit_minor is not None:
        most = money(scope.limit_minor, session.settings.house.currency)
        words.append(say("command.clients.scope.limit", limit=most))
    return "; ".join(words)


def _listed(values: frozenset[Any]) -> str:
    shown: Sequence[str] = sorted(str(one) for one in values)
    return inert(", ".join(shown))


def _json(client: ApiClient) -> dict[str, Any]:
    def instant(at: datetime | None) -> str | None:
        return machine(at) if at else None

    return {
        "name": client.name,
        "prefix": client.prefix,
        "scope": client.scope.told(),
        "made_by": client.made_by,
        "created_at": instant(client.created_at),
        "expires_at": instant(client.expires_at),
        "revoked_at": instant(client.revoked_at),
        "last_used_at": instant(client.last_used_at),
    }
