"""Who may come in: signing in, the operators behind it, and the tokens of programs.

`Access` is part of every backend. `Doors` is what a backend asks about each caller; the one on the
embedded store is given to every backend that keeps its operators there, and `AccessFace` answers
for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from backend_client.domain.caller import Action, Caller, Role
    from backend_client.domain.pins import Pin
    from backend_client.domain.problems import Refused
    from backend_client.domain.scopes import Scope


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who signs in; `failures` wrong PINs in a row lock the name until `locked_until`."""

    name: str
    role: Role
    disabled: bool
    failures: int
    locked_until: datetime | None
    created_at: datetime
    pin_set_at: datetime


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A program with a token, which is shown by its `prefix`; `last_used_at` to the minute."""

    name: str
    prefix: str
    scope: Scope
    made_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class NewApiClient:
    """The one moment its token can be seen."""

    client: ApiClient
    token: str


class Access(Protocol):
    """Signing in, and who may. All but the first four are for admins and for one's own PIN."""

    def sign_in_needed(self) -> bool:
        """Does the store know operators? Until then who asks is what the settings say."""
        ...

    def operator_names(self) -> tuple[str, ...]:
        """Who can sign in."""
        ...

    def who_may(self, caller: Caller, action: Action) -> tuple[str, ...]:
        """Who can sign in and may do this: whom somebody can ask to come over."""
        ...

    def sign_in(self, caller: Caller, pin: Pin) -> Caller:
        """The caller as the operator `caller.operator` names, by their own name and role.

        Raises Refused: `sign-in-refused`, the same for a wrong PIN, somebody unknown and somebody
        disabled; `sign-in-locked` after too many wrong PINs.
        """
        ...

    def operators(self, caller: Caller) -> tuple[Operator, ...]: ...

    def add_operator(self, caller: Caller, name: str, role: Role, pin: Pin) -> Operator:
        """The first one is made by whoever has the store, and must be an admin.

        Raises Refused: `operator-known`, `first-operator-admin`, `pin-form`, `pin-trivial`.
        """
        ...

    def set_role(self, caller: Caller, name: str, role: Role) -> Operator: ...

    def set_disabled(self, caller: Caller, name: str, disabled: bool) -> Operator: ...

    def reset_pin(self, caller: Caller, name: str, pin: Pin) -> Operator:
        """A new PIN for somebody, who is not locked any more either."""
        ...

    def change_pin(self, caller: Caller, old: Pin, new: Pin) -> Operator:
        """The caller's own."""
        ...

    def api_clients(self, caller: Caller) -> tuple[ApiClient, ...]: ...

    def add_api_client(
        self, caller: Caller, name: str, scope: Scope, expires_at: datetime | None
    ) -> NewApiClient:
        """Raises Refused: `client-known`, `scope-contradicts`."""
        ...

    def revoke_api_client(self, caller: Caller, name: str) -> ApiClient: ...


class Doors(Access, Protocol):
    """What a backend asks about who asks it."""

    def require(self, caller: Caller) -> None:
        """Raise `sign-in-needed` unless this caller signed in here and still may; nothing is asked
        of anybody while there are no operators, nor of a program that came with its token."""
        ...

    def denied(self, caller: Caller, asked: str, refusal: Refused) -> None:
        """Write down that somebody was refused because of who they are."""
        ...

    def caller_of(self, token: str, correlation_id: str, address: str = "") -> Caller:
        """The program a token belongs to; that one was refused, and where it came from, is on
        record.

        Raises Refused: `token-missing`, `token-unknown`, `token-revoked`, `token-expired`.
        """
        ...


class AccessFace(ABC):
    """The methods of `Access` on a backend with doors."""

    @property
    @abstractmethod
    def doors(self) -> Doors: ...

    @abstractmethod
    def _answering(
        self, caller: Caller, asked: str, *, anybody: bool = False
    ) -> AbstractContextManager[Caller]:
        """Every answer is a value or a row of the catalogue; who was denied is on record. Only
        `anybody` may ask without having signed in."""

    def sign_in_needed(self) -> bool:
        return self.doors.sign_in_needed()

    def operator_names(self) -> tuple[str, ...]:
        return self.doors.operator_names()

    def who_may(self, caller: Caller, action: Action) -> tuple[str, ...]:
        with self._answering(caller, "who may") as known:
            return self.doors.who_may(known, action)

    def sign_in(self, caller: Caller, pin: Pin) -> Caller:
        with self._answering(caller, "sign in", anybody=True) as known:
            return self.doors.sign_in(known, pin)

    def operators(self, caller: Caller) -> tuple[Operator, ...]:
        with self._answering(caller, "operators") as known:
            return self.doors.operators(known)

    def add_operator(self, caller: Caller, name: str, role: Role, pin: Pin) -> Operator:
        with self._answering(caller, "add operator", anybody=True) as known:
            return self.doors.add_operator(known, name, role, pin)

    def set_role(self, caller: Caller, name: str, role: Role) -> Operator:
        with self._answering(caller, "set role") as known:
            return self.doors.set_role(known, name, role)

    def set_disabled(self, caller: Caller, name: str, disabled: bool) -> Operator:
        with self._answering(caller, "disable operator") as known:
            return self.doors.set_disabled(known, name, disabled)

    def reset_pin(self, caller: Caller, name: str, pin: Pin) -> Operator:
        with self._answering(caller, "reset PIN") as known:
            return self.doors.reset_pin(known, name, pin)

    def change_pin(self, caller: Caller, old: Pin, new: Pin) -> Operator:
        with self._answering(caller, "change PIN") as known:
            return self.doors.change_pin(known, old, new)

    def api_clients(self, caller: Caller) -> tuple[ApiClient, ...]:
        with self._answering(caller, "clients") as known:
            return self.doors.api_clients(known)

    def add_api_client(
        self, caller: Caller, name: str, scope: Scope, expires_at: datetime | None
    ) -> NewApiClient:
        with self._answering(caller, "add client") as known:
            return self.doors.add_api_client(known, name, scope, expires_at)

    def revoke_api_client(self, caller: Caller, name: str) -> ApiClient:
        with self._answering(caller, "revoke client") as known:
            return self.doors.revoke_api_client(known, name)
