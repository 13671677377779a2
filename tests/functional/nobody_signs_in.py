"""What a backend without operators answers about who may come in."""

from __future__ import annotations

from datetime import datetime

from backend_client.access import ApiClient, NewApiClient, Operator
from backend_client.domain.caller import Action, Caller, Role
from backend_client.domain.house_limits import HouseLimit, LimitName
from backend_client.domain.pins import Pin
from backend_client.domain.problems import Refused
from backend_client.domain.scopes import Scope


class NobodySignsIn:
    """Who asks is what the settings say."""

    def sign_in_needed(self) -> bool:
        return False

    def operator_names(self) -> tuple[str, ...]:
        return ()

    def who_may(self, caller: Caller, action: Action) -> tuple[str, ...]:
        return ()

    def sign_in(self, caller: Caller, pin: Pin) -> Caller:
        raise Refused("sign-in-refused")

    def house_limits(self, caller: Caller) -> tuple[HouseLimit, ...]:
        return ()

    def set_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit:
        raise Refused("limits-in-settings")

    def confirm_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit:
        raise Refused("limits-in-settings")

    def operators(self, caller: Caller) -> tuple[Operator, ...]:
        return ()

    def add_operator(self, caller: Caller, name: str, role: Role, pin: Pin) -> Operator:
        raise Refused("first-operator-admin")

    def set_role(self, caller: Caller, name: str, role: Role) -> Operator:
        raise Refused("operator-unknown", name=name)

    def set_disabled(self, caller: Caller, name: str, disabled: bool) -> Operator:
        raise Refused("operator-unknown", name=name)

    def reset_pin(self, caller: Caller, name: str, pin: Pin) -> Operator:
        raise Refused("operator-unknown", name=name)

    def change_pin(self, caller: Caller, old: Pin, new: Pin) -> Operator:
        raise Refused("operator-unknown", name=caller.operator)

    def api_clients(self, caller: Caller) -> tuple[ApiClient, ...]:
        return ()

    def add_api_client(
        self, caller: Caller, name: str, scope: Scope, expires_at: datetime | None
    ) -> NewApiClient:
        raise Refused("client-known", name=name)

    def revoke_api_client(self, caller: Caller, name: str) -> ApiClient:
        raise Refused("client-unknown", name=name)
