"""What every part of the Connect backend works with, given once."""

from __future__ import annotations

from dataclasses import dataclass

from backend_client.answering import InForce
from backend_client.connect_settings import ConnectSettings
from backend_client.ports import Clock, TokenSource
from backend_client.remote.client import ConnectClient
from backend_client.remote.journal import Journal
from backend_client.remote.looking import Looking
from backend_client.remote.planning import House


@dataclass(frozen=True, slots=True)
class Context:
    """`holder` names this program in the journal, so that another knows whether it still lives."""

    settings: ConnectSettings
    in_force: InForce
    client: ConnectClient
    journal: Journal
    looking: Looking
    clock: Clock
    tokens: TokenSource
    holder: str

    @property
    def house(self) -> House:
        """With the limits as they are in force now."""
        settings = self.in_force.now
        return House(settings.policy, settings.house.environment, settings.house.zone)
