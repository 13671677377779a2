"""Limits that admins set: what a backend answers about them, and how settings give way to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from backend_client.domain.house_limits import LimitName
from backend_client.settings import Settings

if TYPE_CHECKING:
    from backend_client.domain.caller import Caller
    from backend_client.domain.house_limits import HouseLimit

IN_RUNS = (LimitName.UNATTENDED_ITEMS, LimitName.UNATTENDED_MINOR, LimitName.FOUR_EYES_MINOR)
IN_POLICY = tuple(name for name in LimitName if name not in IN_RUNS)


class Limits(Protocol):
    """For admins. Where the store knows two of them or more, a change waits for a second one."""

    def house_limits(self, caller: Caller) -> tuple[HouseLimit, ...]:
        """Every limit as it is in force, with what waits."""
        ...

    def set_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit:
        """In force at once where there is one admin alone, else what waits for another one, in
        place of what waited before. Raises Refused: `limits-in-settings` while nobody signs in,
        `limit-invalid`."""
        ...

    def confirm_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit:
        """Say yes to a change another admin asked for. Raises Refused: `limit-nothing-waits`,
        `limit-own`, and `limit-differs` where `value` is not what waits."""
        ...


class LimitsFace(ABC):
    """The methods of `Limits` on a backend that keeps them."""

    @property
    @abstractmethod
    def _house_limits(self) -> Limits: ...

    @abstractmethod
    def _answering(
        self, caller: Caller, asked: str, *, anybody: bool = False
    ) -> AbstractContextManager[Caller]:
        """Every answer is a value or a row of the catalogue; who was denied is on record."""

    def house_limits(self, caller: Caller) -> tuple[HouseLimit, ...]:
        with self._answering(caller, "house limits") as known:
            return self._house_limits.house_limits(known)

    def set_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit:
        with self._answering(caller, "set limit") as known:
            return self._house_limits.set_limit(known, name, value)

    def confirm_limit(self, caller: Caller, name: LimitName, value: int | None) -> HouseLimit:
        with self._answering(caller, "confirm limit") as known:
            return self._house_limits.confirm_limit(known, name, value)


def said(settings: Settings) -> dict[LimitName, int | None]:
    """What these settings say about each."""
    runs = {name: getattr(settings.runs, name.value) for name in IN_RUNS}
    return {**runs, **{name: getattr(settings.policy, name.value) for name in IN_POLICY}}


def with_limits(settings: Settings, limits: Mapping[LimitName, int | None]) -> Settings:
    """The settings with these in place of their own."""
    every = {**said(settings), **limits}
    runs: dict[str, Any] = {name.value: every[name] for name in IN_RUNS}
    policy: dict[str, Any] = {name.value: every[name] for name in IN_POLICY}
    return replace(
        settings,
        runs=replace(settings.runs, **runs),
        policy=replace(settings.policy, **policy),
    )
