"""`limits`: what may go live by itself and what one person may give back, as admins set it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend_client.domain.house_limits import LimitName
from backend_client.domain.problems import Refused
from tui.arguments_limits import NONE
from tui.text.columns import table
from tui.text.dates import machine
from tui.text.inert import inert
from tui.text.money import money

if TYPE_CHECKING:
    from backend_client.domain.house_limits import HouseLimit
    from tui.commands.session import Session

_HEADS = ("name", "value", "since", "by", "waiting")


def limits(session: Session) -> int:
    """List them, ask for a change, or say yes to what another admin asked for."""
    what, name, value = session.args.what or "list", session.args.name, session.args.value
    needed = {"list": 0, "set": 2, "confirm": 1}[what]
    if needed != (name is not None) + (value is not None):
        raise session.usage(f"limits_{what}")
    with session.backend() as backend:
        caller = session.caller()
        if what == "list":
            return _list(session, backend.house_limits(caller))
        if what == "set":
            limit = backend.set_limit(caller, name, None if value == NONE else value)
        else:
            (seen,) = (one for one in backend.house_limits(caller) if one.name is name)
            if seen.waiting is None:
                raise Refused("limit-nothing-waits", name=name.value)
            limit = backend.confirm_limit(caller, name, seen.waiting.value)
    return _say(session, limit)


def _list(session: Session, found: tuple[HouseLimit, ...]) -> int:
    if session.console.json:
        session.console.value({"limits": [_json(one) for one in found]})
        return 0
    head = [session.wording.text(f"command.limits.head.{name}") for name in _HEADS]
    rows = [_row(session, one) for one in found]
    session.console.data(table(rows, head=head, right=frozenset({1})))
    return 0


def _say(session: Session, limit: HouseLimit) -> int:
    if session.console.json:
        session.console.value(_json(limit))
        return 0
    say, name = session.wording.text, limit.name.value
    if limit.waiting is not None:
        told = _value(session, limit.name, limit.waiting.value)
        session.console.data((say("command.limits.waits", name=name, value=told),))
    else:
        told = _value(session, limit.name, limit.value)
        key = "confirmed" if limit.confirmed_by else "alone"
        session.console.data((say(f"command.limits.{key}", name=name, value=told),))
    return 0


def _row(session: Session, limit: HouseLimit) -> tuple[str, ...]:
    say, waiting = session.wording.text, limit.waiting
    by = inert(limit.set_by) or say("command.limits.settings")
    if limit.confirmed_by:
        by = f"{by}, {inert(limit.confirmed_by)}"
    told = ""
    if waiting is not None:
        asked = _value(session, limit.name, waiting.value)
        told = say("command.limits.asked", value=asked, operator=inert(waiting.set_by))
    return (
        limit.name.value,
        _value(session, limit.name, limit.value),
        session.dates.short(limit.since) if limit.since else "",
        by,
        told,
    )


def _value(session: Session, name: LimitName, value: int | None) -> str:
    if value is None:
        return session.wording.text("command.limits.none")
    if name is LimitName.UNATTENDED_ITEMS:
        return f"{value:,}"
    return money(value, session.settings.house.currency)


def _json(limit: HouseLimit) -> dict[str, Any]:
    waiting = limit.waiting
    return {
        "name": limit.name.value,
        "value": limit.value,
        "set_by": limit.set_by,
        "confirmed_by": limit.confirmed_by,
        "since": machine(limit.since) if limit.since else None,
        "waiting": {
            "value": waiting.value,
            "set_by": waiting.set_by,
            "at": machine(waiting.at),
        }
        if waiting is not None
        else None,
    }
