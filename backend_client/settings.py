"""What a house configures, read from one TOML file into plain values (no pydantic: first paint)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend_client.domain.caller import Role
from backend_client.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class House:
    """Where we are; `environment` (practice, test, live) is on screen at all times."""

    site: str = "0001"
    name: str = "Box office"
    currency: str = "EUR"
    zone: str = "UTC"
    environment: str = "practice"


@dataclass(frozen=True, slots=True)
class Settings:
    house: House = field(default_factory=House)
    policy: Policy = field(default_factory=Policy)
    operators: Mapping[str, Role] = field(default_factory=dict)
    operator: str = ""
    desk: str = "1"
    channel: str = "box-office"
    language: str = "en"
    theme: str = "dark"
    scan_prefix: str = "\x1e"
    keymap: Mapping[str, str] = field(default_factory=dict)
