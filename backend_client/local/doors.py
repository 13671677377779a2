"""Who may come into the store: asked before every call, whatever backend it is kept for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from backend_client.domain.caller import Action, Caller, Entrance, Role
from backend_client.domain.permissions import ALLOWED, may
from backend_client.domain.problems import Refused
from backend_client.local.audit import Record
from backend_client.local.turned_away import TurnedAway

if TYPE_CHECKING:
    from backend_client.access import ApiClient, NewApiClient, Operator
    from backend_client.domain.pins import Pin
    from backend_client.domain.scopes import Scope
    from backend_client.local.api_clients import ApiClients
    from backend_client.local.operators import Operators
    from backend_client.local.store import Store
    from backend_client.ports import Clock


class LocalDoors:
    """The `Doors` of one store; remembers who signed in, for as long as it is open."""

    def __init__(self, store: Store, clock: Clock, *, channel: str) -> None:
        self._store = store
        self._clock = clock
        self._channel = channel
        self._signed_in: set[str] = set()
        self._turned_away = TurnedAway(store, clock)

    @property
    def _operators(self) -> Operators:
        from backend_client.local.operators import Operators

        return Operators(self._store, self._clock)

    @property
    def _clients(self) -> ApiClients:
        from backend_client.local.api_clients import ApiClients

        return ApiClients(self._store, self._clock, channel=self._channel)

    # ------------------------------------------------------------ asked by backends

    def require(self, caller: Caller) -> None:
        if caller.role is Role.CLIENT:
            return
        still = self._operators.is_still(caller)
        if still is None or (still and caller.operator in self._signed_in):
            return
        raise Refused("sign-in-needed")

    def denied(self, caller: Caller, asked: str, refusal: Refused) -> None:
        """A limit met while looking at a plan is no news; a program may ask without end."""
        if refusal.code == "limit-exceeded" and asked.startswith("preview"):
            return
        if caller.role is Role.CLIENT:
            self._turned_away.note(caller, asked, refusal)
            return
        if self._store.read_only:
            return
        body = {"asked": asked, "code": refusal.code, "message": refusal.message}
        now = self._clock.now()
        self._store.write(
            lambda connection: self._store.audit.append(
                connection, caller, now, Record("denied", asked, body)
            ),
            label="denied",
        )

    def caller_of(self, token: str, correlation_id: str, address: str = "") -> Caller:
        try:
            known = self._clients.caller_of(token, correlation_id)
        except Refused as refusal:
            name = str(refusal.details.get("client", ""))
            who = Caller(name, Role.CLIENT, "", self._channel, Entrance.API, correlation_id)
            self._turned_away.note(who, "token", refusal, address)
            raise
        self._turned_away.look()
        return known

    def close(self) -> None:
        """Before the store is: what was counted is written down."""
        self._turned_away.close()

    # ------------------------------------------------------------ signing in

    def sign_in_needed(self) -> bool:
        return self._operators.any()

    def operator_names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self._operators.all() if not one.disabled)

    def who_may(self, caller: Caller, action: Action) -> tuple[str, ...]:
        self._people_only(caller)
        return tuple(
            one.name
            for one in self._operators.all()
            if not one.disabled and action in ALLOWED[one.role]
        )

    def sign_in(self, caller: Caller, pin: Pin) -> Caller:
        known = self._operators.sign_in(caller, pin)
        self._signed_in.add(known.operator)
        return known

    def change_pin(self, caller: Caller, old: Pin, new: Pin) -> Operator:
        may(caller, Action.CHANGE_PIN)
        return self._operators.change_pin(caller, old, new)

    # ------------------------------------------------------------ for admins

    def operators(self, caller: Caller) -> tuple[Operator, ...]:
        self._manages(caller)
        return self._operators.all()

    def add_operator(self, caller: Caller, name: str, role: Role, pin: Pin) -> Operator:
        first = not self._operators.any()
        if not first:
            self._manages(caller)
        return self._operators.add(caller, name, role, pin, first=first)

    def set_role(self, caller: Caller, name: str, role: Role) -> Operator:
        self._manages(caller)
        return self._operators.set_role(caller, name, role)

    def set_disabled(self, caller: Caller, name: str, disabled: bool) -> Operator:
        self._manages(caller)
        return self._operators.set_disabled(caller, name, disabled)

    def reset_pin(self, caller: Caller, name: str, pin: Pin) -> Operator:
        self._manages(caller)
        return self._operators.reset_pin(caller, name, pin)

    def api_clients(self, caller: Caller) -> tuple[ApiClient, ...]:
        self._manages(caller)
        return self._clients.clients()

    def add_api_client(
        self, caller: Caller, name: str, scope: Scope, expires_at: datetime | None
    ) -> NewApiClient:
        self._manages(caller)
        return self._clients.add(caller, name, scope, expires_at)

    def revoke_api_client(self, caller: Caller, name: str) -> ApiClient:
        self._manages(caller)
        return self._clients.revoke(caller, name)

    @staticmethod
    def _people_only(caller: Caller) -> None:
        """Who works here is told nobody else."""
        may(caller, Action.CHANGE_PIN)

    def _manages(self, caller: Caller) -> None:
        """While there are no operators, an admin of the settings may."""
        self.require(caller)
        may(caller, Action.MANAGE_ACCESS)
