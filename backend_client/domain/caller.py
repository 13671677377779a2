"""Who asks: part of every question to the backend, and of every record it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    CASHIER = "cashier"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Entrance(StrEnum):
    WINDOW = "window"
    COMMAND_LINE = "command_line"
    API = "api"
    UNATTENDED = "unattended"
    """A timer: nobody looks."""


class Action(StrEnum):
    """Everything a caller can ask for, named once; `may` in permissions.py decides."""

    LOOK_UP = "look_up"
    PREVIEW = "preview"
    REFUND = "refund"
    RECORD_EXTERNAL = "record_external"
    LOAD_GIFT_CARD = "load_gift_card"
    CHANGE_METHOD = "change_method"
    VOID = "void"
    REFUND_BROKEN_GROUP = "refund_broken_group"
    SPEND_CREDIT = "spend_credit"
    IMPORT = "import"
    DOCTOR = "doctor"
    READ_AUDIT = "read_audit"
    SETTLE = "settle"
    RESOLVE = "resolve"
    RECONCILE = "reconcile"
    SIMULATE_RUN = "simulate_run"
    CANCEL_PERFORMANCE = "cancel_performance"
    DISPATCH = "dispatch"


@dataclass(frozen=True, slots=True)
class Caller:
    operator: str
    role: Role
    desk: str
    channel: str
    entrance: Entrance
    correlation_id: str
