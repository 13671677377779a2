"""`operators`: who signs in, for admins; and one's own PIN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from backend_client.domain.caller import Role
from backend_client.domain.problems import Refused
from tui.commands.accounts import accounts, tell_all, tell_one
from tui.commands.signing_in import new_pin, own_pin
from tui.text.dates import machine
from tui.text.inert import inert

if TYPE_CHECKING:
    from backend_client.access import Operator
    from backend_client.backend import Backend
    from tui.commands.session import Session

_HEADS = ("name", "role", "state", "since", "pin_set")


def operators(session: Session) -> int:
    """List, add and change operators; `pin` is for everybody."""
    what: str = session.args.what
    _check(session, what)
    if what == "list":
        return _list(session)
    return _say(session, what, _CHANGES[what](session))


def _check(session: Session, what: str) -> None:
    """The name and the role where they are needed, and nowhere else."""
    named, given = what not in ("list", "pin"), session.args.name is not None
    if named != given:
        raise session.usage("operators_name" if named else "operators_no_name", what=what)
    if (what in ("add", "role")) != (session.args.role is not None):
        raise session.usage("operators_role")


def _list(session: Session) -> int:
    with accounts(session) as backend:
        found = backend.operators(session.caller())
    return tell_all(session, "operators", found, _json, _row, *_HEADS)


def _add(session: Session) -> Operator:
    role = Role(session.args.role)
    with accounts(session) as backend:
        if role is not Role.ADMIN and not backend.sign_in_needed():
            raise Refused("first-operator-admin")  # before a PIN is asked for in vain
        pin = new_pin(session, session.args.name)
        return backend.add_operator(session.caller(), session.args.name, role, pin)


def _reset(session: Session) -> Operator:
    with accounts(session) as backend:
        pin = new_pin(session, session.args.name)
        return backend.reset_pin(session.caller(), session.args.name, pin)


def _own(session: Session) -> Operator:
    """The PIN just given to sign in is the old one: it is not asked for twice."""
    with session.backend(sign_in=False) as backend:
        knocking = session.caller()
        old = own_pin(session, knocking.operator)
        caller = backend.sign_in(knocking, old)
        return backend.change_pin(caller, old, new_pin(session, caller.operator))


def _changed(change: Callable[[Backend, Session], Operator]) -> Callable[[Session], Operator]:
    def changed(session: Session) -> Operator:
        with accounts(session) as backend:
            return change(backend, session)

    return changed


_CHANGES: Mapping[str, Callable[[Session], Operator]] = {
    "add": _add,
    "reset-pin": _reset,
    "pin": _own,
    "role": _changed(
        lambda backend, session: backend.set_role(
            session.caller(), session.args.name, Role(session.args.role)
        )
    ),
    "disable": _changed(
        lambda backend, session: backend.set_disabled(session.caller(), session.args.name, True)
    ),
    "enable": _changed(
        lambda backend, session: backend.set_disabled(session.caller(), session.args.name, False)
    ),
}


def _say(session: Session, what: str, operator: Operator) -> int:
    role = session.wording.text(f"role.{operator.role.value}")
    key = f"command.operators.done.{what}"
    words = session.wording.text(key, name=inert(operator.name), role=role)
    return tell_one(session, _json(operator), words)


def _row(session: Session, operator: Operator) -> tuple[str, ...]:
    return (
        inert(operator.name),
        session.wording.text(f"role.{operator.role.value}"),
        _state(session, operator),
        session.dates.full(operator.created_at),
        session.dates.full(operator.pin_set_at),
    )


def _state(session: Session, operator: Operator) -> str:
    say, until = session.wording.text, operator.locked_until
    if operator.disabled:
        return say("command.operators.state.disabled")
    if until is not None and session.clock.now() < until:
        return say("command.operators.state.locked", until=session.dates.short(until))
    if operator.failures:
        return say("command.operators.state.wrong", count=operator.failures)
    return say("command.operators.state.active")


def _json(operator: Operator) -> dict[str, Any]:
    until = operator.locked_until
    return {
        "name": operator.name,
        "role": operator.role.value,
        "disabled": operator.disabled,
        "failures": operator.failures,
        "locked_until": machine(until) if until else None,
        "created_at": machine(operator.created_at),
        "pin_set_at": machine(operator.pin_set_at),
    }
